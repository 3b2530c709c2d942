"""Households and who belongs to them; every function runs in a unit of work.

Whoever changes a membership holds the person's row, so that two clients at once do not put somebody into two
households; and the household's, so that it has one head.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from .. import clock
from ..graph.checks import in_utc
from ..graph.spans import Span
from ..graph.unset import UNSET, Unset
from ..people.living import held_living
from ..people.models import Person
from ..records import events
from ..records.provenance import BY_HAND, Stated, begun
from . import refusals
from .event_types import (
    HOUSEHOLD,
    HOUSEHOLD_CREATED,
    HOUSEHOLD_ENDED,
    HOUSEHOLD_MEMBER,
    HOUSEHOLD_UPDATED,
    MEMBER_ADDED,
    MEMBER_ENDED,
    MEMBER_UPDATED,
    HouseholdTold,
    HouseholdValues,
    MemberTold,
    MemberValues,
)
from .models import Household, HouseholdMember, Premises
from .premises import premises_to_use
from .words import HouseholdKind, HouseholdRelation
from .writing import (
    check_version,
    differing,
    during,
    end_of,
    free_id,
    held,
    one_of,
    source_problems,
    span_problems,
    write,
)

MOST_MEMBERS = 100


async def create_household(
    premises_id: UUID,
    members: Sequence[tuple[UUID, str]] = (),
    *,
    kind: str = HouseholdKind.FAMILY,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    household_id: UUID | None = None,
    stated: Stated = BY_HAND,
) -> Household:
    """Enter a household of premises with its members, each a person and what they are to the head.

    Raises ValidationError with every problem, RejectedError PREMISES_ENDED and HOUSEHOLD_HAS_HEAD, PERSON_IN_HOUSEHOLD.
    """
    span = Span(clock.now() if valid_from is UNSET else in_utc(valid_from), in_utc(valid_to))
    refusals.settle([*one_of("kind", kind, HouseholdKind), *span_problems(span), *source_problems(stated)])
    joining = sorted(members)
    for person_id, _ in joining:  # people before premises and in one order, so that no two wait for each other
        await held(Person, person_id, "members.personId")
    premises = await premises_to_use(premises_id, span)
    household = await Household.create(
        id=await free_id(Household, household_id),
        premises_id=premises.id,
        kind=kind,
        valid_from=span.start,
        valid_to=span.end,
        provenance=begun(Household, stated),
    )
    await _tell(HOUSEHOLD_CREATED, household, premises, None, ["premises_id", "kind"])
    for person_id, relation in joining:
        await add_member(household.id, person_id, relation, valid_from=span.start, valid_to=span.end, stated=stated)
    return household


async def update_household(
    household: Household, *, expected_version: int | None = None, stated: Stated = BY_HAND, **values: Any
) -> Household:
    """Correct the `kind` or the `premises_id` of a household; one that moves ends, and another begins."""
    household = await held(Household, household.id)
    check_version(household, expected_version)
    refusals.settle([*one_of("kind", values.get("kind"), HouseholdKind), *source_problems(stated)])
    changed = differing(household, values)
    if not changed:
        return household
    span = Span(household.valid_from, household.valid_to)
    premises = await premises_to_use(changed.get("premises_id", household.premises_id), span)
    before = _values(household, changed)
    await write(household, stated, **changed)
    await _tell(HOUSEHOLD_UPDATED, household, premises, before, changed)
    return household


async def end_household(
    household: Household, at: datetime | None = None, expected_version: int | None = None
) -> Household:
    """End a household and the memberships that still count."""
    household = await held(Household, household.id)
    check_version(household, expected_version)
    end = end_of(household, in_utc(at))
    for member in await HouseholdMember.filter(during(Span(end, None)), household_id=household.id):
        await _end_member(member, household, max(end, member.valid_from or end))
    premises = await Premises.get(id=household.premises_id)
    before = _values(household, ["valid_to"])
    await write(household, valid_to=end)
    await _tell(HOUSEHOLD_ENDED, household, premises, before, ["valid_to"])
    return household


async def add_member(
    household_id: UUID,
    person_id: UUID,
    relation: str,
    *,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    member_id: UUID | None = None,
    stated: Stated = BY_HAND,
) -> HouseholdMember:
    """Let a person join a household. Raises as `create_household` does, and RejectedError HOUSEHOLD_ENDED."""
    span = Span(clock.now() if valid_from is UNSET else in_utc(valid_from), in_utc(valid_to))
    refusals.settle([*one_of("relation", relation, HouseholdRelation), *span_problems(span), *source_problems(stated)])
    await held_living(person_id)
    household = await held(Household, household_id, "householdId")
    member = HouseholdMember(
        id=await free_id(HouseholdMember, member_id),
        household_id=household.id,
        person_id=person_id,
        relation=relation,
        valid_from=span.start,
        valid_to=span.end if span.end is not None else household.valid_to,
        provenance=begun(HouseholdMember, stated),
    )
    await _check_room(member, household)
    try:
        await member.save(force_create=True)
    except IntegrityError as error:  # the database knows of a row that this transaction does not see
        raise refusals.in_other_household() from error
    await _tell_member(MEMBER_ADDED, member, household, None, ["relation", "valid_from", "valid_to"])
    return member


async def update_member(
    member: HouseholdMember, *, expected_version: int | None = None, stated: Stated = BY_HAND, **values: Any
) -> HouseholdMember:
    """Correct the `relation`, `valid_from` or `valid_to` of a membership. Raises as `add_member` does."""
    columns = {name: in_utc(value) if name.startswith("valid") else value for name, value in values.items()}
    await held_living(member.person_id)
    household = await held(Household, member.household_id, "householdId")
    member = await held(HouseholdMember, member.id)
    check_version(member, expected_version)
    changed = differing(member, columns)
    names = ("household_id", "person_id", "relation", "valid_from", "valid_to")
    wanted = HouseholdMember(**{**{name: getattr(member, name) for name in names}, **changed})
    problems = one_of("relation", wanted.relation, HouseholdRelation)
    span = Span(wanted.valid_from, wanted.valid_to)
    refusals.settle([*problems, *span_problems(span), *source_problems(stated)])
    if not changed:
        return member
    await _check_room(wanted, household, but=member.id)
    before = member_values(member, changed)
    await write(member, stated, **changed)
    await _tell_member(MEMBER_UPDATED, member, household, before, changed)
    return member


async def end_member(
    member: HouseholdMember, at: datetime | None = None, expected_version: int | None = None
) -> HouseholdMember:
    """End a membership, now where `at` is not given."""
    household = await held(Household, member.household_id, "householdId")
    member = await held(HouseholdMember, member.id)
    check_version(member, expected_version)
    return await _end_member(member, household, end_of(member, in_utc(at)))


async def _end_member(member: HouseholdMember, household: Household, end: datetime) -> HouseholdMember:
    before = member_values(member, ["valid_to"])
    await write(member, valid_to=end)
    await _tell_member(MEMBER_ENDED, member, household, before, ["valid_to"])
    return member


async def _check_room(member: HouseholdMember, household: Household, but: UUID | None = None) -> None:
    """Whether the person is in no household and the household has no head meanwhile; both rows are held."""
    span = Span(member.valid_from, member.valid_to)
    ended = household.valid_to
    if ended is not None and (span.end is None or span.end > ended or (span.start is not None and span.start >= ended)):
        raise refusals.household_ended()
    same_time = HouseholdMember.filter(during(span))
    if any(one.id != but for one in await same_time.filter(person_id=member.person_id)):
        raise refusals.in_other_household()
    if member.relation == HouseholdRelation.HEAD:
        heads = await same_time.filter(household_id=household.id, relation=HouseholdRelation.HEAD.value)
        if any(one.id != but for one in heads):
            raise refusals.second_head()


def _values(household: Household, columns: Collection[str]) -> HouseholdValues:
    return HouseholdValues(**{name: getattr(household, name) for name in columns})


def member_values(member: HouseholdMember, columns: Collection[str]) -> MemberValues:
    """What an event tells of these columns."""
    return MemberValues(**{name: getattr(member, name) for name in columns})


async def _tell(
    event_type: Any,
    household: Household,
    premises: Premises,
    before: HouseholdValues | None,
    columns: Collection[str],
) -> None:
    told = household_told(household, before, columns)
    await events.append(event_type, HOUSEHOLD, household.id, told, org_id=premises.org_id)


def household_told(household: Household, before: HouseholdValues | None, columns: Collection[str]) -> HouseholdTold:
    """What the event of these columns tells."""
    return HouseholdTold(fields=tuple(sorted(columns)), before=before, after=_values(household, columns))


async def _tell_member(
    event_type: Any,
    member: HouseholdMember,
    household: Household,
    before: MemberValues | None,
    columns: Collection[str],
) -> None:
    premises = await Premises.get(id=household.premises_id)
    await events.append(
        event_type, HOUSEHOLD_MEMBER, member.id, member_told(member, before, columns), org_id=premises.org_id
    )


def member_told(member: HouseholdMember, before: MemberValues | None, columns: Collection[str]) -> MemberTold:
    """What the event of these columns tells."""
    return MemberTold(
        household_id=member.household_id,
        person_id=member.person_id,
        fields=tuple(sorted(columns)),
        before=before,
        after=member_values(member, columns),
    )
