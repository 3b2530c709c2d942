"""Grids, micro-grids, compounds and their party branches in the communities of 岳阳楼区, in the figures of 2022."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .rows import Org, Relation, communities, shares, spread

GRIDS = 675
MICRO_GRIDS = 1819
COMPOUNDS = 977
BRANCHES = 357
"""Compounds with a party branch."""

MATCHED = 247
"""Compounds with a branch that one micro-grid covers, which covers nothing else; such compounds got theirs first."""

FOREMOST = "430602006000"
"""五里牌街道, which has 153 of the branches; that it has 160 of the compounds is made up."""

FOREMOST_COMPOUNDS = 160
FOREMOST_BRANCHES = 153


@dataclass(frozen=True)
class Territory:
    """What lies in one community."""

    community: Org
    grids: tuple[Org, ...]
    micro_grids: tuple[Org, ...]
    compounds: tuple[Org, ...]
    branches: int
    matched: int

    def orgs(self) -> Iterator[Org]:
        """Everything in it, parents first."""
        yield from (*self.grids, *self.micro_grids, *self.compounds, *self.party_orgs())

    def party_orgs(self) -> Iterator[Org]:
        """The committee of the community and the branches of its compounds."""
        code, _, name, _ = self.community
        yield Org(f"{code}-P", "PARTY_ORG", f"{name}党组织", f"COMMUNITY:{code}")
        for compound in self.compounds[: self.branches]:
            yield Org(f"{compound.code}-P", "PARTY_ORG", f"{compound.name}党支部", f"COMPOUND:{compound.code}")

    def relations(self) -> Iterator[Relation]:
        """Which micro-grid covers which compound, and whom the party organisations lead."""
        for micro_grid, compound in self.covered():
            yield Relation("COVERS", f"MICRO_GRID:{micro_grid.code}", f"COMPOUND:{compound.code}")
        for party_org in self.party_orgs():
            yield Relation("LEADS", f"PARTY_ORG:{party_org.code}", party_org.parent_code)

    def covered(self) -> Iterator[tuple[Org, Org]]:
        """Micro-grids and compounds: equal ones, then several small compounds in one micro-grid, or one in two."""
        yield from zip(self.micro_grids[: self.matched], self.compounds, strict=False)
        micro_grids, compounds = self.micro_grids[self.matched :], self.compounds[self.matched :]
        small = len(compounds) >= 2 * len(micro_grids)
        for number, compound in enumerate(compounds):
            yield micro_grids[number % len(micro_grids)], compound
            if not small:
                yield micro_grids[(number + 1) % len(micro_grids)], compound


def territories(divisions: Sequence[Org]) -> list[Territory]:
    """The territory of every community of the district."""
    all_ = communities(divisions)
    foremost = [community for community in all_ if community.parent_code == FOREMOST]
    others = [community for community in all_ if community.parent_code != FOREMOST]
    grids = spread(GRIDS, all_)
    micro_grids = iter(shares(MICRO_GRIDS, GRIDS))
    compounds = spread(FOREMOST_COMPOUNDS, foremost) | spread(COMPOUNDS - FOREMOST_COMPOUNDS, others)
    branches = spread(FOREMOST_BRANCHES, foremost) | spread(BRANCHES - FOREMOST_BRANCHES, others)
    matched = branches | spread(MATCHED - (BRANCHES - FOREMOST_BRANCHES), foremost)
    return [
        _territory(
            community,
            [next(micro_grids) for _ in range(grids[community.code])],
            compounds[community.code],
            branches[community.code],
            matched[community.code],
        )
        for community in all_
    ]


def _territory(community: Org, sizes: Sequence[int], compounds: int, branches: int, matched: int) -> Territory:
    code, name = community.code, community.name
    grids = [
        Org(f"{code}-G{number}", "GRID", f"{name}第{number}网格", f"COMMUNITY:{code}")
        for number in range(1, len(sizes) + 1)
    ]
    micro_grids = [
        Org(f"{grid.code}-M{number}", "MICRO_GRID", f"{grid.name}{number}号微网格", f"GRID:{grid.code}")
        for grid, size in zip(grids, sizes, strict=True)
        for number in range(1, size + 1)
    ]
    names = [
        Org(f"{code}-C{number:02}", "COMPOUND", f"{name}示例小区{number:02}", f"COMMUNITY:{code}")
        for number in range(1, compounds + 1)
    ]
    return Territory(community, tuple(grids), tuple(micro_grids), tuple(names), branches, matched)
