"""Relations across the tree: making and ending them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from ... import clock
from ...errors import FieldProblem, text
from ...records import events
from ...records.event_types import EventType
from ...records.record import new_id
from .. import checks, event_types, refusals
from ..attributes import checked_attributes
from ..core_kinds import SUCCEEDED_BY
from ..kinds import Kinds, RelationKind
from ..locks import hold_relations, hold_tree
from ..models import OrgNode, OrgRelation
from ..nodes import known_node
from ..spans import Span
from ..unset import UNSET, Unset


async def create_relation(
    kinds: Kinds,
    *,
    kind: str,
    source_id: UUID,
    target_id: UUID,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    attributes: Mapping[str, Any] | None = None,
    relation_id: UUID | None = None,
) -> OrgRelation:
    """Relate two organisations from `valid_from` (now when not given, None for since ever) to `valid_to` (exclusive).

    The time may lie in the past or the future and may begin before the organisations do: a relation counts only while
    both are valid. Raises ValidationError with every problem, NotFoundError, RejectedError (CYCLE), OverlappingError
    where the same relation is there already or the kind allows one at a time, ConflictError for an id in use.
    """
    relation_kind = kinds.relation(kind)
    start = clock.now() if valid_from is UNSET else checks.in_utc(valid_from)
    span = Span(start, checks.in_utc(valid_to))
    await hold_tree(alone=False)
    await hold_relations(kind)
    source = await known_node(kinds, source_id, "sourceId")
    target = await known_node(kinds, target_id, "targetId")
    kept, problems = checked_attributes(relation_kind.attributes, attributes or {})
    problems += _end_problems(relation_kind, source, target, span)
    if span.empty:
        assert span.end is not None
        problems.append(refusals.end_before_start("validTo", span.end, span.start))
    checks.settle(problems)
    await _check_free(relation_kind, source_id, target_id, span)
    if relation_kind.acyclic:
        await _check_acyclic(kind, source_id, target_id, span)
    relation = OrgRelation(
        id=await _free_id(relation_id),
        kind=kind,
        source_id=source_id,
        target_id=target_id,
        attributes=kept,
        valid_from=span.start,
        valid_to=span.end,
    )
    await _insert(relation)
    await _tell(event_types.RELATION_CREATED, relation)
    return relation


async def end_relation(
    kinds: Kinds, relation_id: UUID, *, at: datetime | Unset = UNSET, expected_version: int | None = None
) -> OrgRelation:
    """Give a relation an end: now, or any instant from its start on that is before the end it has.

    Raises NotFoundError, InvalidTransitionError for one that ends no later, ConflictError for a stale version,
    ValidationError (END_BEFORE_START).
    """
    relation = await OrgRelation.filter(id=relation_id).select_for_update().first()
    if relation is None or relation.kind not in kinds.relations:
        raise refusals.unknown_relation()
    end = checks.in_utc(clock.now() if at is UNSET else at)
    if expected_version is not None and expected_version != relation.version:
        raise refusals.stale(relation, expected_version)
    if relation.valid_to is not None and end >= relation.valid_to:
        raise refusals.ended()
    if relation.valid_from is not None and end < relation.valid_from:
        checks.settle([refusals.end_before_start("at", end, relation.valid_from)])
    await close_relation(relation, end)
    return relation


async def close_relation(relation: OrgRelation, end: datetime) -> None:
    """Write the end of a relation and tell of it."""
    await _write_end(relation, end)
    await _tell(event_types.RELATION_ENDED, relation)


def _end_problems(kind: RelationKind, source: OrgNode, target: OrgNode, span: Span) -> list[FieldProblem]:
    ends = (("sourceId", source, kind.sources), ("targetId", target, kind.targets))
    problems = [_kind_problem(path, node.kind, allowed) for path, node, allowed in ends if not _fits(node, allowed)]
    for path, node, _ in ends:
        if kind.code == SUCCEEDED_BY and path == "sourceId":
            continue  # it begins where its source ends
        if node.valid_to is not None and (span.start is not None and span.start >= node.valid_to):
            problems.append(FieldProblem(path, "ORG_ENDED", text("The organisation has ended before")))
    if source.id == target.id:
        problems.append(FieldProblem("targetId", "SELF", text("An organisation is not related to itself")))
    return problems


def _fits(node: OrgNode, allowed: frozenset[str] | None) -> bool:
    return allowed is None or node.kind in allowed


def _kind_problem(path: str, found: str, allowed: frozenset[str] | None) -> FieldProblem:
    message = text(
        "{found} is not allowed here, only: {allowed}", found=found, allowed=", ".join(sorted(allowed or ()))
    )
    return FieldProblem(path, "RELATION_ENDS", message)


async def _check_free(kind: RelationKind, source_id: UUID, target_id: UUID, span: Span) -> None:
    same = _overlapping(kind.code, span)
    if found := await same.filter(source_id=source_id, target_id=target_id).first():
        raise refusals.already_related(found)
    if kind.cardinality.one_target and (found := await same.filter(source_id=source_id).first()):
        raise refusals.only_one(found, "sourceId")
    if kind.cardinality.one_source and (found := await same.filter(target_id=target_id).first()):
        raise refusals.only_one(found, "targetId")


def _overlapping(kind: str, span: Span) -> QuerySet[OrgRelation]:
    found = OrgRelation.filter(kind=kind)
    if span.end is not None:
        found = found.filter(Q(valid_from=None) | Q(valid_from__lt=span.end))
    if span.start is not None:
        found = found.filter(Q(valid_to=None) | Q(valid_to__gt=span.start))
    return found


async def _check_acyclic(kind: str, source_id: UUID, target_id: UUID, span: Span) -> None:
    """Follow the kind's relations from the target, each way only during the time that all its steps share."""
    frontier: set[tuple[UUID, Span]] = {(target_id, span)}
    seen: set[tuple[UUID, Span]] = set()
    while frontier:
        seen |= frontier
        steps = await _overlapping(kind, span).filter(source_id__in=list({node for node, _ in frontier}))
        reached = {
            (step.target_id, shared)
            for step in steps
            for node, time in frontier
            if node == step.source_id and not (shared := time.shared(Span(step.valid_from, step.valid_to))).empty
        }
        if any(node == source_id for node, _ in reached):
            raise refusals.cycle("targetId")
        frontier = reached - seen


async def _free_id(given: UUID | None) -> UUID:
    relation_id = checks.client_id(given)
    if relation_id is None:
        return new_id()
    other = await OrgRelation.get_or_none(id=relation_id)
    if other is not None:
        raise refusals.id_in_use(other)
    return relation_id


async def _insert(relation: OrgRelation) -> None:
    try:
        await relation.save(force_create=True)
    except IntegrityError as error:
        raise refusals.id_in_use() from error


async def _write_end(relation: OrgRelation, end: datetime) -> None:
    changes = {"valid_to": end, "version": relation.version + 1, "updated_at": clock.now()}
    if not await OrgRelation.filter(id=relation.id, version=relation.version).update(**changes):
        raise refusals.stale(await OrgRelation.get(id=relation.id), relation.version)
    relation.update_from_dict(changes)


async def _tell(event_type: EventType[event_types.RelationPayload], relation: OrgRelation) -> None:
    payload = event_types.RelationPayload(
        kind=relation.kind,
        source_id=relation.source_id,
        target_id=relation.target_id,
        valid_from=relation.valid_from,
        valid_to=relation.valid_to,
        attributes=relation.attributes,
    )
    await events.append(event_type, event_types.RELATION, relation.id, payload, org_id=relation.target_id)
