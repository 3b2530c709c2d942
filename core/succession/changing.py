"""The use case: a planned change is shown with all that hangs on it, and carried out unless something refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import RejectedError, text
from ..graph.event_types import ORG, ORG_SPLIT, ORGS_MERGED, SuccessionPayload, SuccessionRecords
from ..graph.models import OrgNode
from ..graph.services import Succession, carry_out
from ..records import events
from ..records.models import Event
from . import core_records
from .open_things import Fate, Found, OpenThing, SuccessionChange

if TYPE_CHECKING:
    from ..districts import District

CORE = "core"


async def open_things(district: District, plan: Succession) -> list[Found]:
    """All records that hang on what ends: those of core, and of every plugin with tables here, on or off.

    Raises what a plugin's `linli_succession` raised. Needs the unit of work of the plan.
    """
    change = SuccessionChange(plan.merges, plan.at, plan.sources, plan.target_ids, plan.heir_id)
    stewards = await district.stewards()
    told = await stewards.collect_or_raise("linli_succession", district=district, change=change)
    things = [(CORE, thing) for thing in await core_records.open_things(district, change)]
    things += [(plugin, thing) for plugin, of_plugin in told for thing in of_plugin]
    found = [Found(plugin, thing, await _count(thing)) for plugin, thing in things]
    return [one for one in found if one.count]


async def _count(thing: OpenThing) -> int:
    return await thing.model.filter(thing.rows).count()


async def change_orgs(district: District, plan: Succession, found: Sequence[Found]) -> tuple[list[OrgNode], Event]:
    """Carry out a plan in its unit of work: the successors in their order, and the event that tells of it.

    Raises RejectedError (SUCCESSION_REFUSED, with each kind of record that stands against it) before anything changes.
    """
    refused = [one for one in found if one.thing.fate is Fate.REFUSED]
    if refused:
        raise _refusal(refused)
    targets = await carry_out(district.kinds, plan)
    for one in found:
        if one.thing.act is not None:
            await one.thing.act()
    payload = SuccessionPayload(
        at=plan.at,
        source_ids=plan.source_ids,
        target_ids=list(plan.target_ids),
        heir_id=plan.heir_id,
        moved_ids=[child.id for child in plan.moved],
        records=[
            SuccessionRecords(plugin=one.plugin, what=one.what, fate=one.thing.fate.value, count=one.count)
            for one in found
        ],
    )
    event_type, subject = (ORGS_MERGED, targets[0]) if plan.merges else (ORG_SPLIT, plan.sources[0])
    return targets, await events.append(event_type, ORG, subject.id, payload, org_id=subject.id)


def _refusal(refused: Sequence[Found]) -> RejectedError:
    first = refused[0]
    details = [{"plugin": one.plugin, "what": one.what, "count": one.count} for one in refused]
    message = text(
        "{count} records of {what} ({plugin}) stand against it: {reason}",
        count=first.count,
        what=first.what,
        plugin=first.plugin,
        reason=first.thing.reason,
    )
    return RejectedError(message, code="SUCCESSION_REFUSED", details={"records": details})
