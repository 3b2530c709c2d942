"""The kinds that core registers: the administrative tree, the bodies in it, and the relations across."""

from __future__ import annotations

from .attributes import (
    BuildingAttributes,
    CompoundAttributes,
    ContactAttributes,
    GridAttributes,
    PartyOrgAttributes,
    SuccessionAttributes,
    UnitAttributes,
)
from .kinds import Kinds, OrgKind, RelationKind

PROVINCE, CITY, DISTRICT, SUBDISTRICT, COMMUNITY = "PROVINCE", "CITY", "DISTRICT", "SUBDISTRICT", "COMMUNITY"
GRID, MICRO_GRID, COMPOUND, BUILDING = "GRID", "MICRO_GRID", "COMPOUND", "BUILDING"
PARTY_ORG, RESIDENT_UNIT, OWNERS_COMMITTEE = "PARTY_ORG", "RESIDENT_UNIT", "OWNERS_COMMITTEE"
RESIDENT_COUNCIL, TEAM, SITE = "RESIDENT_COUNCIL", "TEAM", "SITE"
LEADS, COVERS, STATIONED_IN, CO_BUILDS = "LEADS", "COVERS", "STATIONED_IN", "CO_BUILDS"
ATTACHED_TO, SUCCEEDED_BY = "ATTACHED_TO", "SUCCEEDED_BY"

_TERRITORY = frozenset({PROVINCE, CITY, DISTRICT, SUBDISTRICT, COMMUNITY, GRID, MICRO_GRID})
_RESIDENTIAL = frozenset({COMPOUND, COMMUNITY})


def _level(code: str, title_en: str, title_zh: str, parent: str | None, digits: int) -> OrgKind:
    return OrgKind(
        code=code,
        title_en=title_en,
        title_zh=title_zh,
        parents=frozenset({parent} if parent else ()),
        code_digits=digits,
        attributes=ContactAttributes,
    )


ORG_KINDS = (
    _level(PROVINCE, "Province", "省级", None, 2),
    _level(CITY, "City", "地级", PROVINCE, 4),
    _level(DISTRICT, "District or county", "县级", CITY, 6),
    _level(SUBDISTRICT, "Subdistrict, town or township", "乡级", DISTRICT, 9),
    _level(COMMUNITY, "Community or village", "村级", SUBDISTRICT, 12),
    OrgKind(
        code=GRID,
        title_en="Grid",
        title_zh="网格",
        parents=frozenset({COMMUNITY}),
        attributes=GridAttributes,
    ),
    OrgKind(
        code=MICRO_GRID,
        title_en="Micro-grid",
        title_zh="微网格",
        parents=frozenset({GRID, COMMUNITY}),
        attributes=GridAttributes,
    ),
    OrgKind(
        code=COMPOUND,
        title_en="Residential compound",
        title_zh="小区",
        parents=frozenset({COMMUNITY}),
        attributes=CompoundAttributes,
    ),
    OrgKind(
        code=BUILDING,
        title_en="Building",
        title_zh="楼栋",
        parents=_RESIDENTIAL,
        attributes=BuildingAttributes,
    ),
    OrgKind(
        code=PARTY_ORG,
        title_en="Party organisation",
        title_zh="党组织",
        parents=_TERRITORY | {PARTY_ORG, COMPOUND, RESIDENT_UNIT},
        attributes=PartyOrgAttributes,
    ),
    OrgKind(
        code=RESIDENT_UNIT,
        title_en="Unit stationed in the district",
        title_zh="驻区单位",
        parents=_TERRITORY,
        attributes=UnitAttributes,
    ),
    OrgKind(
        code=OWNERS_COMMITTEE,
        title_en="Owners' committee",
        title_zh="业主委员会",
        parents=_RESIDENTIAL,
        attributes=ContactAttributes,
    ),
    OrgKind(
        code=RESIDENT_COUNCIL,
        title_en="Residents' council",
        title_zh="居民理事会",
        parents=_RESIDENTIAL,
        attributes=ContactAttributes,
    ),
    OrgKind(code=TEAM, title_en="Team", title_zh="队伍", parents=_TERRITORY, attributes=ContactAttributes),
    OrgKind(code=SITE, title_en="Site", title_zh="场所", parents=_TERRITORY, attributes=ContactAttributes),
)

RELATION_KINDS = (
    RelationKind(
        code=LEADS,
        title_en="Leads",
        title_zh="领导",
        sources=frozenset({PARTY_ORG}),
        targets=None,
        acyclic=True,
    ),
    RelationKind(
        code=COVERS,
        title_en="Covers",
        title_zh="覆盖",
        sources=frozenset({GRID, MICRO_GRID}),
        targets=frozenset({COMPOUND}),
    ),
    RelationKind(
        code=STATIONED_IN,
        title_en="Is stationed in",
        title_zh="驻在",
        sources=frozenset({RESIDENT_UNIT}),
        targets=frozenset({COMMUNITY}),
    ),
    RelationKind(
        code=CO_BUILDS,
        title_en="Builds jointly with",
        title_zh="共建",
        sources=frozenset({RESIDENT_UNIT}),
        targets=frozenset({COMMUNITY}),
    ),
    RelationKind(
        code=ATTACHED_TO,
        title_en="Is attached to",
        title_zh="隶属",
        sources=frozenset({PARTY_ORG, TEAM, SITE}),
        targets=None,
        acyclic=True,
    ),
    RelationKind(
        code=SUCCEEDED_BY,
        title_en="Is succeeded by",
        title_zh="由其承继",
        sources=None,
        targets=None,
        acyclic=True,
        attributes=SuccessionAttributes,
    ),
)


def core_kinds(*, root_kind: str = DISTRICT) -> Kinds:
    """Core's kinds alone, as a district without plugins has them."""
    return Kinds(ORG_KINDS, RELATION_KINDS, root_kind=root_kind)
