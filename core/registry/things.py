"""Entering, changing and ending facilities and devices; every function runs in a unit of work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from .. import clock
from ..errors import FieldProblem, text
from ..graph.attributes import checked_attributes
from ..graph.checks import in_utc
from ..graph.codes import SYNTAX, syntax_problem
from ..graph.models import OrgNode
from ..graph.spans import Span
from ..graph.unset import UNSET, Unset
from ..records import events
from ..records.provenance import BY_HAND, Stated, begun
from . import refusals
from .event_types import THING, THING_CREATED, THING_ENDED, THING_UPDATED, ThingTold, ThingValues
from .micro_grids import answering_for, micro_grid_problems
from .models import Premises, Thing
from .premises import held_place, premises_to_use
from .thing_kinds import ThingKinds
from .writing import check_version, differing, end_of, free_id, held, printable, source_problems, span_problems, write

LONGEST_NAME = 200


async def create_thing(
    kinds: ThingKinds,
    place: OrgNode,
    *,
    kind: str,
    name: str,
    code: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    premises: Premises | None = None,
    micro_grid: OrgNode | Unset | None = UNSET,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    thing_id: UUID | None = None,
    stated: Stated = BY_HAND,
) -> Thing:
    """Enter a thing that stands at an organisation. Without a word about the micro-grid it is found by its compound.

    Raises ValidationError with every problem (KIND_UNKNOWN, PREMISES_ELSEWHERE, NOT_A_MICRO_GRID among them),
    RejectedError THING_CODE_TAKEN, PREMISES_ENDED.
    """
    of = kinds.thing(kind)
    span = Span(clock.now() if valid_from is UNSET else in_utc(valid_from), in_utc(valid_to))
    kept, problems = checked_attributes(of.attributes, attributes or {})
    place = await held_place(place)
    if place.valid_to is not None:
        problems.append(FieldProblem("orgId", "ORG_ENDED", text("The organisation has ended before")))
    problems += [*_name_problems(name), *_code_problems(code), *span_problems(span), *source_problems(stated)]
    refusals.settle([*problems, *await _grid_problems(place, micro_grid), *await _place_problems(place, premises)])
    if premises is not None:
        await premises_to_use(premises.id, span)
    await _check_code_free(kind, code)
    derived = await answering_for(place) if micro_grid is UNSET else None
    grid_id = derived if micro_grid is UNSET else _id(micro_grid)
    thing = Thing(
        id=await free_id(Thing, thing_id),
        org_id=place.id,
        premises_id=_id(premises),
        kind=kind,
        code=code,
        name=name.strip(),
        attributes=kept,
        micro_grid_id=grid_id,
        valid_from=span.start,
        valid_to=span.end,
        provenance=begun(Thing, stated, ["micro_grid_id"] if derived else ()),
    )
    await _save(thing)
    given = {"kind", "name"} | {column for column, value in _columns(thing).items() if value is not None}
    await _tell(THING_CREATED, thing, None, given)
    return thing


async def update_thing(
    kinds: ThingKinds,
    thing: Thing,
    *,
    expected_version: int | None = None,
    micro_grid: OrgNode | Unset | None = UNSET,
    premises: Premises | Unset | None = UNSET,
    stated: Stated = BY_HAND,
    **values: Any,
) -> Thing:
    """Correct `name`, `code`, `attributes` (as a whole), premises or micro-grid. Raises as `create_thing` does."""
    place = await OrgNode.get(id=thing.org_id)
    thing = await held(Thing, thing.id)
    check_version(thing, expected_version)
    if thing.valid_to is not None and thing.valid_to <= clock.now():
        raise refusals.ended()
    wanted, problems = dict(values), [*_code_problems(values.get("code")), *source_problems(stated)]
    if "attributes" in values:
        wanted["attributes"], wrong = checked_attributes(kinds.thing(thing.kind).attributes, values["attributes"])
        problems += wrong
    if "name" in values:
        problems += _name_problems(values["name"])
        wanted["name"] = values["name"].strip()
    problems += await _grid_problems(place, micro_grid)
    problems += [] if premises is UNSET else await _place_problems(place, premises)
    refusals.settle(problems)
    wanted |= {} if micro_grid is UNSET else {"micro_grid_id": _id(micro_grid)}
    wanted |= {} if premises is UNSET else {"premises_id": _id(premises)}
    changed = differing(thing, wanted)
    if not changed:
        return thing
    if changed.get("premises_id") is not None:
        await premises_to_use(changed["premises_id"], Span(thing.valid_from, thing.valid_to))
    if "code" in changed:
        await _check_code_free(thing.kind, changed["code"], thing.id)
    before = _values(thing, changed)
    await write(thing, stated, **changed)
    await _tell(THING_UPDATED, thing, before, changed)
    return thing


async def end_thing(thing: Thing, at: datetime | None = None, expected_version: int | None = None) -> Thing:
    """End a thing, now where `at` is not given."""
    thing = await held(Thing, thing.id)
    check_version(thing, expected_version)
    end = end_of(thing, in_utc(at))
    before = _values(thing, ["valid_to"])
    await write(thing, valid_to=end)
    await _tell(THING_ENDED, thing, before, ["valid_to"])
    return thing


def _id(row: OrgNode | Premises | None) -> UUID | None:
    return None if row is None else row.id


def _name_problems(name: str | None) -> list[FieldProblem]:
    return list(printable("name", (name or "").strip(), LONGEST_NAME))


def _code_problems(code: str | None) -> list[FieldProblem]:
    return [] if code is None or SYNTAX.fullmatch(code) else [syntax_problem(code)]


async def _grid_problems(place: OrgNode, micro_grid: OrgNode | Unset | None) -> list[FieldProblem]:
    return [] if micro_grid is UNSET or micro_grid is None else await micro_grid_problems(place, micro_grid)


async def _place_problems(place: OrgNode, premises: Premises | None) -> list[FieldProblem]:
    """Whether premises stand at the place or beneath it."""
    if premises is None:
        return []
    stands = await OrgNode.get(id=premises.org_id)
    if stands.path.startswith(place.path):
        return []
    message = text("These premises do not stand at this organisation or beneath it")
    return [FieldProblem("premisesId", "PREMISES_ELSEWHERE", message)]


async def _check_code_free(kind: str, code: str | None, but: UUID | None = None) -> None:
    if code is None:
        return
    others = await Thing.filter(kind=kind, code=code, valid_to=None)
    if any(one.id != but for one in others):
        raise refusals.code_taken(code)


async def _save(thing: Thing) -> None:
    try:
        await thing.save(force_create=True)
    except IntegrityError as error:  # somebody took the code, or the id, in the same moment
        raise refusals.id_in_use() if thing.code is None else refusals.code_taken(thing.code) from error


def _columns(thing: Thing) -> dict[str, Any]:
    return {"code": thing.code, "premises_id": thing.premises_id, "micro_grid_id": thing.micro_grid_id}


def _values(thing: Thing, columns: Collection[str]) -> ThingValues:
    return ThingValues(**{name: getattr(thing, name) for name in columns if name in ThingValues.model_fields})


async def _tell(event_type: Any, thing: Thing, before: ThingValues | None, columns: Collection[str]) -> None:
    told = ThingTold(kind=thing.kind, fields=tuple(sorted(columns)), before=before, after=_values(thing, columns))
    await events.append(event_type, THING, thing.id, told, org_id=thing.org_id)
