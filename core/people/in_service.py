"""In-service party members: whom a unit employs and who is a member of the Party, with both communities. 在职党员。

Derived and never entered: from the employer, the party status and the habitual residence (domain 1.1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from ..graph.beneath import within
from ..graph.models import OrgNode, OrgRelation
from ..graph.paths import ancestor_paths, is_beneath, subtree_range, topmost
from ..graph.queries import heirs_of, successions
from ..graph.spans import valid_now
from ..graph.successions import Zone
from ..records.conditions import where
from .models import Person

MEMBERS = (
    "中共党员",
    "中共预备党员",
    "中国共产党党员",
    "中国共产党预备党员",
    "正式党员",
    "预备党员",
    "01",
    "02",
    "MEMBER",
    "PROBATIONARY_MEMBER",
)
"""What `party_status` says of members, probationary ones too: names and codes of GB/T 4762-1984 (政治面貌代码), and
the words of programs."""

_UNIT, _COMMUNITY, _STATIONED = "RESIDENT_UNIT", "COMMUNITY", "STATIONED_IN"


@dataclass(frozen=True)
class InService:
    """Where an in-service member works and lives: the unit, and the communities of both, None where there is none."""

    unit_id: UUID
    residence_id: UUID | None
    workplace_id: UUID | None


def is_member(party_status: str | None) -> bool:
    """Whether a party status is a member's."""
    return party_status in MEMBERS


async def in_service(people: Iterable[Person]) -> dict[UUID, InService]:
    """Those of these people who are in-service members, by id; three statements however many they are."""
    members = [person for person in people if is_member(person.party_status) and person.employer_id is not None]
    places = {place for person in members for place in (person.employer_id, person.habitual_residence_id)}
    paths = await _paths({place for place in places if place is not None})
    above = await _above(paths.values())
    units = {person.id: _nearest(above, paths.get(person.employer_id), _UNIT) for person in members}
    stationed = await _stationed({unit.id for unit in units.values() if unit is not None})
    found = {}
    for person in members:
        unit = units[person.id]
        if unit is not None:
            home = _nearest(above, paths.get(person.habitual_residence_id), _COMMUNITY)
            there = _nearest(above, unit.path, _COMMUNITY)
            work = stationed.get(unit.id) or (None if there is None else there.id)
            found[person.id] = InService(unit.id, None if home is None else home.id, work)
    return found


async def _paths(ids: Collection[UUID]) -> dict[UUID | None, str]:
    """Where these nodes stand, or the heirs of those that have ended."""
    nodes = await heirs_of(await OrgNode.filter(id__in=list(ids))) if ids else {}
    return {id_: node.path for id_, node in nodes.items()}


async def _above(paths: Collection[str]) -> dict[str, OrgNode]:
    """The units and communities at these paths and above them, by their own paths."""
    every = {part for path in paths for part in (*ancestor_paths(path), path)}
    kinds = OrgNode.filter(kind__in=[_UNIT, _COMMUNITY], valid_to=None)
    return {node.path: node for node in await kinds.filter(path__in=list(every))} if every else {}


def _nearest(above: Mapping[str, OrgNode], path: str | None, kind: str) -> OrgNode | None:
    ways: Sequence[str] = () if path is None else (*ancestor_paths(path), path)
    found = (above[way] for way in reversed(ways) if way in above)
    return next((node for node in found if node.kind == kind), None)


async def _stationed(units: Collection[UUID]) -> dict[UUID, UUID]:
    """The community in which each unit is stationed: of several the one that came first."""
    if not units:
        return {}
    rows = OrgRelation.filter(valid_now(), kind=_STATIONED, source_id__in=list(units), target__valid_to=None)
    return {row.source_id: row.target_id for row in reversed(await rows.order_by("created_at", "id"))}


def members() -> Q:
    """People whose party status is a member's and who work for somebody."""
    return Q(where("party_status__in", list(MEMBERS)), where("employer_id__isnull", value=False))


async def living_beneath(path: str) -> Q:
    """People who live at a node or beneath it, or at what those succeeded."""
    return within("habitual_residence", await _zones([path]))


async def employed_beneath(path: str) -> Q:
    """People who work for a unit at a node or beneath it, or for the unit that the node is a part of."""
    low, high = subtree_range(path)
    units = OrgNode.filter(kind=_UNIT, valid_to=None, path__gte=low, path__lt=high)
    found = [unit.path for unit in await units.order_by("path")]
    above = OrgNode.filter(kind=_UNIT, valid_to=None, path__in=ancestor_paths(path))
    return await _at([path]) if await above.exists() else await _at(topmost(found))


async def working_beneath(path: str) -> Q:
    """People of the units whose community is a node or lies beneath it: by STATIONED_IN, else where the unit stands."""
    low, high = subtree_range(path)
    standing = await OrgNode.filter(kind=_UNIT, valid_to=None, path__gte=low, path__lt=high)
    here = OrgRelation.filter(valid_now(), kind=_STATIONED, target__path__gte=low, target__path__lt=high)
    units = {unit.id: unit for unit in standing}
    coming: list[UUID] = [row.source_id for row in await here if row.source_id not in units]
    units |= (
        {unit.id: unit for unit in await OrgNode.filter(id__in=coming, kind=_UNIT, valid_to=None)} if coming else {}
    )
    stationed = await _stationed(units.keys())
    communities = await _paths(set(stationed.values()))
    places = {id_: communities.get(stationed.get(id_), unit.path) for id_, unit in units.items()}
    return await _at(topmost(units[id_].path for id_, place in places.items() if is_beneath(place, path)))


async def _at(paths: Sequence[str]) -> Q:
    """Those who work at these nodes, beneath them, or for what those succeeded."""
    return within("employer", await _zones(paths)) if paths else where("id__in", [])


async def _zones(paths: Sequence[str]) -> list[Zone]:
    known = await successions()
    return [zone for path in paths for zone in known.zones(path)]
