"""What the registry adds to the roots, to organisations and to people. 登记查询。"""

from __future__ import annotations

from typing import Any, Optional

import strawberry
from tortoise.models import Model

from linli.core.registry import models

from ..context import Info
from ..contributions import fields
from ..declare import computed, page
from .households import Household, all_households, memberships
from .micro_grids import MicroGridFindings, micro_grid_findings
from .premises import (
    AS_OF,
    Premises,
    Tenure,
    all_premises,
    all_tenures,
    premises_of_org,
    tenures_of_org,
    tenures_of_person,
)
from .things import Thing, ThingKindInfo, all_things, thing_kinds, things_of_org

ID = (strawberry.ID, "The id. 标识。")


def _one(model: type[Model], type_name: str) -> Any:
    async def find(_root: Any, info: Info, id: str) -> Model | None:  # noqa: A002  the argument's name in the API
        wanted = info.context.local_id(id, type_name)
        found: Model | None = None if wanted is None else await info.context.loaders.by_id(model).load(wanted)
        return found

    return find


@fields("Questions about homes, households and things. 房屋、家庭户与设施查询。")
class RegistryQuery:
    """Root fields."""

    premises = computed("One home. 房屋。", _one(models.Premises, "Premises"), Optional[Premises], id=ID)
    premises_list = page("Homes that are valid now, or were. 房屋列表。", "Premises", all_premises, as_of=AS_OF)
    tenure = computed("One tenure. 权属或居住关系。", _one(models.Tenure, "Tenure"), Optional[Tenure], id=ID)
    tenures = page("Who holds which home, now or then. 权属与居住关系列表。", "Tenure", all_tenures, as_of=AS_OF)
    household = computed("One household. 家庭户。", _one(models.Household, "Household"), Optional[Household], id=ID)
    households = page("Households, now or then. 家庭户列表。", "Household", all_households, as_of=AS_OF)
    thing = computed("One facility or device. 设施设备。", _one(models.Thing, "Thing"), Optional[Thing], id=ID)
    things = page("Facilities and devices, now or then. 设施设备列表。", "Thing", all_things, as_of=AS_OF)
    thing_kinds = computed("The kinds of things known here. 设施设备类型。", thing_kinds, list[ThingKindInfo])
    micro_grid_findings = computed(
        "Where one officer for each micro-grid, and one micro-grid for each record, is not so. "
        "Needs core.registry.read and core.post.read. 微网格核查，需要权限 core.registry.read 与 core.post.read。",
        micro_grid_findings,
        Optional[MicroGridFindings],
        under=(strawberry.ID, "Beneath which organisation. 组织。"),
    )


@fields("What the registry knows of organisations. 组织的登记信息。")
class OrgRegistry:
    """Fields of OrgNode."""

    premises = page("The premises of it and all beneath. 辖内房屋。", "Premises", premises_of_org, as_of=AS_OF)
    tenures = page("What it owns or uses. 单位名下房屋。", "Tenure", tenures_of_org, as_of=AS_OF)
    things = page("The things of it and all beneath. 辖内设施设备。", "Thing", things_of_org, as_of=AS_OF)


@fields("What the registry knows of people. 人员的登记信息。")
class PersonRegistry:
    """Fields of Person."""

    tenures = page("What the person owns or uses. 名下房屋与居住关系。", "Tenure", tenures_of_person, as_of=AS_OF)
    households = page(
        "The household that the person belongs to. 所在家庭户。", "HouseholdMember", memberships, as_of=AS_OF
    )
