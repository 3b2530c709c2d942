"""Premises and who holds them, in GraphQL. 房屋与权属。"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from linli.core import clock
from linli.core.graph.beneath import within
from linli.core.graph.models import OrgNode as OrgModel
from linli.core.graph.queries import counted_as_of
from linli.core.graph.spans import valid_at, valid_now
from linli.core.people.models import Person as PersonModel
from linli.core.records.conditions import where
from linli.core.records.encrypted import decrypted
from linli.core.records.masks import mask_address
from linli.core.registry import areas, models
from linli.core.registry.words import AreaBasis, PremisesUse, TenureKind

from ..context import Info
from ..declare import column, computed, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from .history import history
from .past import PastOrg
from .people import REVEAL
from .provenance import provenance

enum(
    "What premises are for. 房屋用途。",
    RESIDENTIAL="Dwelling. 住宅。",
    COMMERCIAL="Shop or restaurant. 商业。",
    OFFICE="Office. 办公。",
    PARKING="Parking space. 车位。",
    STORAGE="Storage. 储藏。",
    COMMUNITY="Rooms of the community. 社区用房。",
    OTHER="Something else. 其他。",
)(PremisesUse)
enum(
    "What an area is known from. 面积依据。",
    REGISTRY="The register of real estate. 不动产登记簿。",
    SURVEY="A surveyor. 测绘机构实测。",
    CONTRACT="The contract of sale. 买卖合同。",
)(AreaBasis)
enum(
    "How somebody holds premises. 权属与居住关系。",
    OWNER="Owns, alone or by a share. 业主（单独或按份所有）。",
    CO_OWNER="Owns together with others. 共有人。",
    TENANT="Rents. 承租人。",
    OCCUPANT="Uses without renting. 实际居住或使用人。",
)(TenureKind)

AS_OF = (Optional[datetime], "As it was at this instant; now where not said. 时点。")


def valid(as_of: datetime | None) -> Q:
    """The rows that are valid at an instant, now where none is given."""
    return valid_now() if as_of is None else valid_at(as_of)


async def in_place(row: OrgModel | PastOrg, info: Info, as_of: datetime | None) -> Q:
    """The rows that count at an organisation: its own, and those of what stands beneath it or was succeeded there."""
    if isinstance(row, PastOrg):
        return Q(where("org_id__in", sorted(await counted_as_of(row.id, row.at))), valid(as_of or row.at))
    return Q(within("org", (await info.context.loaders.successions()).zones(row.path)), valid(as_of))


async def answers_for(row: models.Premises | models.Thing, info: Info) -> OrgModel | None:
    """The micro-grid that answers for it: its heir, where it was merged or split."""
    load = info.context.loaders.by_id(OrgModel).load
    found: OrgModel | None = None if row.micro_grid_id is None else await load(row.micro_grid_id)
    if found is None or found.valid_to is None or found.valid_to > clock.now():
        return found
    heir = (await info.context.loaders.successions()).heir(found.id)
    inherited: OrgModel | None = None if heir is None else await load(heir)
    return inherited or found


async def _address(row: models.Premises, info: Info) -> str | None:
    address = decrypted(row.address)
    if address is None:
        return None
    return address if await info.context.loaders.own(models.Premises).load(row.id) else mask_address(address)


def _hanging(target: str) -> Any:
    def resolve(row: models.Premises, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
        return Page(info.context, Node.registry[target], Q(Q(premises_id=row.id), valid(as_of)), **given)

    return resolve


@node(models.Premises, "An exclusive part of a building: a flat, a shop. 房屋。", order=("unit", "number"))
class Premises:
    """A home, and what it is known by."""

    org = relation("The building, compound or community it stands in. 所在楼栋、小区或社区。", "OrgNode")
    unit = column("Entrance; empty where there is none. 单元。", orderable=True)
    floor = column("Floor. 楼层。")
    number = column("Number of the room. 房号。", orderable=True)
    area = column(
        "Exclusive area in square metres. 专有面积（平方米）。",
        type=Decimal,
        read=lambda area: None if area is None else Decimal(areas.written(area)),
        filterable=False,
    )
    area_basis = column("What the area is known from. 面积依据。", type=AreaBasis)
    use = column("What it is for. 用途。", type=PremisesUse)
    address = masked("Standard address, masked. 标准地址（脱敏）。", _address, reveal=REVEAL)
    micro_grid = relation("The micro-grid that answers for it. 责任微网格。", "OrgNode", resolve=answers_for)
    valid_from = column("Valid from; null means since ever. 起始时间。")
    valid_to = column("Valid until, exclusive. 终止时间。")
    tenures = page("Who holds it. 权属与居住关系。", "Tenure", _hanging("Tenure"), as_of=AS_OF)
    households = page("The households that live in it. 家庭户。", "Household", _hanging("Household"), as_of=AS_OF)
    things = page("The things in it. 设施设备。", "Thing", _hanging("Thing"), as_of=AS_OF)
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    updated_at = column("When it last changed. 更新时间。", orderable=True)
    history = history()


@strawberry.type(description="A share as it is written in the deed, an exact fraction. 产权份额。")
class Share:
    """1/2 is half of it."""

    numerator: int = strawberry.field(description="Above the line. 分子。")
    denominator: int = strawberry.field(description="Below the line. 分母。")


def _share(row: models.Tenure, _info: Info) -> Share | None:
    numerator, denominator = row.share_numerator, row.share_denominator
    return None if numerator is None or denominator is None else Share(numerator=numerator, denominator=denominator)


async def _evidence(row: models.Tenure, info: Info) -> str | None:
    viewer, loaders = info.context.viewer, info.context.loaders
    if row.person_id is not None and row.person_id == viewer.own_person:
        return row.evidence
    premises = await loaders.by_id(models.Premises).load(row.premises_id)
    place = None if premises is None else await loaders.by_id(OrgModel).load(premises.org_id)
    return row.evidence if place is not None and viewer.may(models.WRITE, place.path) else None


@node(models.Tenure, "That somebody owns or uses premises. 权属与居住关系。", order=("created_at",))
class Tenure:
    """Who holds which premises, how and when."""

    premises = relation("Which premises. 房屋。", "Premises")
    person = relation("Who; null for organisations. 人员。", "Person")
    org = relation("Which organisation; null for people. 单位。", "OrgNode")
    kind = column("How. 类型。", type=TenureKind)
    share = computed("How much of it; null for joint owners and users. 份额。", _share, Optional[Share])
    evidence = masked(
        "What shows it; for the holder and those who keep the registry there. 凭证。", _evidence, nullable=True
    )
    valid_from = column("From; null means since ever. 起始时间。")
    valid_to = column("Until, exclusive. 终止时间。")
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    history = history()


def all_premises(_root: Any, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """All premises that the viewer sees."""
    return Page(info.context, Node.registry["Premises"], valid(as_of), wide=True, **given)


def all_tenures(_root: Any, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """All tenures that the viewer sees."""
    return Page(info.context, Node.registry["Tenure"], valid(as_of), wide=True, **given)


async def premises_of_org(row: OrgModel | PastOrg, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """The premises of an organisation and all beneath."""
    return Page(info.context, Node.registry["Premises"], await in_place(row, info, as_of), wide=True, **given)


async def tenures_of_org(row: OrgModel | PastOrg, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """What an organisation owns or uses, and what those did whose heir it is."""
    if isinstance(row, PastOrg):
        return Page(info.context, Node.registry["Tenure"], Q(Q(org_id=row.id), valid(as_of or row.at)), **given)
    inherited = (await info.context.loaders.successions()).inherited(row.id)
    held = Q(org_id__in=[row.id, *sorted(inherited)])
    return Page(info.context, Node.registry["Tenure"], Q(held, valid(as_of)), **given)


def tenures_of_person(row: PersonModel, info: Info, as_of: datetime | None = None, **given: Any) -> Page:
    """What a person owns or uses."""
    return Page(info.context, Node.registry["Tenure"], Q(Q(person_id=row.id), valid(as_of)), **given)
