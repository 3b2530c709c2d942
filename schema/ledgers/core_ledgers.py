"""The ledgers of core: people, homes, posts, units and things, as their lists show them. 核心台账。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tortoise.expressions import Q, Subquery

from linli.core.access.searches import Search
from linli.core.graph.beneath import Beneath
from linli.core.graph.core_kinds import STATIONED_IN
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.paths import subtree_range
from linli.core.graph.spans import valid_now
from linli.core.people import in_service
from linli.core.people.models import Person
from linli.core.plugins.manifest import Title
from linli.core.records.classes import FieldClass
from linli.core.records.conditions import where
from linli.core.registry.models import Tenure

from ..context import Context, Info
from ..core.people import REVEAL
from ..declare import personal
from ..declare.node import Node
from .declarations import AgeFrom, ByKind, ByPlace, Column, Ledger, OneOf

BY_GRID = ByPlace("grid", Title(en="By grid", zh="按网格"), ("GRID",))
BY_COMMUNITY = ByPlace("community", Title(en="By community", zh="按社区"), ("COMMUNITY",))
BY_UNIT = ByPlace("unit", Title(en="By unit", zh="按单位"), ("RESIDENT_UNIT",))
BY_BUILDING = ByPlace("building", Title(en="By building", zh="按楼栋"), ("BUILDING",))
SINCE = Column("since", Title(en="Since", zh="起始日期"), "valid_from")
UNIT_KIND = "RESIDENT_UNIT"


def _person(path: str = "") -> tuple[Column, ...]:
    """Who a row tells of, `path` leading to the person with a dot at its end."""
    return (
        Column("name", Title(en="Name", zh="姓名"), f"{path}name"),
        Column("gender", Title(en="Gender", zh="性别"), f"{path}gender", 6, enum="Gender"),
        Column("birthDate", Title(en="Date of birth", zh="出生日期"), f"{path}birth_date"),
        Column("idNumber", Title(en="Id number", zh="身份证号"), f"{path}id_number", 21, also=("公民身份号码",)),
        Column("phone", Title(en="Phone", zh="电话"), f"{path}phone", 14, also=("联系电话", "手机号码")),
    )


def _home(path: str = "") -> tuple[Column, ...]:
    return (
        Column("building", Title(en="Building", zh="楼栋"), f"{path}org.name", 18),
        Column("unit", Title(en="Entrance", zh="单元"), f"{path}unit", 7),
        Column("number", Title(en="Number", zh="房号"), f"{path}number", 8),
        Column("address", Title(en="Address", zh="地址"), f"{path}address", 30, also=("住址",)),
    )


_PARTY = Column("partyStatus", Title(en="Party status", zh="政治面貌"), "party_status")

RESIDENTS = Ledger(
    code="core.residents",
    title=Title(en="Residents by grid", zh="网格居民花名册"),
    description="Who lives in a place. 常住人员。",
    type="Person",
    place="habitual_residence",
    columns=(
        *_person(),
        _PARTY,
        Column("residence", Title(en="Lives at", zh="常住地"), "habitual_residence.name", 18),
        Column("registered", Title(en="Registered at", zh="户籍地"), "registered_residence.name", 18),
        Column("employer", Title(en="Works for", zh="工作单位"), "employer.name", 18),
    ),
    filters=(
        OneOf("partyStatus", Title(en="Party status", zh="政治面貌"), "party_status"),
        OneOf("gender", Title(en="Gender", zh="性别"), "gender"),
        AgeFrom("ageFrom", Title(en="Of this age at least", zh="年满周岁")),
    ),
    groups=(BY_GRID, BY_COMMUNITY, BY_BUILDING),
)

HOUSEHOLDS = Ledger(
    code="core.households",
    title=Title(en="Households", zh="家庭户册"),
    description="Who lives with whom in which home. 家庭户及成员。",
    type="HouseholdMember",
    place="household__premises__org",
    columns=(
        *_home("household.premises."),
        Column("kind", Title(en="Kind of household", zh="户类型"), "household.kind"),
        Column("relation", Title(en="Relation to the head", zh="与户主关系"), "relation"),
        *_person("person."),
        SINCE,
    ),
    filters=(OneOf("kind", Title(en="Kind of household", zh="户类型"), "household.kind"),),
    groups=(BY_BUILDING, BY_GRID, BY_COMMUNITY),
    order=("household__premises__unit", "household__premises__number", "household_id"),
    dated=True,
)


def _share(row: Tenure, _info: Info) -> str | None:
    numerator, denominator = row.share_numerator, row.share_denominator
    return None if numerator is None or denominator is None else f"{numerator}/{denominator}"


def _held(code: str, title: Title, description: str, *kinds: str) -> Ledger:
    return Ledger(
        code=code,
        title=title,
        description=description,
        type="Tenure",
        place="premises__org",
        columns=(
            *_home("premises."),
            Column("area", Title(en="Area, m²", zh="专有面积（平方米）"), "premises.area", 10),
            Column("use", Title(en="Use", zh="用途"), "premises.use", 10),
            *_person("person."),
            Column("org", Title(en="Organisation", zh="单位"), "org.name", 18),
            Column("kind", Title(en="Kind", zh="类型"), "kind", 14),
            Column("share", Title(en="Share", zh="份额"), _share, 8, FieldClass.INTERNAL),
            SINCE,
        ),
        filters=(
            OneOf("kind", Title(en="Kind", zh="类型"), "kind"),
            OneOf("use", Title(en="Use", zh="用途"), "premises.use"),
        ),
        groups=(BY_BUILDING, BY_GRID, BY_COMMUNITY, ByKind("kind", Title(en="By kind", zh="按类型"), "kind")),
        order=("premises__unit", "premises__number", "premises_id"),
        dated=True,
        only={"kind__in": kinds},
    )


OWNERS = _held(
    "core.owners", Title(en="Homes with their owners", zh="房屋业主台账"), "Who owns. 业主。", "OWNER", "CO_OWNER"
)
TENANTS = _held("core.tenants", Title(en="Tenants", zh="租户台账"), "Who rents. 承租人。", "TENANT")


async def _employed(context: Context, under: OrgNode, _as_of: datetime | None) -> tuple[Q, Sequence[Search]]:
    """Members whose party status the viewer may see in full, by their units: those that stand or are stationed here."""
    revealed = context.district.sight.holding(Person, context.viewer, [REVEAL])
    if revealed is None:
        return where("id__in", []), []
    path = under.path
    units = Q(await in_service.employed_beneath(path), await in_service.working_beneath(path), join_type=Q.OR)
    status = {"in": list(in_service.MEMBERS)}
    searches = personal.searches(context, Node.registry["Person"], "party_status", status)
    return Q(in_service.members(), revealed, units), searches


async def _members(_context: Context, people: list[Person]) -> list[in_service.InService | None]:
    found = await in_service.in_service(people)
    return [found.get(person.id) for person in people]


def _community(which: str) -> Callable[[Person, Info], Any]:
    async def read(row: Person, info: Info) -> str | None:
        found = await info.context.loaders.of(_members).load(row)
        id_ = None if found is None else getattr(found, which)
        node = None if id_ is None else await info.context.loaders.by_id(OrgNode).load(id_)
        return None if node is None else str(node.name)

    return read


IN_SERVICE = Ledger(
    code="core.in_service",
    title=Title(en="In-service party members", zh="在职党员台账"),
    description="Party members by the unit that employs them, with both communities; for who may see the party status "
    "in full. 按单位列在职党员及其工作、居住社区。",
    type="Person",
    place="employer",
    columns=(
        Column("unit", Title(en="Unit", zh="工作单位"), "employer.name", 20),
        *_person(),
        _PARTY,
        Column(
            "workplace",
            Title(en="Community of the unit", zh="单位所在社区"),
            _community("workplace_id"),
            18,
            FieldClass.PERSONAL,
        ),
        Column(
            "residence",
            Title(en="Community of the home", zh="居住社区"),
            _community("residence_id"),
            18,
            FieldClass.PERSONAL,
        ),
    ),
    groups=(BY_UNIT, BY_COMMUNITY),
    rows=_employed,
)

POSTS = Ledger(
    code="core.posts",
    title=Title(en="Posts", zh="任职台账"),
    description="Who holds which post where. 各组织任职人员。",
    type="Post",
    place="org",
    columns=(
        Column("org", Title(en="Organisation", zh="组织"), "org.name", 22),
        Column("kind", Title(en="Post", zh="职务"), "kind", 16),
        *_person("person."),
        SINCE,
        Column("until", Title(en="Until", zh="终止日期"), "valid_to"),
    ),
    filters=(OneOf("kind", Title(en="Post", zh="职务"), "kind"),),
    groups=(
        BY_COMMUNITY,
        BY_GRID,
        ByPlace("party", Title(en="By party organisation", zh="按党组织"), ("PARTY_ORG",)),
        ByKind("kind", Title(en="By post", zh="按职务"), "kind"),
    ),
    order=("org__path", "kind"),
    dated=True,
)


async def _stationed(_context: Context, under: OrgNode, _as_of: datetime | None) -> tuple[Q, Sequence[Search]]:
    """Units that stand here or are stationed here."""
    low, high = subtree_range(under.path)
    here = OrgRelation.filter(valid_now(), kind=STATIONED_IN, target__path__gte=low, target__path__lt=high)
    coming = where("id__in", Subquery(here.values("source_id")))
    standing = Q(Beneath("", [under.path]), coming, join_type=Q.OR)
    return Q(where("kind", UNIT_KIND), valid_now(), standing), []


def _attribute(name: str) -> Callable[[OrgNode, Info], Any]:
    async def read(row: OrgNode, info: Info) -> Any:
        return row.attributes.get(name) if await info.context.shows(OrgNode, row, "attributes") else None

    return read


UNITS = Ledger(
    code="core.units",
    title=Title(en="Units stationed in the district", zh="驻区单位台账"),
    description="Units that stand in a place or are stationed there. 驻区单位。",
    type="OrgNode",
    place="",
    columns=(
        Column("name", Title(en="Name", zh="单位名称"), "name", 30),
        Column("code", Title(en="Code", zh="代码"), "code", 16),
        Column(
            "creditCode",
            Title(en="Credit code", zh="统一社会信用代码"),
            _attribute("creditCode"),
            22,
            FieldClass.INTERNAL,
        ),
        Column("parent", Title(en="Stands in", zh="所在"), "parent.name", 18),
        SINCE,
    ),
    groups=(BY_COMMUNITY,),
    order=("name_key",),
    rows=_stationed,
)

THINGS = Ledger(
    code="core.things",
    title=Title(en="Facilities and devices", zh="设施设备台账"),
    description="What stands in a place. 设施设备。",
    type="Thing",
    place="org",
    columns=(
        Column("kind", Title(en="Kind", zh="类型"), "kind", 16),
        Column("name", Title(en="Name", zh="名称"), "name", 22),
        Column("code", Title(en="Code", zh="编号"), "code", 16),
        Column("org", Title(en="Stands at", zh="所在组织"), "org.name", 20),
        Column("number", Title(en="Premises", zh="所在房屋"), "premises.number", 10),
        Column("microGrid", Title(en="Micro-grid", zh="责任微网格"), "micro_grid.name", 20),
        SINCE,
    ),
    filters=(OneOf("kind", Title(en="Kind", zh="类型"), "kind"),),
    groups=(ByKind("kind", Title(en="By kind", zh="按类型"), "kind"), BY_GRID, BY_COMMUNITY),
    order=("kind", "name"),
    dated=True,
)

CORE_LEDGERS = (RESIDENTS, HOUSEHOLDS, OWNERS, TENANTS, IN_SERVICE, POSTS, UNITS, THINGS)
