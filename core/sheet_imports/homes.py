"""Which home a row means, who holds it and who lives there. 行中的房屋、权属与家庭户。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from .. import clock
from ..errors import RejectedError, text
from ..graph.core_kinds import BUILDING, COMPOUND
from ..graph.models import OrgNode
from ..graph.spans import Span
from ..records.record import new_id
from ..registry import micro_grids, refusals, tenures
from ..registry.models import Household, HouseholdMember, Tenure
from ..registry.premises import changed_columns, place_problems, plain, problems
from ..registry.words import HouseholdKind, HouseholdRelation, PremisesUse, TenureKind
from ..registry.writing import one_of, span_problems
from ..spreadsheets.findings import Level
from .book import Book
from .drafts import Changed, Home, NewHousehold, NewMember, NewTenure, RowDraft, Someone
from .places import Places

_VALUES = {
    "floor": "place.floor",
    "area": "premises.area",
    "use": "premises.use",
    "address": "place.address",
    "micro_grid_id": "place.grid",
}
_FIELDS = {
    "number": "place.number",
    "unit": "place.unit",
    "floor": "place.floor",
    "area": "premises.area",
    "use": "premises.use",
    "address": "place.address",
    "microGridId": "place.grid",
    "orgId": "place.building",
}
_TENURE_FIELDS = {"share": "tenure.share", "kind": "tenure.kind", "validTo": "validTo"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a home is by its address: in which organisation, by which entrance and number."""

    node: OrgNode
    unit: str
    number: str

    @property
    def key(self) -> tuple[UUID, str, str]:
        """What homes are found by."""
        return self.node.id, self.unit, self.number


@dataclass(frozen=True, slots=True)
class Said:
    """How somebody holds a home, as a row says it."""

    kind: str
    share: tenures.Share | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What rows are judged by: what is known, where they may mean, which micro-grid answers for what stands in an
    organisation, and whether values that differ are written."""

    book: Book
    places: Places
    answering: Mapping[UUID, UUID | None]
    update: bool


def has_place(values: Mapping[str, Any]) -> bool:
    """Whether a row says where a home is."""
    return values.get("place.number") is not None


def new_building(places: Places, values: Mapping[str, Any]) -> tuple[OrgNode, str] | None:
    """The compound or community, and the name, of a building that a row names and that is not there."""
    name, parent = values.get("place.building"), _parent(places, values)
    if name is None or parent is None or not has_place(values) or _buildings(places, parent, values):
        return None
    return parent, name if not str(name).isdecimal() else f"{name}栋"


def spot(places: Places, draft: RowDraft, values: Mapping[str, Any]) -> Spot | None:
    """The place that a row names; None without one, or with the reason in the draft."""
    if not has_place(values):
        return None
    node = _node(places, draft, values)
    if node is None:
        return None
    found = plain({"unit": values.get("place.unit") or "", "number": values["place.number"]})
    return Spot(node, found["unit"], found["number"])


def _parent(places: Places, values: Mapping[str, Any]) -> OrgNode | None:
    named = values.get("place.compound")
    if named is None:
        return places.at
    found = places.named(COMPOUND, named)
    return found[0] if len(found) == 1 else None


def _buildings(places: Places, parent: OrgNode, values: Mapping[str, Any]) -> list[OrgNode]:
    name = values["place.building"]
    beneath = places.building(parent.id, name)
    # a sheet without a column of compounds may still mean the one building of this name
    return beneath or (places.buildings(name) if values.get("place.compound") is None else [])


def _node(places: Places, draft: RowDraft, values: Mapping[str, Any]) -> OrgNode | None:
    parent = _parent(places, values)
    if parent is None:
        name = values["place.compound"]
        near = places.near(COMPOUND, name)
        told = text("There is no compound {found} here; near: {near}", found=name, near=near)
        if places.named(COMPOUND, name):
            told = text("Several compounds here are called {found}", found=name)
        draft.refuse("COMPOUND_UNKNOWN", told, "place.compound")
        return None
    if values.get("place.building") is None:
        return parent
    found = _buildings(places, parent, values)
    if len(found) == 1:
        return found[0]
    name = values["place.building"]
    if found:
        told = text("Several buildings here are called {found}: name the compound", found=name)
        draft.refuse("BUILDING_AMBIGUOUS", told, "place.building")
        return None
    near = places.near(BUILDING, str(name))
    told = text("There is no building {found} here; near: {near}", found=name, near=near)
    draft.refuse("BUILDING_UNKNOWN", told, "place.building")
    return None


def plan_home(around: Around, draft: RowDraft, where: Spot, values: Mapping[str, Any]) -> Home | None:
    """The premises at a place, with what is to be entered or changed in the draft."""
    answering = around.answering.get(where.node.id)
    given = {column: values[name] for column, name in _VALUES.items() if values.get(name) is not None}
    grid = _grid(around.places, draft, where.node, given)
    wrong = [*place_problems(where.node), *problems({"unit": where.unit, "number": where.number, **given})]
    for problem in wrong:
        draft.refuse(problem.code, problem.message, _FIELDS.get(problem.path))
    if draft.refused:
        return None
    known = around.book.homes.get(where.key)
    if known is None:
        derived = grid is None and answering is not None
        columns: dict[str, Any] = {
            "unit": where.unit,
            "floor": None,
            "number": where.number,
            "area": None,
            "area_basis": None,
            "use": PremisesUse.RESIDENTIAL.value,
            "address": None,
            "micro_grid_id": answering,
        }
        home = Home(new_id(), where.node.id, columns | plain(given))
        draft.homes.append((home, derived))
        return home
    _compare(draft, known, plain(given), update=around.update)
    return known


def _grid(places: Places, draft: RowDraft, node: OrgNode, given: dict[str, Any]) -> UUID | None:
    name = given.pop("micro_grid_id", None)
    if name is None:
        return None
    found = places.grid(name)
    if len(found) != 1:
        told = text("There is no grid {found} here", found=name)
        draft.find(Level.WARNING, "GRID_UNKNOWN", told, "place.grid")
        return None
    wrong = list(micro_grids.grid_problems([places.at], found[0], has_micro_grids=places.has_micro_grids))
    for problem in wrong:
        draft.find(Level.WARNING, problem.code, problem.message, "place.grid")
    if wrong:
        return None
    given["micro_grid_id"] = found[0].id
    return found[0].id


def _compare(draft: RowDraft, known: Home, given: dict[str, Any], *, update: bool) -> None:
    if known.stored is None:  # an earlier row of the same sheet enters it
        changed = {name: value for name, value in given.items() if known.values[name] != value}
        has = known.values
    else:
        changed = changed_columns(known.stored, given)
        has = {name: getattr(known.stored, name) for name in changed}
    for name in list(changed):
        if has[name] is not None and not update:
            del changed[name]
            told = text("Another value is stored; it stays unless differing values are to be written too")
            draft.find(Level.WARNING, "DIFFERS", told, _VALUES.get(name))
    if changed:
        draft.changed.append(Changed(known, changed))


def plan_tenure(around: Around, draft: RowDraft, home: Home, holder: Someone, said: Said) -> None:
    """That somebody holds a home: the same as stored, or to be entered, beside all that others hold of it."""
    there, kind, share = around.book.tenures[home.id], said.kind, said.share
    known = next((one for one in there if (one.person_id, one.kind) == (holder.id, kind)), None)
    if known is not None:
        _compare_share(around, draft, home, known, share)
        return
    owned = ((1, 1) if kind == TenureKind.OWNER else None) if share is None else share
    made = NewTenure(
        new_id(), home.id, holder.id, kind, **tenures.share_columns(owned), valid_from=said.since, valid_to=said.until
    )
    tenure = cast("Tenure", made)
    try:
        refusals.settle(
            [*one_of("kind", kind, TenureKind), *tenures.share_problems(kind, owned), *span_problems(_span(tenure))]
        )
        tenures.check_beside(tenure, [one for one in there if not _span(one).shared(_span(tenure)).empty])
    except RejectedError as error:
        draft.rejected(error, _TENURE_FIELDS, "tenure.share")
        return
    draft.tenures.append((tenure, home))


def _span(tenure: Tenure) -> Span:
    return Span(tenure.valid_from, tenure.valid_to)


def _compare_share(around: Around, draft: RowDraft, home: Home, known: Tenure, share: tenures.Share | None) -> None:
    if share is None or tenures.share_of(known) == share:
        return
    if not around.update or not known._saved_in_db:
        told = text("Another share is stored; it stays unless differing values are to be written too")
        draft.find(Level.WARNING, "DIFFERS", told, "tenure.share")
        return
    wanted = Tenure(
        id=known.id,
        premises_id=known.premises_id,
        person_id=known.person_id,
        kind=known.kind,
        valid_from=known.valid_from,
        valid_to=known.valid_to,
        **tenures.share_columns(share),
    )
    others = [one for one in around.book.tenures[known.premises_id] if one.id != known.id]
    try:
        refusals.settle(tenures.share_problems(known.kind, share))
        tenures.check_beside(wanted, others)
    except RejectedError as error:
        draft.rejected(error, _TENURE_FIELDS, "tenure.share")
        return
    draft.changed.append(Changed(known, tenures.share_columns(share), home))


def plan_member(book: Book, draft: RowDraft, home: Home, person: Someone, relation: str | None) -> None:
    """That somebody lives in a household of a home, as what to its head.

    Of two heads in one home the second begins another household, to which those in the rows after it belong.
    """
    for problem in one_of("relation", relation, HouseholdRelation):
        draft.refuse(problem.code, problem.message, "household.relation")
        return
    mine = book.memberships[person.id]
    here = [one for one in mine if book.housed.get(one.household_id) == home.id]
    if here:
        if relation is not None and here[0].relation != relation:
            told = text("Another relation to the head is stored, and stays")
            draft.find(Level.WARNING, "DIFFERS", told, "household.relation")
        return
    if mine:
        draft.rejected(refusals.in_other_household(), {}, "household.relation")
        return
    wanted = relation or HouseholdRelation.OTHER.value
    household = _household(book, draft, home, wanted)
    made = NewMember(new_id(), household.id, person.id, wanted, clock.now())
    member = cast("HouseholdMember", made)
    draft.members.append((member, home))


def _household(book: Book, draft: RowDraft, home: Home, relation: str) -> Household:
    there = book.households[home.id]
    if there and not (relation == HouseholdRelation.HEAD and _has_head(book, there[-1])):
        return there[-1]
    entered = NewHousehold(new_id(), home.id, HouseholdKind.FAMILY.value, clock.now())
    made = cast("Household", entered)
    draft.households.append((made, home))
    return made


def _has_head(book: Book, household: Household) -> bool:
    return any(one.relation == HouseholdRelation.HEAD for one in book.members[household.id])
