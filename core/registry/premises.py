"""Entering, changing and ending premises; every function runs in a unit of work."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from .. import clock
from ..errors import FieldProblem, text
from ..graph.checks import in_utc
from ..graph.core_kinds import BUILDING, COMMUNITY, COMPOUND
from ..graph.locks import hold_tree
from ..graph.models import OrgNode
from ..graph.spans import Span
from ..graph.unset import UNSET, Unset
from ..records import events
from ..records.encrypted import blind, decrypted, encrypt
from ..records.provenance import BY_HAND, Stated, begun
from . import refusals
from .areas import area_problems
from .event_types import PREMISES, PREMISES_CREATED, PREMISES_ENDED, PREMISES_UPDATED, PremisesTold, PremisesValues
from .micro_grids import answering_for, micro_grid_problems
from .models import PLACE_LENGTH, Household, Premises, Tenure, Thing
from .words import AreaBasis, PremisesUse
from .writing import (
    check_version,
    differing,
    during,
    end_of,
    free_id,
    held,
    one_of,
    printable,
    source_problems,
    span_problems,
    write,
)

STANDS_IN = (BUILDING, COMPOUND, COMMUNITY)
LOWEST, HIGHEST = -20, 200
ADDRESS_LENGTH = 200
_PLACE = ("unit", "number")


def normal_address(address: str) -> str:
    """One spelling of an address: plain width, without spaces, so that equal ones are found."""
    return "".join(unicodedata.normalize("NFKC", address).split())


async def create_premises(
    place: OrgNode,
    *,
    premises_id: UUID | None = None,
    valid_from: datetime | Unset | None = UNSET,
    valid_to: datetime | None = None,
    micro_grid: OrgNode | Unset | None = UNSET,
    stated: Stated = BY_HAND,
    **values: Any,
) -> Premises:
    """Enter premises of a building, compound or community: `unit`, `floor`, `number`, `area`, `use`, `address`, ...

    The area is in hundredths of a square metre. Without a word about the micro-grid it is the one that covers the
    compound. Raises ValidationError with every problem, RejectedError PLACE_TAKEN, ConflictError for an id in use.
    """
    span = Span(clock.now() if valid_from is UNSET else in_utc(valid_from), in_utc(valid_to))
    place = await held_place(place)
    derived = micro_grid is UNSET
    grid_id = await _answering(place, micro_grid)
    refusals.settle([*place_problems(place), *problems(values), *span_problems(span), *source_problems(stated)])
    columns = {"unit": "", **plain(values)}
    await _check_place_free(place.id, columns["unit"], columns["number"], span)
    id_ = await free_id(Premises, premises_id)
    try:
        premises = await Premises.create(
            id=id_,
            org_id=place.id,
            micro_grid_id=grid_id,
            valid_from=span.start,
            valid_to=span.end,
            provenance=begun(Premises, stated, ["micro_grid_id"] if derived and grid_id else ()),
            **kept_columns(id_, columns),
        )
    except IntegrityError as error:  # somebody took the id in the same moment
        raise refusals.id_in_use() from error
    given = {name for name, value in values.items() if value is not None} | ({"micro_grid_id"} if grid_id else set())
    await _tell(PREMISES_CREATED, premises, None, given)
    return premises


async def held_place(place: OrgNode) -> OrgNode:
    """Keep others from entering premises at this organisation meanwhile; the organisation as it is now."""
    return await OrgNode.filter(id=place.id).select_for_update(no_key=True).get()


async def check_place_empty(place: OrgNode) -> None:
    """Keep an organisation that is to end; RejectedError ORG_IN_USE while premises or things stand in it."""
    await hold_tree(alone=True)  # before the row, as everybody who changes the tree holds the two
    await held_place(place)
    still = Q(Q(valid_to=None) | Q(valid_to__gt=clock.now()), org_id=place.id)
    homes, facilities = [await model.filter(still).count() for model in (Premises, Thing)]
    if homes or facilities:
        raise refusals.org_in_use(homes, facilities)


async def update_premises(
    premises_id: UUID,
    *,
    expected_version: int | None = None,
    micro_grid: OrgNode | Unset | None = UNSET,
    stated: Stated = BY_HAND,
    **values: Any,
) -> Premises:
    """Correct what is known of premises; the fields that change get a new source. Raises as `create_premises` does."""
    known = await Premises.get(id=premises_id)
    place = await OrgNode.get(id=known.org_id)
    await held_place(place)
    premises = await held(Premises, premises_id)
    check_version(premises, expected_version)
    if premises.valid_to is not None and premises.valid_to <= clock.now():
        raise refusals.ended()
    wanted = dict(values)
    if micro_grid is not UNSET:
        wanted["micro_grid_id"] = await _answering(place, micro_grid)
    refusals.settle([*problems(values), *source_problems(stated)])
    changed = changed_columns(premises, plain(wanted))
    if not changed:
        return premises
    if changed.keys() & set(_PLACE):
        unit, number = (changed.get(name, getattr(premises, name)) for name in _PLACE)
        await _check_place_free(place.id, unit, number, Span(premises.valid_from, premises.valid_to), premises.id)
    before = told_values(premises, changed)
    await write(premises, stated, **kept_columns(premises.id, changed))
    await _tell(PREMISES_UPDATED, premises, before, changed)
    return premises


async def end_premises(
    premises_id: UUID, *, at: datetime | None = None, expected_version: int | None = None
) -> Premises:
    """End premises, now or in the past; RejectedError PREMISES_IN_USE while somebody holds them or lives there."""
    premises = await held(Premises, premises_id)
    check_version(premises, expected_version)
    if premises.valid_to is not None:
        raise refusals.ended()
    end = end_of(premises, in_utc(at))
    if end > clock.now():
        refusals.settle([FieldProblem("at", "FUTURE", text("{found} is in the future", found=end.isoformat()))])
    await _check_unused(premises, end)
    before = told_values(premises, ["valid_to"])
    await write(premises, valid_to=end)
    await _tell(PREMISES_ENDED, premises, before, ["valid_to"])
    return premises


async def premises_to_use(premises_id: UUID, span: Span, path: str = "premisesId") -> Premises:
    """Premises that somebody holds or lives in during a span, kept from others; RejectedError PREMISES_ENDED."""
    premises = await held(Premises, premises_id, path)
    if premises.valid_to is not None and (span.end is None or span.end > premises.valid_to):
        raise refusals.premises_ended(path)
    return premises


async def _answering(place: OrgNode, micro_grid: OrgNode | Unset | None) -> UUID | None:
    if micro_grid is UNSET:
        return await answering_for(place)
    if micro_grid is None:
        return None
    refusals.settle(await micro_grid_problems(place, micro_grid))
    return micro_grid.id


def place_problems(place: OrgNode) -> Iterator[FieldProblem]:
    """Whether premises can stand in an organisation."""
    if place.kind not in STANDS_IN:
        message = text("Premises stand in: {allowed}; not in {found}", allowed=", ".join(STANDS_IN), found=place.kind)
        yield FieldProblem("orgId", "PREMISES_PLACE", message)
    elif place.valid_to is not None:
        yield FieldProblem("orgId", "ORG_ENDED", text("The organisation has ended before"))


def problems(values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What is wrong with these columns of premises."""
    yield from printable("number", values.get("number"), PLACE_LENGTH)
    yield from printable("unit", values.get("unit"), PLACE_LENGTH, least=0)
    yield from printable("address", values.get("address"), ADDRESS_LENGTH)
    yield from area_problems(values.get("area"))
    yield from one_of("areaBasis", values.get("area_basis"), AreaBasis)
    yield from one_of("use", values.get("use"), PremisesUse)
    floor = values.get("floor")
    if floor is not None and not LOWEST <= floor <= HIGHEST:
        message = text("Between {least} and {most}", least=LOWEST, most=HIGHEST)
        yield FieldProblem("floor", "OUT_OF_RANGE", message)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are compared: places and addresses in one spelling."""
    columns = dict(values)
    for name in _PLACE:
        if name in columns:
            columns[name] = unicodedata.normalize("NFKC", columns[name] or "").strip()
    if columns.get("address") is not None:
        columns["address"] = normal_address(columns["address"])
    return columns


def kept_columns(premises_id: UUID, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are stored: the address encrypted, beside its blind index."""
    kept = dict(columns)
    if "address" in columns:
        kept["address"] = encrypt(Premises, "address", columns["address"], premises_id)
        kept["address_index"] = blind(Premises, "address", columns["address"])
    return kept


def changed_columns(premises: Premises, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Of these columns, spelt as `plain` does, those that have another value."""
    changed = differing(premises, {name: value for name, value in wanted.items() if name != "address"})
    if "address" in wanted and decrypted(premises.address) != wanted["address"]:
        changed["address"] = wanted["address"]
    return changed


async def _check_place_free(place_id: UUID, unit: str, number: str, span: Span, but: UUID | None = None) -> None:
    there = Premises.filter(Q(during(span), org_id=place_id, unit=unit, number=number))
    found = await (there if but is None else there.exclude(id=but)).first()
    if found is not None:
        raise refusals.place_taken(found)


async def _check_unused(premises: Premises, end: datetime) -> None:
    still = Q(Q(valid_to=None) | Q(valid_to__gt=end), premises_id=premises.id)
    counts = [await model.filter(still).count() for model in (Tenure, Household, Thing)]
    if any(counts):
        raise refusals.premises_in_use(*counts)


def told_values(premises: Premises, columns: Collection[str]) -> PremisesValues:
    """What an event tells of these columns."""
    return PremisesValues(**{name: getattr(premises, name) for name in columns if name in PremisesValues.model_fields})


async def _tell(event_type: Any, premises: Premises, before: PremisesValues | None, columns: Collection[str]) -> None:
    await events.append(event_type, PREMISES, premises.id, told_of(premises, before, columns), org_id=premises.org_id)


def told_of(premises: Premises, before: PremisesValues | None, columns: Collection[str]) -> PremisesTold:
    """What the event of these columns tells."""
    return PremisesTold(
        org_id=premises.org_id, fields=tuple(sorted(columns)), before=before, after=told_values(premises, columns)
    )
