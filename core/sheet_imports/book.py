"""What is known of the people and homes that rows speak of: as stored, and as earlier rows will have it. 登记册。

Everything is asked for by sets, a batch of rows at a time, and found again in memory row by row. While a sheet is only
looked at, what its rows would write stays here, so that a second owner finds the share of the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

from .. import clock
from ..access.visibility import beneath
from ..graph.models import OrgNode
from ..graph.paths import is_beneath
from ..people.document_models import IdentityDocument
from ..people.models import Person
from ..people.services import stored
from ..records.conditions import where
from ..records.encrypted import blinds
from ..records.store import current_store
from ..records.unit_of_work import in_unit
from ..registry.models import Household, HouseholdMember, Premises, Tenure
from .drafts import Home, RowDraft, Someone

COLUMNS = (
    *("name", "gender", "birth_date", "id_number", "phone", "party_status"),
    *("registered_residence_id", "habitual_residence_id", "employer_id"),
)
_RESIDENCES = ("registered_residence_id", "habitual_residence_id", "employer_id")
_AT_ONCE = 500
M = TypeVar("M", bound=Model)
PlaceKey = tuple[UUID, str, str]
DocumentKey = tuple[str, str]
"""The kind of a document, and its number as documents are spelt."""


class ChangedMeanwhileError(Exception):
    """Somebody changed a record between reading and writing it, or merged it away: the batch is planned anew."""


class Book:
    """Who and what rows at one organisation speak of."""

    def __init__(self, at: OrgNode) -> None:
        self.at = at
        self.numbers: dict[str, Someone] = {}
        self.names: dict[str, list[Someone]] = defaultdict(list)
        self.documents: dict[DocumentKey, Someone] = {}
        self.homes: dict[PlaceKey, Home] = {}
        self.tenures: dict[UUID, list[Tenure]] = defaultdict(list)
        self.households: dict[UUID, list[Household]] = defaultdict(list)
        self.members: dict[UUID, list[HouseholdMember]] = defaultdict(list)
        self.memberships: dict[UUID, list[HouseholdMember]] = defaultdict(list)
        self.housed: dict[UUID, UUID] = {}
        self._people: dict[UUID, Someone] = {}
        self._asked: set[tuple[str, Any]] = set()
        self._paths: dict[UUID, str] = {at.id: at.path}

    # ── people ──

    async def load_people(self, numbers: Collection[str], names: Collection[str], lacking: Collection[str]) -> None:
        """Learn of the people with these id numbers, of those here with these `names`, and of those here with the
        names of `lacking` of whom no id number is known."""
        await self._by_number([one for one in self._new("number", numbers) if one not in self.numbers])
        for start in range(0, len(fresh := self._new("name", names)), _AT_ONCE):
            await self._take(await Person.filter(self._here(), name__in=fresh[start : start + _AT_ONCE]))
        unknown = [name for name in self._new("lacking", lacking) if ("name", name) not in self._asked]
        for start in range(0, len(unknown), _AT_ONCE):
            some = Person.filter(self._here(), name__in=unknown[start : start + _AT_ONCE], id_number_index=None)
            await self._take(await some)

    async def _by_number(self, numbers: Sequence[str]) -> None:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            indexes = {index: number for number in some for index in blinds(Person, "id_number", number)}
            rows = await Person.filter(id_number_index__in=list(indexes))
            kept = await _kept_instead(rows)
            numbered = {indexes[row.id_number_index or ""]: kept.get(row.merged_into or row.id, row) for row in rows}
            await self._take(list(numbered.values()))
            for number, row in numbered.items():
                someone = self.numbers[number] = self._people[row.id]
                # where it stands with a row that was merged into the person, it is the person's all the same
                someone.values["id_number"] = someone.values["id_number"] or number

    async def load_documents(self, keys: Collection[DocumentKey]) -> None:
        """Learn whose these documents are, as far as they count."""
        fresh: list[DocumentKey] = self._new("document", [key for key in keys if key not in self.documents])
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            numbers = {index: number for _, number in some for index in blinds(IdentityDocument, "number", number)}
            found = await IdentityDocument.filter(number_index__in=list(numbers), counts=True)
            holders = await Person.filter(id__in=[one.person_id for one in found])
            kept = await _kept_instead(holders)
            led = {row.id: kept.get(row.merged_into or row.id, row) for row in holders}
            await self._take(list(led.values()))
            for one in found:
                self.documents[one.kind, numbers[one.number_index or ""]] = self._people[led[one.person_id].id]

    async def _take(self, rows: Iterable[Person]) -> None:
        fresh = [row for row in rows if row.id not in self._people and row.merged_into is None]
        fresh = await _held(Person, fresh)
        if any(row.merged_into is not None for row in fresh):
            raise ChangedMeanwhileError
        await self._learn_paths({getattr(row, name) for row in fresh for name in _RESIDENCES} - {None})
        strangers = [row.id for row in fresh if not self._lives_here(row)]
        holding = await self._holding(strangers) if strangers else set()
        for row in fresh:
            values = {name: stored(row, name) for name in COLUMNS}
            someone = Someone(row.id, values, row, row.id in holding or self._lives_here(row))
            self._people[row.id] = someone
            self.names[row.name].append(someone)
            if values["id_number"] is not None:
                self.numbers[values["id_number"]] = someone

    def _here(self) -> Q:
        ways = [
            Q(beneath(f"{name}__", self.at.path)) for name in ("registered_residence", "habitual_residence", "employer")
        ]
        return Q(Q(*ways, join_type=Q.OR), merged_into=None, erased_at=None)

    async def _learn_paths(self, ids: Collection[UUID]) -> None:
        unknown = [one for one in ids if one not in self._paths]
        if unknown:
            self._paths |= dict(await OrgNode.filter(id__in=unknown).values_list("id", "path"))

    def path(self, org_id: UUID | None) -> str | None:
        """Where an organisation stands that people here belong to."""
        return None if org_id is None else self._paths.get(org_id)

    def _lives_here(self, row: Person) -> bool:
        paths = [self.path(getattr(row, name)) for name in _RESIDENCES]
        return any(path is not None and is_beneath(path, self.at.path) for path in paths)

    async def _holding(self, people: Sequence[UUID]) -> set[UUID]:
        """Those of these people who hold or live in homes here."""
        found: set[UUID] = set()
        for start in range(0, len(people), _AT_ONCE):
            some = list(people[start : start + _AT_ONCE])
            there: Any = Tenure.filter(_lasting(), beneath("premises__org__", self.at.path), person_id__in=some)
            lived: Any = HouseholdMember.filter(
                _lasting(), beneath("household__premises__org__", self.at.path), person_id__in=some
            )
            found |= set(await there.values_list("person_id", flat=True))
            found |= set(await lived.values_list("person_id", flat=True))
        return found

    # ── homes ──

    async def load_homes(self, keys: Collection[PlaceKey]) -> None:
        """Learn of the valid premises at these places, who holds them and who lives there."""
        fresh = self._new("home", [key for key in keys if key not in self.homes])
        numbers: dict[UUID, set[str]] = defaultdict(set)
        for org_id, _, number in fresh:
            numbers[org_id].add(number)
        found: list[Premises] = []
        await _hold_nodes(numbers)
        for org_id, some in numbers.items():
            found += await Premises.filter(_lasting(), org_id=org_id, number__in=list(some))
        fresh_homes = [row for row in found if (row.org_id, row.unit, row.number) not in self.homes]
        homes = await _held(Premises, fresh_homes)
        for row in homes:
            self.homes[row.org_id, row.unit, row.number] = Home(row.id, row.org_id, {}, row)
        await self._load_what_hangs([row.id for row in homes])

    async def _load_what_hangs(self, premises: Sequence[UUID]) -> None:
        for start in range(0, len(premises), _AT_ONCE):
            some = list(premises[start : start + _AT_ONCE])
            for tenure in await Tenure.filter(_lasting(), premises_id__in=some):
                self.tenures[tenure.premises_id].append(tenure)
            households = await Household.filter(_lasting(), premises_id__in=some).order_by("created_at", "id")
            for household in households:
                self.households[household.premises_id].append(household)
                self.housed[household.id] = household.premises_id
            if households:
                ids = [household.id for household in households]
                self._join(await HouseholdMember.filter(_lasting(), household_id__in=ids))

    async def load_memberships(self, people: Collection[UUID]) -> None:
        """Learn in which households these people live, here or elsewhere."""
        fresh = self._new("membership", people)
        for start in range(0, len(fresh), _AT_ONCE):
            self._join(await HouseholdMember.filter(_lasting(), person_id__in=fresh[start : start + _AT_ONCE]))

    def _join(self, members: Iterable[HouseholdMember]) -> None:
        for member in members:
            if all(one.id != member.id for one in self.memberships[member.person_id]):
                self.memberships[member.person_id].append(member)
                self.members[member.household_id].append(member)

    # ── what rows add ──

    def take(self, draft: RowDraft) -> None:
        """Let later rows find what a row writes."""
        for someone, _ in draft.people:
            self._people[someone.id] = someone
            self.names[someone.name].append(someone)
        for changed in draft.changed:
            if isinstance(changed.record, (Someone, Home)):
                changed.record.values |= changed.columns
        for someone in (*(one for one, _ in draft.people), *(one.record for one in draft.changed)):
            if isinstance(someone, Someone) and someone.values.get("id_number") is not None:
                self.numbers[someone.values["id_number"]] = someone
        for document, holder in draft.documents:
            self.documents[document.kind, document.number] = holder
        for home, _ in draft.homes:
            self.homes[home.org_id, home.values["unit"], home.values["number"]] = home
        for tenure, _ in draft.tenures:
            self.tenures[tenure.premises_id].append(tenure)
        for household, _ in draft.households:
            self.households[household.premises_id].append(household)
            self.housed[household.id] = household.premises_id
        self._join(member for member, _ in draft.members)

    def _new(self, what: str, wanted: Iterable[Any]) -> list[Any]:
        fresh = [one for one in dict.fromkeys(wanted) if (what, one) not in self._asked]
        self._asked |= {(what, one) for one in fresh}
        return fresh

    @property
    def stored_people(self) -> list[UUID]:
        """The people who were stored before."""
        return [one.id for one in self._people.values() if one.stored is not None]


async def _kept_instead(rows: Iterable[Person]) -> dict[UUID, Person]:
    """By the ids of those who stand in the place of merged rows: who they are."""
    found: dict[UUID, Person] = {}
    wanted = {row.merged_into for row in rows if row.merged_into is not None}
    while wanted:
        kept = await Person.filter(id__in=list(wanted))
        found |= {row.id: row for row in kept}
        wanted = {row.merged_into for row in kept if row.merged_into is not None} - found.keys()
    for id_, row in list(found.items()):
        while row.merged_into is not None:
            row = found[row.merged_into]  # noqa: PLW2901  led on to the last one
        found[id_] = row
    return found


async def _held(model: type[M], rows: Sequence[M]) -> list[M]:
    """These rows as they are now, and in a unit of work kept from others until its end, as the services keep them."""
    if not rows or not in_unit() or current_store().dialect == "sqlite":
        return list(rows)
    return await model.filter(id__in=[row.pk for row in rows]).order_by("id").select_for_update(no_key=True)


async def _hold_nodes(ids: Collection[UUID]) -> None:
    """Let nobody else enter premises there, nor end the organisation, until the unit of work ends."""
    if ids and in_unit() and current_store().dialect != "sqlite":
        await OrgNode.filter(id__in=list(ids)).order_by("id").select_for_update(no_key=True)


def _lasting() -> Q:
    """The rows that are valid now or will be."""
    return Q(where("valid_to", None), where("valid_to__gt", clock.now()), join_type=Q.OR)
