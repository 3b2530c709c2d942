"""A plugin whose effects can be counted: a person for each organisation that is made."""

from __future__ import annotations

from collections.abc import Sequence

from linli.core.deliveries.handlers import EventHandler
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl
from linli.core.records.models import Event

plugin = Plugin(
    name="counting",
    title=Title(en="Counting", zh="计数"),
    description="Made for a test. 测试用。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)

MARK = "effect of "


async def count(_district: District, event: Event, _payload: object) -> None:
    """Leave a row that tells of which event it is."""
    await Person.create(name=f"{MARK}{event.id}", name_key=f"{event.sequence}")


@hookimpl
def linli_event_handlers() -> Sequence[EventHandler]:
    """One handler, of organisations that are made and renamed."""
    told = "Leaves a row for each event. 每个事件留一行。"
    return [EventHandler("counting.count", {"core.org_created": 1, "core.org_updated": 1}, count, told)]
