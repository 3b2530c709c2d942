"""Reveals of one operation: judged together, and written down together before any value leaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.expressions import Q

from linli.core.access.reveals import Shown, purpose_problem, record
from linli.core.access.tied import tied_at, tied_rows
from linli.core.access.viewer import unconfirmed
from linli.core.errors import ForbiddenError, RejectedError, ValidationError, text
from linli.core.records import visible
from linli.core.records.conditions import where

if TYPE_CHECKING:
    from tortoise.models import Model

    from linli.schema.context import Context


@dataclass(frozen=True)
class Reveal:
    """One value that somebody asks to see in full: `field` of a row that the viewer sees."""

    model: type[Model]
    id: UUID
    field: str
    permission: str
    purpose: str


@dataclass(frozen=True)
class Places:
    """The rows that may be revealed, each with the node at which, none for one's own; and those that only `wait`."""

    nodes: Mapping[UUID, UUID | None]
    waiting: frozenset[UUID] = frozenset()


async def carry_out(context: Context, asked: Sequence[Reveal]) -> list[Any]:
    """For each None once it is recorded, or why it is refused; one's own values are shown and not recorded."""
    groups = {(one.model, one.permission) for one in asked}
    ids = {group: {one.id for one in asked if (one.model, one.permission) == group} for group in groups}
    places = {group: await places_of(context, *group, ids[group]) for group in groups}
    answers = [_judged(one, places[one.model, one.permission]) for one in asked]
    shown = list(_shown(context, asked, answers, places))
    if shown:
        await record(shown, context.viewer.account_id)
    return answers


async def places_of(context: Context, model: type[Model], permission: str, ids: Set[UUID]) -> Places:
    """Which of the rows may be revealed, and which wait until it is confirmed that they are the viewer's own."""
    sight, viewer = context.district.sight, context.viewer
    found: dict[UUID, UUID | None] = {}
    for lookup in visible.of(model).at:
        within = sight.reach(model, viewer, permission, lookup)
        if within is not None:
            node_id = f"{lookup}_id" if lookup else "id"
            rows: Any = await model.filter(within, id__in=ids - found.keys()).values_list("id", node_id)
            found.update(rows)
    for tied, paths in sight.tied(model, viewer, permission):
        rest = Q(tied_at(tied, paths), where(f"{tied.key}__in", list(ids - found.keys())))
        rows = await tied_rows(tied, rest).values_list(tied.key, f"{tied.at}_id")
        found.update(rows)
    found.update(dict.fromkeys(await _among(model, ids, sight.own(model, viewer))))
    return Places(found, await _among(model, ids, sight.unconfirmed(model, viewer)))


async def _among(model: type[Model], ids: Collection[UUID], condition: Q | None) -> frozenset[UUID]:
    if condition is None:
        return frozenset()
    found: Any = await model.filter(condition, id__in=ids).values_list("id", flat=True)
    return frozenset(found)


def _judged(one: Reveal, places: Places) -> RejectedError | None:
    if one.id not in places.nodes:
        if one.id in places.waiting:
            return unconfirmed(("reveal",))
        told = text("You may not see this in full here")
        return ForbiddenError(told, path=("reveal",), details={"permission": one.permission})
    problem = purpose_problem(one.purpose)
    return None if problem is None else ValidationError(problem)


def _shown(
    context: Context,
    asked: Sequence[Reveal],
    answers: Sequence[RejectedError | None],
    places: Mapping[tuple[type[Model], str], Places],
) -> Iterator[Shown]:
    fields: dict[tuple[str, UUID, UUID, str], set[str]] = {}
    for one, refused in zip(asked, answers, strict=True):
        place = places[one.model, one.permission].nodes.get(one.id)
        if refused is None and place is not None:
            key = context.schema.type_name(one.model), one.id, place, one.purpose.strip()
            fields.setdefault(key, set()).add(one.field)
    for key, names in fields.items():
        yield Shown(*key, tuple(sorted(names)))
