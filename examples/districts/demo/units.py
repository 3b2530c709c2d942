"""Units stationed in the two places, and the party organisations above the communities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .people import HERE
from .rows import Org, Relation, communities, spread

UNITS = 160
"""Units of 同江市, each with an agreement with its community."""

WITH_UNITS = ("230881001000", "230881002000")
"""繁荣街道 and 兴华街道: the communities of the town itself."""

THREE = (
    Org("U1", "RESIDENT_UNIT", "示例单位一", HERE),
    Org("U2", "RESIDENT_UNIT", "示例单位二", HERE),
    Org("U3", "RESIDENT_UNIT", "示例单位三", HERE),
)
"""Units of 观音阁社区: the owner of a court, one with an agreement, one without."""


def stationed(unit: Org) -> Relation:
    """That a unit is in its community."""
    return Relation("STATIONED_IN", f"RESIDENT_UNIT:{unit.code}", unit.parent_code)


def agreement(unit: Org) -> Relation:
    """That a unit has signed the agreement of its community. 共驻共建目标协议书。"""
    return Relation("CO_BUILDS", f"RESIDENT_UNIT:{unit.code}", unit.parent_code)


def many(divisions: Iterable[Org]) -> Iterator[Org]:
    """The units of 同江市, numbered through its communities."""
    homes = [community for community in communities(divisions) if community.parent_code in WITH_UNITS]
    number = 0
    for home, count in spread(UNITS, homes).items():
        for _ in range(count):
            number += 1
            yield Org(f"U{number:03}", "RESIDENT_UNIT", f"示例单位{number:03}", f"COMMUNITY:{home}")


def party_orgs(divisions: Sequence[Org], forms: dict[str, str]) -> Iterator[Org]:
    """One party organisation for each division of the levels in `forms`, which says what it is called there."""
    for code, level, name, _ in divisions:
        if level in forms:
            yield Org(f"{code}-P", "PARTY_ORG", f"{name}{forms[level]}", f"{level}:{code}")


def leads(party_org: Org) -> Relation:
    """That a party organisation leads what it stands under."""
    return Relation("LEADS", f"PARTY_ORG:{party_org.code}", party_org.parent_code)
