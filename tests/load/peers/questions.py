"""What all servers are asked, each in its own words, and what they must answer. 对比问题。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID

from linli.core.graph.models import OrgNode
from linli.schema.scalars import global_id, parse_global_id

from ..incidents.models import Incident, IncidentStatus

Variables = dict[str, Any]
POINTS, PAGE, NEWEST = 499, 100, 50
ORG, LESS = ("id", "kind", "code", "name", "depth"), ("id", "code", "name", "depth")
INCIDENT = ("id", "title", "category", "status", "reportedAt", "reporter")
ASKED = (IncidentStatus.REPORTED, IncidentStatus.DISPATCHED)


@dataclass(frozen=True)
class Facts:
    """All rows of one district as they are stored, from which every answer follows."""

    orgs: Sequence[OrgNode]
    incidents: Sequence[Incident]

    @classmethod
    async def read(cls, _district: object = None) -> Facts:
        """To be called in the district's scope."""
        return cls(await OrgNode.all().order_by("code"), await Incident.all().order_by("-reported_at"))

    @cached_property
    def by_id(self) -> dict[UUID, OrgNode]:
        """Organisations."""
        return {org.id: org for org in self.orgs}

    @cached_property
    def beneath(self) -> dict[UUID, list[OrgNode]]:
        """The children of each, by code."""
        found: dict[UUID, list[OrgNode]] = {org.id: [] for org in self.orgs}
        for org in self.orgs:
            if org.parent_id is not None:
                found[org.parent_id].append(org)
        return found

    def of_kind(self, kind: str) -> list[OrgNode]:
        """Organisations of a kind, by code."""
        return [org for org in self.orgs if org.kind == kind]

    def shown(self, org: OrgNode, names: Sequence[str]) -> dict[str, Any]:
        """Fields of an organisation."""
        return {name: getattr(org, name) for name in names}

    def inside(self, org: OrgNode) -> Iterator[Incident]:
        """Incidents beneath an organisation, the newest first."""
        return (each for each in self.incidents if self.by_id[each.org_id].path.startswith(org.path))


@dataclass(frozen=True)
class Question:
    """`mix` are its requests' variables, `answer` what must come; a list in any order where not `ordered`."""

    name: str
    title: str
    mix: Callable[[Facts], Sequence[Variables]]
    answer: Callable[[Facts, Variables], Any]
    ordered: bool = True

    def matches(self, facts: Facts, given: Variables, found: Any) -> bool:
        """Whether an answer, its ids and instants as values, is right."""
        wanted = self.answer(facts, given)
        return bool(found == wanted if self.ordered else _sorted(found) == _sorted(wanted))


def _sorted(lines: Sequence[Mapping[str, Any]]) -> list[Any]:
    return sorted(lines, key=lambda line: (line["name"], line["status"]))


def _points(facts: Facts) -> list[Variables]:
    beneath = [org for org in facts.orgs if org.parent_id is not None]
    return [{"id": beneath[number * 7919 % len(beneath)].id} for number in range(min(POINTS, len(beneath)))]


def _point(facts: Facts, given: Variables) -> Any:
    org = facts.by_id[given["id"]]
    assert org.parent_id is not None
    return facts.shown(org, (*ORG, "version")) | {"parent": {"name": facts.by_id[org.parent_id].name}}


def _pages(facts: Facts) -> list[Variables]:
    spare = max(len(facts.of_kind("COMMUNITY")) - PAGE, 0)
    return [{"offset": offset} for offset in range(0, spare + 1, 10)]


def _page(facts: Facts, given: Variables) -> Any:
    return _tree(facts, facts.of_kind("COMMUNITY")[given["offset"] :][:PAGE], 2, ORG)


def _tree(facts: Facts, orgs: Sequence[OrgNode], levels: int, names: Sequence[str]) -> list[Any]:
    if levels == 1:
        return [facts.shown(org, names) for org in orgs]
    return [
        facts.shown(org, names) | {"children": _tree(facts, facts.beneath[org.id], levels - 1, names)} for org in orgs
    ]


def _streets(facts: Facts) -> list[Variables]:
    return [{"under": org, "status": status.value} for org in facts.of_kind("SUBDISTRICT") for status in ASKED]


def _newest(facts: Facts, given: Variables) -> Any:
    found = [each for each in facts.inside(given["under"]) if each.status == given["status"]]
    return {"totalCount": len(found), "nodes": [_incident(facts, each) for each in found[:NEWEST]]}


def _incident(facts: Facts, each: Incident) -> dict[str, Any]:
    at = {"reportedAt": each.reported_at, "org": {"name": facts.by_id[each.org_id].name}}
    return {name: getattr(each, name) for name in INCIDENT if name != "reportedAt"} | at


def _counts(facts: Facts, _given: Variables) -> Any:
    streets = facts.of_kind("SUBDISTRICT")
    of = {org.id: next((street for street in streets if org.path.startswith(street.path)), org) for org in facts.orgs}
    found = Counter((of[each.org_id].id, each.status) for each in facts.incidents)
    return [
        {"id": street.id, "name": street.name, "status": status.value, "count": found[street.id, status.value]}
        for street in streets
        for status in sorted(IncidentStatus)
        if found[street.id, status.value]
    ]


QUESTIONS = (
    Question("Q1", "one organisation by id, 6 fields, and its parent's name", _points, _point),
    Question("Q2", "100 communities with 10 grids each, 5 fields", _pages, _page),
    Question(
        "Q3",
        "20 subdistricts, 10 communities, 10 grids, 4 fields",
        lambda _facts: [{}],
        lambda facts, _given: _tree(facts, facts.of_kind("SUBDISTRICT"), 3, LESS),
    ),
    Question("Q4", "newest 50 of a status beneath a subdistrict, with the total", _streets, _newest),
    Question("Q5", "how many of each status beneath each subdistrict", lambda _facts: [{}], _counts, ordered=False),
)


class Reports:
    """M1: an incident is reported; every request is another one."""

    def __init__(self, facts: Facts) -> None:
        self._grids = facts.of_kind("GRID")
        self._names = {org.id: org.name for org in self._grids}
        self._numbers = count(1)

    def next(self) -> Variables:
        """What the next one says."""
        number = next(self._numbers)
        grid = self._grids[number * 997 % len(self._grids)]
        told = {"title": f"路灯不亮{number}", "category": "REPAIR", "reporter": f"网格员{number}"}
        return {"orgId": grid.id, **told, "requestId": f"r{number}-{grid.id}"}

    def matches(self, given: Variables, found: Mapping[str, Any]) -> bool:
        """Whether an answer tells what was reported."""
        wanted = {name: given[name] for name in ("title", "category", "reporter")}
        wanted |= {"status": "REPORTED", "org": {"name": self._names[given["orgId"]]}}
        return set(found) == {*wanted, "id", "reportedAt"} and found.items() >= wanted.items()


def plain(value: Any) -> Any:
    """An answer with its ids and instants as values, whichever way a server writes them."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain_field(name, each) for name, each in value.items()}
    return value


def _plain_field(name: str, value: Any) -> Any:
    if name == "id":
        known = parse_global_id(value)
        return known[1] if known else UUID(value)
    return datetime.fromisoformat(value) if name == "reportedAt" else plain(value)


def known_as(type_name: str, id_: UUID) -> str:
    """An id as Linli's clients write it."""
    return global_id(type_name, id_)
