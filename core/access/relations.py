"""Stating, confirming, refusing and ending relations between people; every function runs in a unit of work. 人员关系。

Whoever states a relation is never the one who confirms it, and neither is one of the two (domain R9).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from .. import clock
from ..calendar.zones import local_date
from ..errors import ConflictError, InvalidTransitionError, RejectedError, ValidationError, invalid, text
from ..graph.locks import hold_relations
from ..graph.spans import Span
from ..people.living import held_living
from ..people.models import Person
from ..people.relation_events import (
    PERSON_RELATION,
    RELATION_CLAIMED,
    RELATION_CONFIRMED,
    RELATION_ENDED,
    RELATION_REFUSED,
    PersonRelationTold,
)
from ..people.relation_models import EVIDENCE_LENGTH, PersonRelation
from ..people.relation_rules import (
    Claim,
    Edge,
    GuardianBasis,
    Majority,
    PersonRelationKind,
    PersonRelationState,
    check_guardian,
    closes_loop,
    lasting,
    problems,
)
from ..records import events
from ..records.event_types import EventType
from ..records.unit_of_work import current_unit
from .duties import require_other
from .viewer import Viewer

_STANDING = (PersonRelationState.CLAIMED.value, PersonRelationState.CONFIRMED.value)


async def claim(majority: Majority, areas: Collection[str], stated: Claim, evidence: str | None) -> PersonRelation:
    """State a relation, to be confirmed by somebody else.

    Raises ValidationError, PersonErasedError, and RejectedError with the codes of `check_guardian`, RELATION_EXISTS,
    GUARDIAN_LOOP.
    """
    found = tuple(problems(stated, areas))
    if found:
        raise ValidationError(*found)
    shown = _words(evidence, "evidence", needed=False)
    await held_living(stated.person_id, stated.relative_id)
    await hold_relations(f"person.{stated.kind}")  # rules about several rows: of two at once one sees the other
    basis = await _check(majority, stated)
    relation = await PersonRelation.create(
        kind=stated.kind.value,
        person_id=stated.person_id,
        relative_id=stated.relative_id,
        state=PersonRelationState.CLAIMED.value,
        basis=basis,
        scope=" ".join(sorted(set(stated.scope))) or None,
        valid_from=stated.span.start,
        valid_to=stated.span.end,
        claimed_by=current_unit().actor_id,
        claim_evidence=shown,
    )
    await _tell(RELATION_CLAIMED, relation)
    return relation


async def confirm(
    majority: Majority, relation: PersonRelation, viewer: Viewer, evidence: str, expected_version: int | None
) -> PersonRelation:
    """Confirm what another stated, by evidence in words; the rules are judged anew."""
    await _check_other(relation, viewer)
    shown = _words(evidence, "evidence")
    await hold_relations(f"person.{relation.kind}")
    relation = await _to_decide(relation, expected_version)
    await _check(majority, _claim_of(relation), but=relation.id)
    return await _decide(relation, PersonRelationState.CONFIRMED, RELATION_CONFIRMED, shown)


async def refuse(relation: PersonRelation, viewer: Viewer, reason: str, expected_version: int | None) -> PersonRelation:
    """Refuse what another stated, with reasons."""
    await _check_other(relation, viewer)
    said = _words(reason, "reason")
    relation = await _to_decide(relation, expected_version)
    return await _decide(relation, PersonRelationState.REFUSED, RELATION_REFUSED, said)


async def end(relation: PersonRelation, at: datetime | None, expected_version: int | None) -> PersonRelation:
    """End a relation, now where `at` is not given; one that ends later counts until then."""
    now = clock.now()
    until = at or now
    relation = await _held(relation, expected_version)
    over = relation.valid_to is not None and relation.valid_to <= now
    if relation.state not in _STANDING or over:
        raise InvalidTransitionError(text("This relation is over"), path=("id",))
    if relation.valid_from is not None and until <= relation.valid_from:
        until = relation.valid_from  # it never counted
    if relation.valid_to is not None and until > relation.valid_to:
        raise invalid("at", "END_AFTER_END", "It ends before that already")
    state = PersonRelationState.ENDED.value if until <= now or until == relation.valid_from else relation.state
    changed = {"valid_to": until, "state": state, "ended_by": current_unit().actor_id, "ended_at": now}
    await _write(relation, changed)
    await _tell(RELATION_ENDED, relation)
    return relation


async def _check(majority: Majority, stated: Claim, *, but: UUID | None = None) -> str | None:
    """Judge a relation among the others that stand; the basis of a guardian."""
    ends = {one.id: one for one in await Person.filter(id__in=[stated.person_id, stated.relative_id])}
    person, relative = ends[stated.person_id], ends[stated.relative_id]
    basis: GuardianBasis | None = None
    if stated.kind is PersonRelationKind.GUARDIAN:
        start = majority.today if stated.span.start is None else local_date(stated.span.start, majority.zone)
        basis = check_guardian(majority, person.birth_date, relative.birth_date, stated.basis, start)
    await _check_new(stated, but)
    if basis is not None:
        span = lasting(stated.span, basis, person.birth_date, majority)
        await _check_no_loop(majority, Edge(person.id, relative.id, span), but)
    return None if basis is None else basis.value


async def _check_new(stated: Claim, but: UUID | None) -> None:
    """Refuse a second relation of a kind between the same two at one time; kin are kin from both ends."""
    both = [(stated.person_id, stated.relative_id)]
    if stated.kind is PersonRelationKind.NEXT_OF_KIN:
        both.append((stated.relative_id, stated.person_id))
    for person_id, relative_id in both:
        same = PersonRelation.filter(kind=stated.kind.value, person_id=person_id, relative_id=relative_id)
        for one in await same.filter(state__in=_STANDING):
            if one.id != but and not stated.span.shared(Span(one.valid_from, one.valid_to)).empty:
                told = text("There is such a relation between the two at that time already")
                raise RejectedError(told, code="RELATION_EXISTS", path=("relativeId",))


async def _check_no_loop(majority: Majority, new: Edge, but: UUID | None) -> None:
    """Climb from the guardian over whoever is a guardian of somebody above; statements that wait count too."""
    edges: list[Edge] = []
    passed, level = set[UUID](), {new.guardian}
    while level:
        passed |= level
        rows = PersonRelation.filter(
            kind=PersonRelationKind.GUARDIAN.value, person_id__in=list(level), state__in=_STANDING
        )
        found = [one for one in await rows.select_related("person") if one.id != but]
        edges += [_edge(one, majority) for one in found]
        level = {one.relative_id for one in found} - passed
    if closes_loop(edges, new):
        told = text("The guardian would be, over others, the ward of the own ward")
        raise RejectedError(told, code="GUARDIAN_LOOP", path=("relativeId",))


def _edge(one: PersonRelation, majority: Majority) -> Edge:
    born: date | None = one.person.birth_date
    span = lasting(Span(one.valid_from, one.valid_to), one.basis, born, majority)
    return Edge(one.person_id, one.relative_id, span)


def _claim_of(relation: PersonRelation) -> Claim:
    return Claim(
        kind=PersonRelationKind(relation.kind),
        person_id=relation.person_id,
        relative_id=relation.relative_id,
        span=Span(relation.valid_from, relation.valid_to),
        basis=None if relation.basis is None else GuardianBasis(relation.basis),
        scope=tuple((relation.scope or "").split()),
    )


async def _check_other(relation: PersonRelation, viewer: Viewer) -> None:
    message = text("Somebody else than who stated it, and than the two, decides on a relation")
    await require_other(
        viewer,
        relation.id,
        RELATION_CLAIMED,
        accounts=[relation.claimed_by],
        persons=[relation.person_id, relation.relative_id],
        message=message,
        path=("id",),
    )


async def _held(relation: PersonRelation, expected_version: int | None) -> PersonRelation:
    held = await PersonRelation.filter(id=relation.id).select_for_update().get()
    if expected_version is not None and expected_version != held.version:
        raise ConflictError(text("The record has changed since"), current=held, path=("expectedVersion",))
    return held


async def _to_decide(relation: PersonRelation, expected_version: int | None) -> PersonRelation:
    held = await _held(relation, expected_version)
    if held.state != PersonRelationState.CLAIMED:
        raise InvalidTransitionError(text("This relation is decided already"), path=("id",))
    return held


async def _decide(
    relation: PersonRelation, state: PersonRelationState, told: EventType[Any], shown: str | None
) -> PersonRelation:
    decided = {"decided_by": current_unit().actor_id, "decided_at": clock.now(), "decision_evidence": shown}
    await _write(relation, {"state": state.value, **decided})
    await _tell(told, relation)
    return relation


async def _write(relation: PersonRelation, changed: dict[str, Any]) -> None:
    changed = {**changed, "version": relation.version + 1, "updated_at": clock.now()}
    if not await PersonRelation.filter(id=relation.id, version=relation.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=relation, path=("id",))
    relation.update_from_dict(changed)


async def _tell(event_type: EventType[Any], relation: PersonRelation) -> None:
    person = await Person.get(id=relation.person_id)
    told = PersonRelationTold(
        person_id=relation.person_id, relative_id=relation.relative_id, kind=relation.kind, state=relation.state
    )
    place = person.habitual_residence_id or person.registered_residence_id or person.employer_id
    await events.append(event_type, PERSON_RELATION, relation.id, told, org_id=place)


def _words(given: str | None, argument: str, *, needed: bool = True) -> str | None:
    found = (given or "").strip()
    if len(found) > EVIDENCE_LENGTH or (needed and not found):
        raise invalid(argument, "TEXT", "A text of 1 to {most} characters is expected", most=EVIDENCE_LENGTH)
    return found or None
