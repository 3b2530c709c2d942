"""Rows of units and of posts: few in a sheet, so that each is carried out by the services. 单位与任职逐行处理。

While a sheet is only looked at, the same is judged without the services: whether it is there, and what differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from .. import clock
from ..errors import RejectedError, text
from ..graph.core_kinds import COMMUNITY, RESIDENT_UNIT, STATIONED_IN
from ..graph.credit_units import CREDIT_CODE, ids_by_credit_code
from ..graph.kinds import Kinds
from ..graph.models import OrgNode, OrgRelation
from ..graph.paths import is_beneath
from ..graph.services import create_org, create_relation, update_org
from ..graph.services.creation import draft_problems
from ..people.models import Post
from ..people.services import assign_post
from ..spreadsheets.field import SheetKind
from ..spreadsheets.findings import Level
from ..spreadsheets.rows import SheetRow
from .book import Book
from .drafts import Made, RowDraft, Someone
from .places import Places, spelt
from .planning import Options, Seen, begun, span_of

_UNIT_FIELDS = {
    "name": "unit.name",
    "creditCode": "unit.creditCode",
    "nature": "unit.nature",
    "address": "unit.address",
    "phone": "unit.phone",
}
_ATTRIBUTES = ("creditCode", "nature", "address", "phone")


class OneByOne:
    """Judges the rows of units and posts at one organisation, and carries them out where that is `writing`."""

    def __init__(self, kinds: Kinds, places: Places, options: Options, seen: Seen, *, writing: bool) -> None:
        self._kinds, self._places, self._options, self._seen = kinds, places, options, seen
        self._writing = writing
        self._book = Book(places.at)
        self._units: dict[str, OrgNode] = {}
        self._posts: set[tuple[UUID, UUID, str]] = set()

    async def plan(self, rows: Sequence[SheetRow]) -> list[RowDraft]:
        """The drafts of a batch, in order; what they enter is entered already."""
        drafts = []
        for row in rows:
            draft = begun(row, self._options, self._seen)
            if not draft.refused and not draft.skipped:
                await self._row(row.values, draft)
            drafts.append(draft)
        return drafts

    async def _row(self, values: Mapping[str, Any], draft: RowDraft) -> None:
        work = self._unit if self._options.kind is SheetKind.UNITS else self._post
        if not self._writing:
            await work(values, draft)
            return
        try:
            async with in_transaction():  # of a row that is refused nothing stays
                await work(values, draft)
                if draft.refused:
                    raise _UndoneError
        except _UndoneError:
            draft.made.clear()
        except RejectedError as error:
            draft.made.clear()
            draft.rejected(error, {"attributes": "unit.creditCode", "orgId": "post.org", **_UNIT_FIELDS})

    # ── units ──

    async def _unit(self, values: Mapping[str, Any], draft: RowDraft) -> None:
        community = self._community(values, draft)
        known = await self._known_unit(values, draft)
        if draft.refused:
            return
        attributes = {name: values[f"unit.{name}"] for name in _ATTRIBUTES if values.get(f"unit.{name}") is not None}
        if known is None:
            known = await self._enter_unit(values, draft, attributes)
        else:
            known = await self._change_unit(known, values, draft, attributes)
        if known is not None and community is not None:
            await self._station(known, community, draft)

    def _community(self, values: Mapping[str, Any], draft: RowDraft) -> OrgNode | None:
        """The community that the unit is stationed in; None where a sheet of a higher place does not say."""
        named, at = values.get("unit.community"), self._places.at
        if named is None:
            return at if at.kind == COMMUNITY else None
        found = self._places.community(named)
        if len(found) != 1:
            told = text("There is no community {found} in this district", found=named)
            draft.find(Level.WARNING, "COMMUNITY_UNKNOWN", told, "unit.community")
            return None
        if not is_beneath(found[0].path, at.path):
            told = text("This row is about another place than that at which the sheet is brought in")
            draft.refuse("ROW_ELSEWHERE", told, "unit.community")
        return found[0]

    async def _known_unit(self, values: Mapping[str, Any], draft: RowDraft) -> OrgNode | None:
        code, name = values.get("unit.creditCode"), values.get("unit.name")
        if code is not None:
            if code in self._units:
                return self._units[code]
            ids = await ids_by_credit_code(code)
            if ids:
                node = await OrgNode.get(id=ids[0])
                if not is_beneath(node.path, self._places.at.path):
                    told = text("A unit with this credit code is entered elsewhere in the district")
                    draft.refuse("UNIT_ELSEWHERE", told, "unit.creditCode")
                return node
        if name is None:
            draft.refuse("NAME_MISSING", text("A unit needs a name"), "unit.name")
            return None
        alike = self._places.named(RESIDENT_UNIT, name)
        free = [one for one in alike if code is None or one.attributes.get(CREDIT_CODE) in (None, code)]
        if len(free) > 1:
            told = text("Several units here have this name: a credit code is needed")
            draft.refuse("UNIT_AMBIGUOUS", told, "unit.name")
        return free[0] if free else None

    async def _enter_unit(
        self, values: Mapping[str, Any], draft: RowDraft, attributes: dict[str, Any]
    ) -> OrgNode | None:
        at, name = self._places.at, values["unit.name"]
        if self._writing:
            made = await create_org(self._kinds, kind=RESIDENT_UNIT, name=name, parent_id=at.id, attributes=attributes)
        else:
            kind = self._kinds.org(RESIDENT_UNIT)
            for problem in draft_problems(self._kinds, kind, at, name=name, code=None, start=clock.now()):
                draft.refuse(problem.code, problem.message, "unit.name")
            if draft.refused:
                return None
            made = OrgNode(kind=RESIDENT_UNIT, name=name, attributes=attributes, path=at.path, depth=at.depth + 1)
        self._places.add(made)
        if CREDIT_CODE in attributes:
            self._units[attributes[CREDIT_CODE]] = made
        draft.made.append(Made(OrgNode, made.id, 1))
        return made

    async def _change_unit(
        self, node: OrgNode, values: Mapping[str, Any], draft: RowDraft, attributes: dict[str, Any]
    ) -> OrgNode:
        wanted = dict(node.attributes)
        for name, value in attributes.items():
            if wanted.get(name) not in (None, value) and not self._options.update:
                self._differs(draft, f"unit.{name}")
            else:
                wanted[name] = value
        called = values.get("unit.name") or node.name
        if spelt(called) != spelt(node.name) and not self._options.update:
            self._differs(draft, "unit.name")
        name = called if self._options.update else node.name
        if (wanted, name) == (node.attributes, node.name):
            return node
        before = {"name": node.name, "attributes": dict(node.attributes)}
        if self._writing:
            node = await update_org(self._kinds, node.id, name=name, attributes=wanted)
        else:
            node.attributes, node.name = wanted, name
        draft.made.append(Made(OrgNode, node.id, node.version, before=before))
        return node

    def _differs(self, draft: RowDraft, field: str) -> None:
        told = text("Another value is stored; it stays unless differing values are to be written too")
        draft.find(Level.WARNING, "DIFFERS", told, field)

    async def _station(self, unit: OrgNode, community: OrgNode, draft: RowDraft) -> None:
        lasting = Q(valid_to=None) | Q(valid_to__gt=clock.now())
        same = OrgRelation.filter(lasting, kind=STATIONED_IN, source_id=unit.id, target_id=community.id)
        if not unit._saved_in_db or await same.exists():
            return
        if not self._writing:
            draft.made.append(Made(OrgRelation, unit.id, 1))
            return
        made = await create_relation(self._kinds, kind=STATIONED_IN, source_id=unit.id, target_id=community.id)
        draft.made.append(Made(OrgRelation, made.id, 1))

    # ── posts ──

    async def _post(self, values: Mapping[str, Any], draft: RowDraft) -> None:
        kind = values.get("post.kind")
        org = self._org(values, draft)
        person = await self._holder(values, draft)
        if kind is None:
            draft.refuse("POST_MISSING", text("A row of posts needs the post"), "post.kind")
        if draft.refused or org is None or person is None or kind is None:
            return
        span = span_of(values, self._options.zone)
        if span.empty:
            draft.refuse("END_BEFORE_START", text("The end lies before the start"), "validTo")
            return
        lasting = Q(valid_to=None) | Q(valid_to__gt=clock.now())
        same = (person.id, org.id, kind)
        if same in self._posts or await Post.filter(lasting, person_id=person.id, org_id=org.id, kind=kind).exists():
            return
        self._posts.add(same)
        post_id, version = person.id, 1
        if self._writing:
            post_id = (await assign_post(person.id, org.id, kind, span.start, span.end)).id
        draft.made.append(Made(Post, post_id, version, person_id=person.id))

    def _org(self, values: Mapping[str, Any], draft: RowDraft) -> OrgNode | None:
        named = values.get("post.org")
        if named is None:
            return self._places.at
        found = self._places.any_named(named)
        if len(found) == 1:
            return found[0]
        if found:
            told = text("Several organisations here are called {found}: give its code", found=named)
            draft.refuse("ORG_AMBIGUOUS", told, "post.org")
        else:
            draft.refuse("ORG_UNKNOWN", text("There is no organisation {found} here", found=named), "post.org")
        return None

    async def _holder(self, values: Mapping[str, Any], draft: RowDraft) -> Someone | None:
        number, name = values.get("person.idNumber"), values.get("person.name")
        await self._book.load_people([number] if number else [], [name] if name else [], [])
        found = [self._book.numbers[number]] if number in self._book.numbers else []
        if not found and number is None:
            found = [one for one in self._book.names.get(name or "", ()) if one.here]
        where = "person.idNumber" if number else "person.name"
        if len(found) > 1:
            told = text("{count} people of this name here could be meant: an id number is needed", count=len(found))
            draft.refuse("PERSON_AMBIGUOUS", told, where)
            return None
        if not found:
            told = text("Nobody here is meant by this row: people are entered before their posts")
            draft.refuse("PERSON_UNKNOWN", told, where)
            return None
        (person,) = found
        if not person.here:
            told = text("This person is registered elsewhere in the district and is not changed here")
            draft.refuse("PERSON_ELSEWHERE", told, where)
        elif name is not None and person.name != name:
            draft.refuse("NAME_DIFFERS", text("This id number is entered for somebody of another name"), "person.name")
        return person


class _UndoneError(Exception):
    """A row was refused after something of it was written."""
