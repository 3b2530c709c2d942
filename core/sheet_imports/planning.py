"""From rows of a sheet to drafts: a batch of rows is looked up at once, then judged row by row. 逐行判定。"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

from .. import clock
from ..calendar.zones import local_instant
from ..errors import text
from ..graph.core_kinds import BUILDING, RESIDENT_UNIT
from ..graph.kinds import Kinds
from ..graph.models import OrgNode
from ..graph.paths import child_path, is_beneath
from ..graph.services import create_org
from ..graph.spans import Span
from ..records.record import new_id
from ..registry.micro_grids import answering_for
from ..registry.words import TenureKind
from ..spreadsheets.field import SheetKind
from ..spreadsheets.findings import Level
from ..spreadsheets.rows import SheetRow
from . import homes, people
from .book import Book
from .drafts import Made, RowDraft, Someone
from .homes import Spot
from .people import OWNER, PERSON
from .places import Places

TURNS = 20
"""After so many rows others on the event loop get their turn."""


@dataclass(slots=True)
class Options:
    """What the importer wants: `update` writes what differs, `create_places` makes buildings; `zone` has the days."""

    kind: SheetKind
    fields: Mapping[str, int]
    update: bool = False
    create_places: bool = False
    zone: tzinfo = UTC


@dataclass(slots=True)
class Seen:
    """What earlier rows of the sheet were: their values by a hash, so that a row that comes twice is told."""

    rows: dict[int, int] = field(default_factory=dict)

    def before(self, row: SheetRow) -> int | None:
        """The number of an earlier row with the same values; None for the first, which is kept in mind."""
        key = hash(tuple(sorted((name, str(value)) for name, value in row.values.items())))
        found = self.rows.setdefault(key, row.number)
        return None if found == row.number else found


def span_of(values: Mapping[str, Any], zone: tzinfo) -> Span:
    """From the first day of a row to the end of its last; from now on where it says nothing."""
    since, last = values.get("validFrom"), values.get("validTo")
    start = clock.now() if since is None else local_instant(since, time.min, zone)
    return Span(start, None if last is None else local_instant(last + timedelta(days=1), time.min, zone))


def begun(row: SheetRow, options: Options, seen: Seen) -> RowDraft:
    """The draft of a row with what was found in reading it, and whether it came before."""
    draft = RowDraft(row.number, options.fields, list(row.findings), skipped=row.skipped)
    earlier = None if row.skipped else seen.before(row)
    if earlier is not None:
        draft.find(Level.NOTE, "DUPLICATE_ROW", text("The same as row {earlier}", earlier=earlier))
    return draft


class Planner:
    """Judges the rows of people and homes at one organisation; `writing` where what they come to is written.

    While a sheet is only looked at one planner sees all of it, and finds what earlier rows would have written. A batch
    that is written has a planner of its own, which reads everything anew.
    """

    def __init__(self, kinds: Kinds, places: Places, options: Options, seen: Seen, *, writing: bool) -> None:
        self._kinds, self._places, self._options, self._seen = kinds, places, options, seen
        self._writing = writing
        self._answering: dict[UUID, UUID | None] = {}
        self.book = Book(places.at)
        self._around = homes.Around(self.book, places, self._answering, options.update)

    async def plan(self, rows: Sequence[SheetRow]) -> list[RowDraft]:
        """The drafts of a batch, in order; later rows know what earlier ones write."""
        drafts = [begun(row, self._options, self._seen) for row in rows]
        if self._options.create_places:
            await self._make_buildings(rows, drafts)
        spots = [
            None if draft.refused else homes.spot(self._places, draft, row.values)
            for row, draft in zip(rows, drafts, strict=True)
        ]
        await self._load(rows, spots)
        for number, (row, draft, where) in enumerate(zip(rows, drafts, spots, strict=True)):
            if number % TURNS == TURNS - 1:
                await asyncio.sleep(0)
            self._judge(row, draft, where)
        return drafts

    async def _load(self, rows: Sequence[SheetRow], spots: Sequence[Spot | None]) -> None:
        given = [people.values_of(row.values, who) for row in rows for who in (PERSON, OWNER)]
        numbers = {one["id_number"] for one in given if "id_number" in one}
        names = {one["name"] for one in given if "name" in one and "id_number" not in one}
        lacking = {one["name"] for one in given if "name" in one and "id_number" in one}
        await self.book.load_people(numbers, names, lacking)
        documents = {key for row in rows if (key := people.document_of(row.values)) is not None}
        await self.book.load_documents(documents)
        keys = {where.key for where in spots if where is not None}
        if keys:
            await self.book.load_homes(keys)
            await self.book.load_memberships(self.book.stored_people)
        for where in spots:
            if where is not None and where.node.id not in self._answering:
                self._answering[where.node.id] = await answering_for(where.node)

    async def _make_buildings(self, rows: Sequence[SheetRow], drafts: Sequence[RowDraft]) -> None:
        for row, draft in zip(rows, drafts, strict=True):
            wanted = None if draft.refused else homes.new_building(self._places, row.values)
            if wanted is not None:
                parent, name = wanted
                node = await self._building(parent, name)
                self._places.add(node)
                draft.made.append(Made(OrgNode, node.id, 1))

    async def _building(self, parent: OrgNode, name: str) -> OrgNode:
        if self._writing:
            return await create_org(self._kinds, kind=BUILDING, name=name, parent_id=parent.id)
        id_ = new_id()
        path = child_path(parent.path, id_)
        return OrgNode(id=id_, kind=BUILDING, name=name, parent_id=parent.id, path=path, depth=parent.depth + 1)

    def _judge(self, row: SheetRow, draft: RowDraft, where: Spot | None) -> None:
        if draft.refused or draft.skipped:
            return
        if self._options.kind is SheetKind.PREMISES:
            self._premises(row.values, draft, where)
        else:
            self._person(row.values, draft, where)
        if not draft.refused:
            self.book.take(draft)

    # ── a row of people ──

    def _person(self, values: Mapping[str, Any], draft: RowDraft, where: Spot | None) -> None:
        given = people.values_of(values, PERSON)
        belongs = self._belongs(values, draft, where)
        if draft.refused:
            return
        derived = frozenset({"habitual_residence_id"} if "person.habitualCommunity" not in values else ())
        person = people.plan(
            self.book,
            draft,
            PERSON,
            given,
            belongs,
            derived=derived,
            update=self._options.update,
            document=people.document_of(values),
        )
        if person is None:
            return
        people.plan_document(self.book, draft, person, values)
        if where is None:
            return
        home = self._home(values, draft, where)
        if home is None:
            return
        kind, relation = values.get("tenure.kind"), values.get("household.relation")
        if relation is not None or values.get("household.number") is not None:
            homes.plan_member(self.book, draft, home, person, relation)
        if kind is not None or not (relation or values.get("household.number")):
            self._tenure(values, draft, home, person, kind or TenureKind.OCCUPANT.value)

    def _belongs(self, values: Mapping[str, Any], draft: RowDraft, where: Spot | None) -> dict[str, UUID]:
        """Where a row says that somebody lives, is registered and works; it must have to do with this place."""
        at = self._places.at
        found: dict[str, UUID] = {}
        habitual = values.get("person.habitualCommunity")
        named = None if habitual is None else self._community(draft, habitual, "person.habitualCommunity")
        if habitual is None or (named is not None and named.id == at.id):
            found["habitual_residence_id"] = at.id if where is None else where.node.id
        elif named is not None:
            found["habitual_residence_id"] = named.id
        registered = values.get("person.registeredCommunity")
        there = None if registered is None else self._community(draft, registered, "person.registeredCommunity")
        if there is not None:
            found["registered_residence_id"] = there.id
        employer = values.get("person.employer")
        unit = None if employer is None else self._employer(draft, employer)
        if unit is not None:
            found["employer_id"] = unit.id
        if not any(self._is_here(org_id) for org_id in found.values()):
            told = text("This row is about another place than that at which the sheet is brought in")
            draft.refuse("ROW_ELSEWHERE", told, "person.habitualCommunity")
        return found

    def _is_here(self, org_id: UUID) -> bool:
        node = self._places.nodes.get(org_id)
        return node is not None and is_beneath(node.path, self._places.at.path)

    def _community(self, draft: RowDraft, name: str, field_: str) -> OrgNode | None:
        found = self._places.community(name)
        if len(found) == 1:
            return found[0]
        told = text("There is no community {found} in this district", found=name)
        if found:
            told = text("Several communities are called {found}: give its code", found=name)
        draft.find(Level.WARNING, "COMMUNITY_UNKNOWN", told, field_)
        return None

    def _employer(self, draft: RowDraft, name: str) -> OrgNode | None:
        found = self._places.named(RESIDENT_UNIT, name) or self._places.by_credit_code(name)
        if len(found) == 1:
            return found[0]
        told = text("No unit here has this name or credit code: it is not kept")
        draft.find(Level.NOTE, "EMPLOYER_UNKNOWN", told, "person.employer")
        return None

    # ── a row of homes ──

    def _premises(self, values: Mapping[str, Any], draft: RowDraft, where: Spot | None) -> None:
        if where is None:
            if not draft.refused:
                draft.refuse("PLACE_MISSING", text("A row of homes needs the number of the home"), "place.number")
            return
        home = self._home(values, draft, where)
        who = OWNER if values.get("owner.name") or values.get("owner.idNumber") else PERSON
        given = people.values_of(values, who)
        if home is None or not given:
            return
        belongs = {"habitual_residence_id": where.node.id}
        holder = people.plan(
            self.book, draft, who, given, belongs, derived=frozenset(belongs), update=self._options.update
        )
        if holder is None:
            return
        if values.get("household.relation") is not None and who == PERSON:
            homes.plan_member(self.book, draft, home, holder, values["household.relation"])
        kind = values.get("tenure.kind") or (TenureKind.OWNER if who == OWNER else TenureKind.OCCUPANT).value
        self._tenure(values, draft, home, holder, kind)

    def _home(self, values: Mapping[str, Any], draft: RowDraft, where: Spot) -> Any:
        return homes.plan_home(self._around, draft, where, values)

    def _tenure(self, values: Mapping[str, Any], draft: RowDraft, home: Any, holder: Someone, kind: str) -> None:
        span = span_of(values, self._options.zone)
        said = homes.Said(kind, values.get("tenure.share"), span.start or clock.now(), span.end)
        homes.plan_tenure(self._around, draft, home, holder, said)
