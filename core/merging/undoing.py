"""The way back from a merge, within 30 days; it runs in a unit of work. 撤销合并。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from tortoise.models import Model

from .. import clock
from ..errors import InvalidTransitionError, RejectedError, text
from ..people import services as people
from ..people.merge_events import PERSON_MERGE_UNDONE
from ..people.merge_models import MergeState, PersonMerge
from ..people.models import Person
from ..privacy.models import PersonRequest
from ..privacy.requests import RequestState
from ..records.conditions import where
from ..records.person_keys import PersonErasedError
from ..records.unit_of_work import current_unit
from . import moving
from .deciding import held, hold_both, tell, write

UNDONE_WITHIN = timedelta(days=30)


async def undo(models: Mapping[str, type[Model]], merge: PersonMerge) -> PersonMerge:
    """Make two people of one again: exactly the references that were moved go back, what came later stays.

    `models` are those with tables here, by table; what was moved in a table that is no more went with it. Raises
    InvalidTransitionError where nothing was merged, PersonErasedError, RejectedError UNDO_TOO_LATE, MERGED_FURTHER,
    REQUEST_OPEN, and CHANGED_SINCE with the fields and tables that somebody changed after the merge.
    """
    kept, merged = await hold_both(merge.kept_id, merge.merged_id)
    merge = await held(merge)
    _check(merge, kept, merged)
    if await PersonRequest.filter(person_id=kept.id, state=RequestState.OPEN.value).exists():
        told = text("A request about the data of one of the two waits for an answer: decide it first")
        raise RejectedError(told, code="REQUEST_OPEN", path=("id",))
    moved = [one for one in merge.moved if one["table"] in models]
    before: dict[str, Any] = orjson.loads(merge.before.decrypt()) if merge.before is not None else {}
    await _check_unchanged(kept, before.get("taken", {}), moved, models)
    for one in moved:
        there = await _there(models[one["table"]], one)
        await moving.point(models[one["table"]], one["column"], there, merged.id)
    await _give_back(kept, merged, before)
    await moving.mark(merged, None)
    undone = {"undone_by": current_unit().actor_id, "undone_at": clock.now()}
    await write(merge, state=MergeState.UNDONE.value, **undone)
    await tell(PERSON_MERGE_UNDONE, merge)
    return merge


def _check(merge: PersonMerge, kept: Person, merged: Person) -> None:
    if kept.erased_at is not None or merged.erased_at is not None:
        raise PersonErasedError(text("This person was erased"))
    if merge.state != MergeState.MERGED or merge.decided_at is None:
        raise InvalidTransitionError(text("Only what was merged can be undone"), path=("id",))
    if clock.now() - merge.decided_at > UNDONE_WITHIN:
        told = text("A merge can be undone for {days} days", days=UNDONE_WITHIN.days)
        raise RejectedError(told, code="UNDO_TOO_LATE", path=("id",), details={"days": UNDONE_WITHIN.days})
    if kept.merged_into is not None or merged.merged_into != kept.id:
        told = text("The person was merged with somebody else since: undo that first")
        raise RejectedError(told, code="MERGED_FURTHER", path=("id",))


async def _check_unchanged(
    kept: Person, taken: dict[str, Any], moved: list[dict[str, Any]], models: Mapping[str, type[Model]]
) -> None:
    """Undoing gives back what the merge changed, and overwrites nobody's later word."""
    now = orjson.loads(orjson.dumps(moving.plain(kept, list(taken))))
    fields = sorted(name for name, value in taken.items() if now[name] != value)
    elsewhere = []
    for one in moved:
        model = models[one["table"]]
        there = set(await model.filter(where(one["column"], kept.id)).values_list("id", flat=True))
        if not there.issuperset(await _there(model, one)):
            elsewhere.append(one["table"])
    if fields or elsewhere:
        told = text("What the merge moved was changed since; it can no longer be undone")
        details = {"fields": fields, "tables": sorted(set(elsewhere))}
        raise RejectedError(told, code="CHANGED_SINCE", path=("id",), details=details)


async def _there(model: type[Model], moved: dict[str, Any]) -> list[UUID]:
    """The rows that were moved and are there still: what was kept long enough is gone, and nobody misses it."""
    ids = [UUID(id_) for id_ in moved["ids"]]
    found: list[UUID] = []
    for start in range(0, len(ids), moving.BATCH):
        rows: list[Any] = await model.filter(id__in=ids[start : start + moving.BATCH]).values_list("id", flat=True)
        found += rows
    return found


async def _give_back(kept: Person, merged: Person, before: dict[str, Any]) -> None:
    values = dict(before.get("kept", {}))
    if values:
        if values.get("birth_date") is not None:
            values["birth_date"] = date.fromisoformat(values["birth_date"])
        for name in values.keys() & {"registered_residence_id", "habitual_residence_id", "employer_id"}:
            values[name] = None if values[name] is None else UUID(values[name])
        await people.update_person(kept, None, **values)
        await Person.filter(id=kept.id).update(provenance=before["provenance"])
    await moving.give_back(merged, before.get("id_number"))
