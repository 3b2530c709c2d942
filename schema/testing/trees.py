"""A small organisation tree with people: two streets, their communities, units, staff and residents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from linli.core.districts import District
from linli.core.graph import services
from linli.core.graph.models import OrgNode
from linli.core.graph.names import keys
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact


@dataclass(frozen=True)
class Tree:
    """The tree: real names of 岳阳楼区, plainly synthetic people.

    `unit` is stationed in `community` and so are `partner`, which has an agreement, and `stranger`, which has none;
    `other_street` and `other_community` stand beside. `staff`, `partner_staff` and `stranger_staff` work for the
    units and live in `other_community`; `resident` and `neighbour` live in `community`.
    """

    root: OrgNode
    street: OrgNode
    community: OrgNode
    other_street: OrgNode
    other_community: OrgNode
    grid: OrgNode
    unit: OrgNode
    partner: OrgNode
    stranger: OrgNode
    staff: Person
    partner_staff: Person
    stranger_staff: Person
    resident: Person
    neighbour: Person


async def plant(district: District, root: OrgNode) -> Tree:
    """Make the tree beneath the root; the district is entered already."""
    kinds = district.kinds

    async def org(kind: str, name: str, parent: OrgNode, code: str | None = None, **more: Any) -> OrgNode:
        return await services.create_org(
            kinds, kind=kind, name=name, parent_id=parent.id, code=code, valid_from=None, **more
        )

    async def person(name: str, home: OrgNode, employer: OrgNode | None = None) -> Person:
        key, initials = keys(name)
        named: dict[str, Any] = {"name": name, "name_key": key, "name_initials": initials}
        return await Person.create(habitual_residence_id=home.id, employer_id=employer and employer.id, **named)

    async def join(kind: str, source: OrgNode, target: OrgNode) -> None:
        await services.create_relation(kinds, kind=kind, source_id=source.id, target_id=target.id, valid_from=None)

    async def grow(_unit: object) -> Tree:
        street = await org("SUBDISTRICT", "吕仙亭街道", root, "430602003000")
        community = await org("COMMUNITY", "观音阁社区", street, "430602003006")
        other_street = await org("SUBDISTRICT", "东茅岭街道", root, "430602005000")
        other = await org("COMMUNITY", "东茅岭社区", other_street, "430602005004")
        units = [await org("RESIDENT_UNIT", f"示例单位{number}", community, f"U{number}") for number in (1, 2, 3)]
        for each in units:
            await join("STATIONED_IN", each, community)
        await join("CO_BUILDS", units[1], community)
        return Tree(
            root=root,
            street=street,
            community=community,
            other_street=other_street,
            other_community=other,
            grid=await org("GRID", "第一网格", community, "430602003006-G001"),
            unit=units[0],
            partner=units[1],
            stranger=units[2],
            staff=await person("示例甲", other, units[0]),
            partner_staff=await person("示例乙", other, units[1]),
            stranger_staff=await person("示例丁", other, units[2]),
            resident=await person("示例丙", community),
            neighbour=await person("示例戊", community),
        )

    return await transact(grow)
