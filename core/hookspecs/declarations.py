"""The hooks that are called while the platform starts: what a plugin consists of. 启动时的钩子。"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..plugins.markers import hookspec

if TYPE_CHECKING:
    import typer
    from pydantic import BaseModel

    from ..deliveries.handlers import EventHandler
    from ..graph.kinds import OrgKind, RelationKind
    from ..inbox.kinds import NoticeKind
    from ..jobs.job_kinds import JobKind
    from ..jobs.timers import TimerKind
    from ..plugins.claims import Name
    from ..plugins.inventory import Installed
    from ..plugins.problems import PluginProblem
    from ..plugins.storage import Storage
    from ..records.event_types import EventType
    from ..registry.thing_kinds import ThingKind


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
def linli_thing_kinds() -> Sequence[ThingKind]:
    """Add kinds of facilities and devices to the registry. 声明设施设备类型。

    Called: once per process at the start, for every installed plugin.
    Returns: kinds, each with a model of its attributes; things of them are invisible where the plugin is off.
    Failure: the platform does not start, and so it is when two plugins define one kind.

    Example::

        @hookimpl
        def linli_thing_kinds() -> Sequence[ThingKind]:
            from linli.plugins.venues.things import DOOR_CONTROLLER

            return [DOOR_CONTROLLER]
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


@hookspec
def linli_event_handlers() -> Sequence[EventHandler]:
    """List what the plugin does about events after their commit. 声明事件处理器。

    Called: once for each district where the plugin is on, when it is opened, and once per process for the names. An
    event that is written while the plugin is on is handled once, also when the server is killed in between; what
    happened before is handled by `linli events replay`.
    Returns: handlers named `<label>.<thing>`, each with the types of events and the versions it was written for.
    Failure: the district is not opened, and the platform does not start when two plugins define one handler.

    Example::

        @hookimpl
        def linli_event_handlers() -> Sequence[EventHandler]:
            from linli.core.deliveries.handlers import EventHandler
            from linli.plugins.volunteer_points.services.awarding import award

            told = "Awards points for hours that became final. 时长确认后发放积分。"
            return [EventHandler("volunteer_points.award", {"volunteer_points.hours_finalized": 1}, award, told)]
    """


@hookspec
def linli_notice_kinds() -> Sequence[NoticeKind]:
    """List of what the plugin tells people in their inbox. 声明消息类型。

    Called: once for each district where the plugin is on, when it is opened, and once per process for the names.
    Returns: kinds named `<label>.<thing>`, with title and text in the words of the plugin's catalogues; notifications
    of them are invisible where the plugin is off. `linli.core.inbox.notifying.notify` writes one, in a unit of work:
    best in a handler of events, which tells it once although the server was killed.
    Failure: the district is not opened, and the platform does not start when two plugins define one kind.

    Example::

        @hookimpl
        def linli_notice_kinds() -> Sequence[NoticeKind]:
            from linli.plugins.venues.notices import NOTICE_KINDS

            return NOTICE_KINDS
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
def linli_jobs() -> Sequence[JobKind]:
    """List the kinds of long work that the plugin has done behind. 声明后台任务类型。

    Called: once for each district where the plugin is on, when it is first asked for, and once per process for the
    names. `linli.core.jobs.asking.ask` has one done, in a unit of work; every process that serves the district may
    carry it out, and goes on where another one died. Where the plugin is off, jobs of it wait and nobody sees them.
    Returns: kinds named `<label>.<thing>`, each with the permission by which others than whoever asked see them.
    Failure: the platform does not start, and so it is when two plugins define one kind.

    Example::

        @hookimpl
        def linli_jobs() -> Sequence[JobKind]:
            from linli.plugins.venues.services.rechecking import RECHECK_ALL

            return [RECHECK_ALL]
    """


@hookspec
def linli_names(installed: Installed) -> Sequence[Name | PluginProblem]:
    """List the names that plugins define through this plugin's own hooks. 列出经由自有钩子定义的名称。

    Called: once per process, before districts are opened, migrated or listed, for every installed plugin that has
    hooks of its own by which others define names; `installed` are all plugins, on or not.
    Returns: a `Name` for each, with the plugin that defines it, and whatever was found wrong on the way.
    Failure: the platform does not start, and so it is when two plugins define one name.

    Example::

        @hookimpl
        def linli_names(installed: Installed) -> Sequence[Name | PluginProblem]:
            return [
                Name("door", door.name, its.plugin, its.at)
                for its in installed.registry.chain("venues_doors")
                for door in its.call({})
            ]
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
