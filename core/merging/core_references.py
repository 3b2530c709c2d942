"""What core's own tables keep of two people who turn out to be one. 核心数据的合并。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from tortoise.expressions import Q

from ..access.acted_for_models import ActedFor
from ..access.models import Account, PersonClaim
from ..errors import text
from ..files.models import File
from ..graph.spans import Span
from ..inbox.models import ChannelChoice, Notification
from ..people.document_models import IdentityDocument
from ..people.models import Person, Post
from ..people.relation_models import PersonRelation
from ..people.relation_rules import Edge, Majority, PersonRelationKind, PersonRelationState, closes_loop, lasting
from ..privacy.models import Consent, PersonRequest
from ..privacy.requests import RequestState
from ..registry.models import HouseholdMember, Tenure
from ..sheet_imports.models import SheetEntry
from .references import Conflict, Reference

_REFUSED = PersonRelationState.REFUSED.value
_STANDING = [PersonRelationState.CLAIMED.value, PersonRelationState.CONFIRMED.value]


def references(kept_id: UUID, merged_id: UUID) -> tuple[Reference, ...]:
    """Every column of core that leads to a person, but for the merges themselves."""
    between = Q(person_id=kept_id, relative_id=merged_id) | Q(person_id=merged_id, relative_id=kept_id)
    return (
        Reference(Person, "merged_into"),  # who was merged into the one is merged into the other
        Reference(Account),
        Reference(ActedFor),
        Reference(ChannelChoice),
        Reference(Consent),
        Reference(File),
        Reference(HouseholdMember),
        Reference(IdentityDocument),
        Reference(Notification),
        Reference(PersonClaim),
        Reference(PersonRelation, but=between),  # a statement about the two that was refused stays about two rows
        Reference(PersonRelation, "relative_id", but=between),
        Reference(PersonRequest),
        Reference(Post),
        Reference(SheetEntry),
        Reference(Tenure),
    )


async def conflicts(majority: Majority, kept: Person, merged: Person) -> list[Conflict]:
    """All that stands against it and that no rule decides: each with its code."""
    found = [
        *_identities(kept, merged),
        await _accounts(kept.id, merged.id),
        await _requests(kept.id, merged.id),
        *await _consents(kept.id, merged.id),
        await _relatives(kept.id, merged.id),
        await _relations(kept.id, merged.id),
        await _loop(majority, kept, merged),
        await _twice(HouseholdMember, (), kept.id, merged.id, "TWO_HOUSEHOLDS"),
        await _twice(Tenure, ("premises_id",), kept.id, merged.id, "TENURES_OVERLAP"),
        await _twice(Post, ("org_id", "kind"), kept.id, merged.id, "POSTS_OVERLAP"),
    ]
    return [one for one in found if one is not None]


def _identities(kept: Person, merged: Person) -> Iterable[Conflict]:
    """One citizen has one id number for life (Resident Identity Card Law of 2011, art. 3)."""
    numbers = [None if one.id_number is None else one.id_number.decrypt() for one in (kept, merged)]
    if None not in numbers and numbers[0] != numbers[1]:
        told = text("Each of the two has an id number of their own: correct the wrong one first")
        yield Conflict("ID_NUMBERS_DIFFER", told, Person._meta.db_table)


async def _accounts(kept_id: UUID, merged_id: UUID) -> Conflict | None:
    """Who signs in by two accounts that two people were given is for somebody to say, not for a rule."""
    used = Account.filter(disabled_at=None)
    mine, theirs = await used.filter(person_id=kept_id).count(), await used.filter(person_id=merged_id).count()
    if not (mine and theirs):
        return None
    told = text("Both have an account that is in use: disable one of them first")
    return Conflict("TWO_ACCOUNTS", told, Account._meta.db_table, mine + theirs)


async def _requests(kept_id: UUID, merged_id: UUID) -> Conflict | None:
    """What was asked about one of the two is decided before it would be about both (PIPL art. 45 to 50)."""
    waiting = await PersonRequest.filter(person_id__in=[kept_id, merged_id], state=RequestState.OPEN.value).count()
    told = text("A request about the data of one of the two waits for an answer: decide it first")
    return Conflict("REQUEST_OPEN", told, PersonRequest._meta.db_table, waiting) if waiting else None


async def _consents(kept_id: UUID, merged_id: UUID) -> list[Conflict]:
    """One purpose has one word of the person, and a withdrawal is not undone by another row (PIPL art. 15)."""
    last: dict[str, dict[UUID, Consent]] = {}
    for one in await Consent.filter(person_id__in=[kept_id, merged_id]).order_by("given_at", "id"):
        before = last.setdefault(one.purpose, {}).get(one.person_id)
        if before is None or before.withdrawn_at is not None:
            last[one.purpose][one.person_id] = one
    pairs = [list(words.values()) for words in last.values() if len(words) > 1]
    table = Consent._meta.db_table
    differ = sum((one.withdrawn_at is None) != (other.withdrawn_at is None) for one, other in pairs)
    twice = sum(one.withdrawn_at is None and other.withdrawn_at is None for one, other in pairs)
    found = []
    if differ:
        told = text("Of one purpose one of the two withdrew the consent and the other did not: settle it first")
        found.append(Conflict("CONSENTS_DIFFER", told, table, differ))
    if twice:
        told = text("Both agreed to one purpose: withdraw one of the consents first")
        found.append(Conflict("CONSENT_TWICE", told, table, twice))
    return found


async def _relatives(kept_id: UUID, merged_id: UUID) -> Conflict | None:
    between = Q(person_id=kept_id, relative_id=merged_id) | Q(person_id=merged_id, relative_id=kept_id)
    rows = await PersonRelation.filter(between).exclude(state=_REFUSED).count()
    told = text("The two are or were related to each other: nobody is the own relative")
    return Conflict("RELATED", told, PersonRelation._meta.db_table, rows) if rows else None


async def _relations(kept_id: UUID, merged_id: UUID) -> Conflict | None:
    """The same relation of both to a third: it would stand twice, which nobody can state (RELATION_EXISTS)."""
    ends = Q(person_id__in=[kept_id, merged_id]) | Q(relative_id__in=[kept_id, merged_id])
    rows = await PersonRelation.filter(ends, state__in=_STANDING)
    seen: dict[tuple[Any, ...], list[tuple[UUID, Span]]] = {}
    twice = 0
    for row in rows:
        one = row.person_id if row.person_id in (kept_id, merged_id) else row.relative_id
        other = row.relative_id if one == row.person_id else row.person_id
        kin = row.kind == PersonRelationKind.NEXT_OF_KIN
        key = (row.kind, other, kin or one == row.person_id)
        span = Span(row.valid_from, row.valid_to)
        twice += any(whose != one and not span.shared(there).empty for whose, there in seen.get(key, ()))
        seen.setdefault(key, []).append((one, span))
    told = text("Both have the same relation to somebody at one time: end one of them first")
    return Conflict("RELATIONS_OVERLAP", told, PersonRelation._meta.db_table, twice) if twice else None


async def _loop(majority: Majority, kept: Person, merged: Person) -> Conflict | None:
    """Whether somebody would be, over others, the own guardian once the two are one."""
    edges, level, passed = list[Edge](), {kept.id, merged.id}, set[UUID]()
    while level:
        passed |= level
        rows = PersonRelation.filter(
            kind=PersonRelationKind.GUARDIAN.value, person_id__in=list(level), state__in=_STANDING
        )
        found = await rows.select_related("person")
        edges += [_edge(one, majority, kept, merged) for one in found]
        level = {one.relative_id for one in found} - passed
    new = [edge for edge in edges if edge.ward == kept.id]
    if not any(closes_loop([one for one in edges if one is not edge], edge) for edge in new):
        return None
    told = text("The guardian would be, over others, the ward of the own ward")
    return Conflict("GUARDIAN_LOOP", told, PersonRelation._meta.db_table)


def _edge(row: PersonRelation, majority: Majority, kept: Person, merged: Person) -> Edge:
    born: date | None = row.person.birth_date
    ends = [kept.id if id_ == merged.id else id_ for id_ in (row.person_id, row.relative_id)]
    return Edge(ends[0], ends[1], lasting(Span(row.valid_from, row.valid_to), row.basis, born, majority))


class _Spanned(Protocol):
    valid_from: datetime | None
    valid_to: datetime | None


_TWICE = {
    "TWO_HOUSEHOLDS": text("The two belong to households at one time: a person lives in one"),
    "TENURES_OVERLAP": text("Both hold one home at one time: end one of the tenures, whose shares would add up"),
    "POSTS_OVERLAP": text("Both hold the same post at one time: end one of them first"),
}


async def _twice(model: Any, same: Sequence[str], kept_id: UUID, merged_id: UUID, code: str) -> Conflict | None:
    """Rows of both that are alike in these columns and share time."""
    mine, theirs = await model.filter(person_id=kept_id), await model.filter(person_id=merged_id)
    rows = sum(any(_alike(one, other, same) for one in mine) for other in theirs)
    return Conflict(code, _TWICE[code], model._meta.db_table, rows) if rows else None


def _alike(one: Any, other: Any, same: Sequence[str]) -> bool:
    return (
        all(getattr(one, name) == getattr(other, name) for name in same) and not _span(one).shared(_span(other)).empty
    )


def _span(row: _Spanned) -> Span:
    return Span(row.valid_from, row.valid_to)
