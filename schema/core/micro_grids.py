"""What is out of order about micro-grids, in GraphQL. 微网格核查。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from linli.core.graph.models import OrgNode as OrgModel
from linli.core.people.models import Person as PersonModel
from linli.core.registry.findings import Findings, findings
from linli.core.registry.models import READ, Thing

from ..context import Info
from ..contributions import fields
from ..declare import computed, listed, relation
from ..declare.sizes import Fixed

POSTS = "core.post.read"
MOST = 200


@dataclass(frozen=True)
class Several:
    """An officer and the micro-grids of theirs."""

    person_id: UUID
    micro_grids: tuple[UUID, ...]


async def _seen(info: Info, ids: Sequence[UUID]) -> list[OrgModel]:
    found = await info.context.loaders.by_id(OrgModel).load_many(list(ids[:MOST]))
    return [one for one in found if one is not None]


async def _officer(row: Several, info: Info) -> PersonModel | None:
    found: PersonModel | None = await info.context.loaders.by_id(PersonModel).load(row.person_id)
    return found


async def _theirs(row: Several, info: Info) -> list[OrgModel]:
    return await _seen(info, row.micro_grids)


@fields("An officer of several micro-grids. 兼任多个微网格的微网格员。")
class OfficerOfSeveral:
    """Who, and which."""

    person = relation("Who, where the viewer may know. 人员。", "Person", resolve=_officer)
    micro_grids = listed("Which, the first 200. 微网格。", "OrgNode", _theirs)


async def _without(row: Findings, info: Info) -> list[OrgModel]:
    return await _seen(info, row.without_officer)


def _several(row: Findings, _info: Info) -> list[Several]:
    return [Several(*one) for one in list(row.of_several.items())[:MOST]]


def _count(name: str) -> Callable[[Findings, Info], int]:
    def count(row: Findings, _info: Info) -> int:
        found: Any = getattr(row, name)
        return found if isinstance(found, int) else len(found)

    return count


@fields("What is out of order about the micro-grids of a place. 微网格核查结果。")
class MicroGridFindings:
    """The rule: each micro-grid has one officer, each officer one micro-grid, each home and thing a micro-grid."""

    micro_grids = computed("How many micro-grids there are. 微网格数。", _count("micro_grids"), int)
    without_officer = listed(
        "Those without an officer, the first 200. 无微网格员的微网格。", "OrgNode", _without, size=Fixed(MOST)
    )
    without_officer_count = computed("How many these are. 无微网格员的微网格数。", _count("without_officer"), int)
    officers_of_several = computed(
        "Officers of more than one, the first 200. 兼任多个微网格的人员。",
        _several,
        list[OfficerOfSeveral],
        size=Fixed(MOST),
    )
    officers_of_several_count = computed("How many these are. 兼任人员数。", _count("of_several"), int)
    premises_without_micro_grid = computed(
        "How many premises no micro-grid answers for. 无责任微网格的房屋数。", _count("premises_without"), int
    )
    things_without_micro_grid = computed(
        "How many things no micro-grid answers for. 无责任微网格的设施设备数。", _count("things_without"), int
    )


async def micro_grid_findings(_root: Any, info: Info, under: str) -> Findings | None:
    """The findings beneath a node; None where the viewer does not read posts and the registry there."""
    context = info.context
    wanted = context.local_id(under, "OrgNode")
    place = None if wanted is None else await context.loaders.by_id(OrgModel).load(wanted)
    if place is None or not all(context.viewer.may(one, place.path) for one in (READ, POSTS)):
        return None
    return await findings(place.path, context.district.sight.known(Thing))
