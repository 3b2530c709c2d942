"""That two people are one: proposed by one, confirmed or refused by another; each runs in a unit of work. 人员合并。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..access.duties import require_other
from ..access.on_behalf import place_of
from ..access.viewer import Viewer
from ..errors import (
    ConflictError,
    FieldProblem,
    InvalidTransitionError,
    NotFoundError,
    RejectedError,
    ValidationError,
    invalid,
    text,
)
from ..graph.models import OrgNode
from ..people.citizen_id import birth_date
from ..people.merge_events import (
    PERSON_MERGE,
    PERSON_MERGE_PROPOSED,
    PERSON_MERGE_REFUSED,
    PERSONS_MERGED,
    PersonMergeTold,
)
from ..people.merge_models import REASON_LENGTH, MergeState, PersonMerge
from ..people.models import Person
from ..records import events
from ..records.encrypted import update_row
from ..records.person_keys import PersonErasedError
from ..records.unit_of_work import current_unit
from . import moving
from .looking import TAKEABLE, Look, look

if TYPE_CHECKING:
    from ..districts import District


async def hold_both(one: UUID, other: UUID) -> tuple[Person, Person]:
    """Both rows, locked until the commit, in one order whoever asks: of two merges that share somebody one waits."""
    held = {id_: await Person.filter(id=id_).select_for_update().get() for id_ in sorted({one, other})}
    return held[one], held[other]


async def judge(district: District, kept_id: UUID, merged_id: UUID, take: Sequence[str]) -> tuple[Person, Person, Look]:
    """Both people, held, and what a merge would come to; nothing is changed.

    Raises ValidationError (SAME_PERSON; NOTHING_TO_TAKE, BIRTH_DATE_DIFFERS for `take`), PersonErasedError,
    RejectedError MERGED_MEANWHILE.
    """
    if kept_id == merged_id:
        raise invalid("mergedId", "SAME_PERSON", "The two are one already")
    kept, merged = await hold_both(kept_id, merged_id)
    if kept.erased_at is not None or merged.erased_at is not None:
        raise PersonErasedError(text("This person was erased"))
    if kept.merged_into is not None or merged.merged_into is not None:
        raise RejectedError(text("One of the two was merged with somebody meanwhile"), code="MERGED_MEANWHILE")
    _check_taken(kept, merged, take)
    return kept, merged, await look(district, kept, merged)


def _check_taken(kept: Person, merged: Person, take: Sequence[str]) -> None:
    empty = [
        FieldProblem(f"take.{place}", "NOTHING_TO_TAKE", text("The other record has no such value"))
        for place, column in enumerate(take)
        if column not in TAKEABLE or getattr(merged, column) is None
    ]
    if empty:
        raise ValidationError(*empty)
    if "birth_date" in take and kept.id_number is not None and "id_number" not in take:
        number = kept.id_number.decrypt()
        if birth_date(number) != merged.birth_date:
            raise invalid("take", "BIRTH_DATE_DIFFERS", "The id number names another date of birth")


async def propose(district: District, kept_id: UUID, merged_id: UUID, take: Sequence[str], reason: str) -> PersonMerge:
    """Say that two people are one; somebody else confirms it. Raises as `judge` does, ConflictError where that is
    proposed already, RejectedError MERGE_CONFLICTS."""
    said = checked(reason, "reason")
    kept, _, seen = await judge(district, kept_id, merged_id, take)
    pair = Q(kept_id=kept_id, merged_id=merged_id) | Q(kept_id=merged_id, merged_id=kept_id)
    known = await PersonMerge.filter(pair, state=MergeState.PROPOSED.value).first()
    if known is not None:
        raise ConflictError(text("This is proposed already"), current=known, path=("mergedId",))
    refuse_conflicts(seen)
    made = await PersonMerge.create(
        kept_id=kept_id,
        merged_id=merged_id,
        org_id=await place_of(kept) or (await OrgNode.get(parent_id=None, valid_to=None)).id,
        state=MergeState.PROPOSED.value,
        taken=sorted(set(take)),
        reason=said,
        proposed_by=current_unit().actor_id,
    )
    await tell(PERSON_MERGE_PROPOSED, made)
    return made


def refuse_conflicts(seen: Look) -> None:
    """Raise MERGE_CONFLICTS with each conflict's code, plugin, table and number of rows, where there are any."""
    if not seen.conflicts:
        return
    details = [
        {"plugin": plugin, "code": one.code, "what": one.table, "count": one.rows} for plugin, one in seen.conflicts
    ]
    plugin, first = seen.conflicts[0]
    raise RejectedError(first.message, code="MERGE_CONFLICTS", plugin=plugin, details={"conflicts": details})


async def confirm(district: District, merge: PersonMerge, viewer: Viewer) -> PersonMerge:
    """Merge the two that another held to be one; what is merged already stays so.

    Raises SELF_VERIFICATION for the own proposal, and for one of the two, InvalidTransitionError, and as `judge` does.
    """
    await hold_both(merge.kept_id, merge.merged_id)
    merge = await held(merge)
    if merge.state == MergeState.MERGED:
        return merge
    await _check_open_and_other(merge, viewer)
    kept, merged, seen = await judge(district, merge.kept_id, merge.merged_id, merge.taken)
    refuse_conflicts(seen)
    before = await moving.take(kept, merged, merge)
    moved = await moving.lead(seen.found, kept.id)
    await moving.mark(merged, kept.id)
    await write(merge, state=MergeState.MERGED.value, moved=moved, before=before, **_decided())
    await tell(PERSONS_MERGED, merge)
    return merge


async def refuse(merge: PersonMerge, viewer: Viewer, answer: str) -> PersonMerge:
    """Say that the two are not one; they are no candidates any more."""
    merge = await held(merge)
    await _check_open_and_other(merge, viewer)
    await write(merge, state=MergeState.REFUSED.value, answer=checked(answer, "answer"), **_decided())
    await tell(PERSON_MERGE_REFUSED, merge)
    return merge


def checked(given: str, argument: str) -> str:
    """The words that somebody gives, without blanks around them. Raises ValidationError (TEXT)."""
    found = given.strip()
    if not 1 <= len(found) <= REASON_LENGTH:
        raise invalid(argument, "TEXT", "A text of 1 to {most} characters is expected", most=REASON_LENGTH)
    return found


async def held(merge: PersonMerge) -> PersonMerge:
    """The row as it is now, locked until the commit."""
    found = await PersonMerge.filter(id=merge.id).select_for_update().first()
    if found is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("id",))
    return found


async def write(merge: PersonMerge, **columns: Any) -> None:
    """Change a row that is held."""
    changed = {**columns, "version": merge.version + 1, "updated_at": clock.now()}
    await update_row(PersonMerge.all(), merge.id, **changed)
    await merge.refresh_from_db()


async def tell(event_type: Any, merge: PersonMerge) -> None:
    """Append the event that tells of a merge."""
    told = PersonMergeTold(
        kept_id=merge.kept_id,
        merged_id=merge.merged_id,
        taken=tuple(merge.taken),
        references=sum(len(one["ids"]) for one in merge.moved),
    )
    await events.append(event_type, PERSON_MERGE, merge.id, told, org_id=merge.org_id)


def _decided() -> dict[str, Any]:
    return {"decided_by": current_unit().actor_id, "decided_at": clock.now()}


async def _check_open_and_other(merge: PersonMerge, viewer: Viewer) -> None:
    if merge.state != MergeState.PROPOSED:
        raise InvalidTransitionError(text("This merge is decided already"), path=("id",))
    await require_other(
        viewer,
        merge.id,
        PERSON_MERGE_PROPOSED,
        accounts=[merge.proposed_by],
        persons=[merge.kept_id, merge.merged_id],
        message=text("Somebody else than who proposed it, and than the two, decides on a merge"),
        path=("id",),
    )
