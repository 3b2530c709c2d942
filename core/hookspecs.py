"""The hooks of core: what every plugin may contribute to the platform. 核心钩子。

A plugin implements a hook by a function of the same name in its package, marked with `@hookimpl`, that takes those
of the hook's parameters it needs. Hooks that are a plain `def` are called while the platform starts: a failure stops
the start. Those that are `async def` are called while it runs; implementations may be `async def` or `def`.
"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .plugins.markers import hookspec

if TYPE_CHECKING:
    import typer
    from pydantic import BaseModel
    from tortoise.models import Model

    from .access.permissions import Permission
    from .access.roles import RoleContribution
    from .access.visibility import PublicRows
    from .districts.district import District
    from .graph.kinds import OrgKind, RelationKind
    from .jobs.timers import TimerKind
    from .plugins.health import HealthProblem
    from .plugins.storage import Storage
    from .records.event_types import EventType
    from .records.models import Event


@hookspec
def linli_add_hookspecs() -> ModuleType:
    """Declare hooks of the plugin's own, which partners implement with `@hookimpl(of=...)`. 声明插件自己的钩子。

    Called: once per process at the start, for every installed plugin, before any other hook.
    Returns: a module with `@hookspec` functions whose names start with the plugin's label and an underscore.
    Failure: the platform does not start, and so it is when two plugins declare one hook.

    Example::

        @hookimpl
        def linli_add_hookspecs() -> ModuleType:
            from linli.plugins.venues import hookspecs

            return hookspecs
    """


@hookspec
def linli_storage() -> Storage:
    """Name the plugin's models and migrations. 声明数据模型与迁移。

    Called: once per process at the start, for every installed plugin: all models are registered together, while the
    tables exist only in districts where the plugin is or was on.
    Returns: a `Storage` with the dotted paths of the models' module and of the migrations' package.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_storage() -> Storage:
            return Storage(models="linli.plugins.venues.models", migrations="linli.plugins.venues.migrations")
    """


@hookspec
def linli_settings() -> type[BaseModel]:
    """Name the model of the plugin's settings. 声明插件设置。

    Called: once per process at the start, for every installed plugin, before the configuration is read.
    Returns: a pydantic model; `[districts.<key>.settings.<plugin>]` is read with it, and keys it lacks are refused.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_settings() -> type[BaseModel]:
            from linli.plugins.venues.settings import VenueSettings

            return VenueSettings
    """


@hookspec
def linli_permissions() -> Sequence[Permission]:
    """List the permissions that the plugin's operations ask for. 声明权限。

    Called: once per process at the start, for every installed plugin.
    Returns: permissions named `<label>.<thing>.<verb>`; where the plugin is off, grants of them are dormant.
    Failure: the platform does not start, and so it is when two plugins define one permission.

    Example::

        @hookimpl
        def linli_permissions() -> Sequence[Permission]:
            return [Permission("venues.booking.read", "Read bookings. 查看预约。")]
    """


@hookspec
def linli_roles() -> Sequence[RoleContribution]:
    """Add permissions to roles, and new roles with them. 声明角色及其权限。

    Called: once per process at the start, for every installed plugin; a role holds what all plugins that are on in
    the district add to it, until the district's configuration says otherwise.
    Returns: contributions, each a role in kebab-case with the names of permissions.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_roles() -> Sequence[RoleContribution]:
            return [RoleContribution("community-staff", ("venues.booking.read",))]
    """


@hookspec
def linli_public_rows() -> Mapping[type[Model], PublicRows]:
    """Make rows of other packages' models public, such as the units that own a venue. 声明可公开的数据行。

    Called: once for each district where the plugin is on, when the district is opened. The rows are read without a
    token only while the district's `public_directory` is on.
    Returns: for each model a function from a prefix to a condition: the prefix is empty, or leads to the row from
    another model and ends in two underscores.
    Failure: the district is not opened.

    Example::

        @hookimpl
        def linli_public_rows() -> Mapping[type[Model], PublicRows]:
            from linli.core.graph.models import OrgNode
            from linli.plugins.venues.visibility import owners

            return {OrgNode: owners}
    """


@hookspec
def linli_org_kinds() -> Sequence[OrgKind]:
    """Add kinds of organisations to the graph. 声明组织类型。

    Called: once per process at the start, for every installed plugin.
    Returns: kinds, each with its allowed parents; nodes of them are invisible where the plugin is off.
    Failure: the platform does not start, and so it is when two plugins define one kind.

    Example::

        @hookimpl
        def linli_org_kinds() -> Sequence[OrgKind]:
            from linli.plugins.elderly_care.kinds import CARE_CENTRE

            return [CARE_CENTRE]
    """


@hookspec
def linli_relation_kinds() -> Sequence[RelationKind]:
    """Add kinds of relations between organisations. 声明组织关系类型。

    Called: once per process at the start, for every installed plugin.
    Returns: kinds, each with the kinds of organisations it joins; relations of them are invisible where the plugin
    is off.
    Failure: the platform does not start, and so it is when two plugins define one kind.

    Example::

        @hookimpl
        def linli_relation_kinds() -> Sequence[RelationKind]:
            from linli.plugins.elderly_care.kinds import SERVED_BY

            return [SERVED_BY]
    """


@hookspec
def linli_event_types() -> Sequence[EventType[Any]]:
    """List the types of events that the plugin records. 声明事件类型。

    Called: once per process at the start, for every installed plugin.
    Returns: types named `<label>.<event>`, each with the schema of its payload and the class of every key in it.
    Failure: the platform does not start, and so it is when two plugins define one type.

    Example::

        @hookimpl
        def linli_event_types() -> Sequence[EventType[Any]]:
            from linli.plugins.venues.events import BOOKED

            return [BOOKED]
    """


@hookspec(mode="veto")
async def linli_event(district: District, event: Event, payload: BaseModel) -> None:
    """Act on an event while it happens, or refuse it. 响应事件或否决。

    Called: for every event of a district, in the transaction of the change that it tells of, for every plugin that
    is on there: `district` is where it happens, `event` its envelope, `payload` its values as the event type
    declares them. What is written is kept with the change, or not at all; work that may wait belongs into a timer.
    Returns: nothing; raise RejectedError to refuse the change.
    Failure: any other failure refuses the change too, and names the plugin.

    Example::

        @hookimpl
        async def linli_event(district: District, event: Event, payload: BaseModel) -> None:
            if event.type == "core.calendar_changed":
                await reevaluate(district, payload.year)
    """


@hookspec
def linli_timers() -> Sequence[TimerKind]:
    """List the kinds of things that fall due, with what is done then. 声明到期事项。

    Called: once per process at the start, for every installed plugin; what fell due is carried out only where the
    plugin is on, and waits where it is off.
    Returns: kinds of timers named `<label>.<thing>`.
    Failure: the platform does not start, and so it is when two plugins define one kind.

    Example::

        @hookimpl
        def linli_timers() -> Sequence[TimerKind]:
            from linli.plugins.venues.timers import BOOKING_EXPIRES

            return [BOOKING_EXPIRES]
    """


@hookspec
def linli_locale() -> Path:
    """Name the directory of the plugin's gettext catalogues. 声明翻译目录。

    Called: once per process at the start, for every installed plugin.
    Returns: a directory with `<language>/LC_MESSAGES/<label>.po`, languages being `zh_CN` and `en`.
    Failure: the platform does not start.

    Example::

        @hookimpl
        def linli_locale() -> Path:
            return Path(__file__).parent / "locale"
    """


@hookspec
def linli_cli(app: typer.Typer) -> None:
    """Add commands to `linli`. 声明命令行命令。

    Called: once when the command `linli` starts, for every installed plugin, before the command line is read; `app`
    is the application that holds all commands.
    Returns: nothing; commands are added to `app`, those of a plugin as a group of the plugin's name.
    Failure: the command does not start.

    Example::

        @hookimpl
        def linli_cli(app: typer.Typer) -> None:
            from linli.plugins.venues.cli import venues

            app.add_typer(venues, name="venues")
    """


@hookspec(time_limit=600.0)
async def linli_demo(district: District) -> None:
    """Fill a demonstration district with data. 生成演示数据。

    Called: by the command that sets up the demo, once per demo district where the plugin is on, in the district's
    scope, after core has made its organisations and people and dependencies have made theirs; `district` is the
    district. Everything it makes of persons is plainly synthetic.
    Returns: nothing.
    Failure: is logged and reported at the end; the other plugins' data are made.

    Example::

        @hookimpl
        async def linli_demo(district: District) -> None:
            from linli.plugins.venues import demo

            await demo.create(district)
    """


@hookspec
async def linli_check(district: District) -> Sequence[HealthProblem]:
    """Look whether the plugin can do its work in a district. 健康检查。

    Called: by `linli check` and by /readyz, for every district where the plugin is on, in the district's scope;
    `district` is the district. It reads, and changes nothing.
    Returns: what is wrong, nothing personal in it; an empty sequence or None when all is well.
    Failure: counts as a fatal problem of this plugin, also when the time is up; the others are asked all the same.

    Example::

        @hookimpl
        async def linli_check(district: District) -> Sequence[HealthProblem]:
            from linli.plugins.venues.models import Venue

            if await Venue.exists():
                return []
            return [HealthProblem(message="There is no venue.", remedy="Create the venues that residents may book.")]
    """


@hookspec(reverse=True)
async def linli_shutdown() -> None:
    """Give back what the plugin holds in this process: connections, clients, files. 关闭时释放资源。

    Called: once per process when the server stops, after the last request, for every plugin that is on in a district
    of the process; dependents before dependencies.
    Returns: nothing.
    Failure: is logged; the other plugins are asked all the same.

    Example::

        @hookimpl
        async def linli_shutdown() -> None:
            from linli.plugins.venues.doors import client

            await client.close()
    """
