"""The hooks that are called while the platform runs. 运行中的钩子。"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from ..plugins.markers import hookspec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ..districts.district import District
    from ..inbox.channels import Channel
    from ..merging.references import Merging
    from ..plugins.figures import Figure
    from ..plugins.health import HealthProblem
    from ..privacy.holdings import Erasure, Records
    from ..records.models import Event
    from ..succession.open_things import OpenThing, SuccessionChange


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


@hookspec(time_limit=60.0)
async def linli_person_export(district: District, person_id: UUID) -> Sequence[Records]:
    """Hand out everything that the plugin keeps of a person. 提供个人信息副本。

    Called: when a person, or staff for one, asks for a copy, in the district's scope: `district` is the district,
    `person_id` the person. All installed plugins whose tables exist there are asked, those that are off too.
    Returns: the rows of each table, JSON values by column, each row with its `id`: the events of these records are
    handed out with them. `export_rows` of `linli.core.privacy.holdings` makes them of a declaration.
    Failure: nothing is handed out, since it would not be everything.

    Example::

        @hookimpl
        async def linli_person_export(person_id: UUID) -> Sequence[Records]:
            from linli.core.privacy.holdings import export_rows
            from linli.plugins.venues.services.persons import HOLDINGS

            return await export_rows(HOLDINGS, person_id)
    """


@hookspec(time_limit=60.0)
async def linli_person_erase(district: District, person_id: UUID) -> Erasure:
    """Erase or anonymise what the plugin keeps of a person, or say why it is kept. 删除个人信息。

    Called: when an erasure is confirmed, in the transaction in which core erases the person at last: `district` is
    the district, which is entered, `person_id` the person. All installed plugins whose tables exist there are asked,
    those that are off too. Rows stay and keep pointing to the person, who has no name any more; values that tell of
    the person, free text above all, are made empty, and what lies ahead is called off.
    Returns: what was made empty, and what is kept for which reason. `erase_rows` of `linli.core.privacy.holdings`
    makes both of a declaration.
    Failure: nobody is erased, in no plugin.

    Example::

        @hookimpl
        async def linli_person_erase(person_id: UUID) -> Erasure:
            from linli.core.privacy.holdings import erase_rows
            from linli.plugins.venues.services.persons import HOLDINGS

            return await erase_rows(HOLDINGS, person_id)
    """


@hookspec(time_limit=60.0)
async def linli_person_merge(district: District, kept_id: UUID, merged_id: UUID) -> Merging:
    """Say which of the plugin's columns point at a person, and what stands against two people being one. 合并人员。

    Called: for a preview and for a real merge, in the transaction that holds both people: `district` is the district,
    which is entered, `kept_id` the person who stays, `merged_id` the one who was entered a second time. All installed
    plugins whose tables exist there are asked, those that are off too. Core leads the rows of these columns to the
    person who stays and notes which they were, so that undoing gives back exactly those.
    Returns: every reference, whether it has rows or not, and the conflicts that no rule decides: one of them keeps the
    two from being merged.
    Failure: nobody is merged, in no plugin.

    Example::

        @hookimpl
        async def linli_person_merge(kept_id: UUID, merged_id: UUID) -> Merging:
            from linli.plugins.venues.services.merging import merging

            return await merging(kept_id, merged_id)
    """


@hookspec(time_limit=60.0)
async def linli_succession(district: District, change: SuccessionChange) -> Sequence[OpenThing]:
    """Say what becomes of the plugin's records when organisations are merged or split. 撤并与拆分中的业务数据。

    Called: for a dry run and for a real one, in the transaction that keeps the tree as it is, before it changes:
    `district` is the district, which is entered, `change` what is to happen. All installed plugins whose tables exist
    there are asked, those that are off too.
    Returns: for each kind of record that hangs on `change.sources` which rows, their fate and the reason: KEPT stays
    with its history, ENDED and MOVED are done by `act` once the tree has changed, REFUSED keeps all of it from
    happening. Rows are never pointed at a successor; `linli.core.graph.queries` tells who stands in the place of an
    organisation that has ended.
    Failure: nothing is merged or split.

    Example::

        @hookimpl
        async def linli_succession(change: SuccessionChange) -> Sequence[OpenThing]:
            from linli.plugins.venues.services.succession import open_things

            return await open_things(change)
    """


@hookspec
def linli_channels(district: District) -> Mapping[str, Channel]:
    """Add channels by which notifications are sent beside the inbox, such as a city's gateway for SMS. 声明通知渠道。

    Called: once for each district where the plugin is on, when it is opened; `district` is the district.
    Returns: channels by their names in small letters; each is told of every notification by a handler of its own, in
    order per person, again at longer and longer intervals while it fails, and not what a person does not want by it.
    Failure: the district is not opened, and so it is when two plugins give one name.

    Example::

        @hookimpl
        def linli_channels(district: District) -> Mapping[str, Channel]:
            from linli.core.channels.file import JsonLines

            return {"file": JsonLines(district.data / "messages.jsonl", personal=False)}
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


@hookspec
async def linli_stats(district: District) -> Sequence[Figure]:
    """Count what tells how much the plugin is used in a district. 统计指标。

    Called: by `linli stats` and by /graphql/platform, for every district where the plugin is on, in the district's
    scope; `district` is the district. It reads, and changes nothing; it has a few seconds, so it counts by indexes.
    Returns: a few figures of the whole district. One that counts people says `people=True`, and is withheld where it
    would tell of single people.
    Failure: is logged; the district's other figures are told, and that this plugin's are missing.

    Example::

        @hookimpl
        async def linli_stats() -> Sequence[Figure]:
            from linli.plugins.venues.figures import figures

            return await figures()
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
