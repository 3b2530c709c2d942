"""What the registry adds to the roots, to organisations and to people. 登记查询。"""

from __future__ import annotations

from typing import Optional

import strawberry

from ..contributions import fields
from ..declare import computed, page, record
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


@fields("Questions about homes, households and things. 房屋、家庭户与设施查询。")
class RegistryQuery:
    """Root fields."""

    premises = record("One home. 房屋。", Premises)
    premises_list = page("Homes that are valid now, or were. 房屋列表。", "Premises", all_premises, as_of=AS_OF)
    tenure = record("One tenure. 权属或居住关系。", Tenure)
    tenures = page("Who holds which home, now or then. 权属与居住关系列表。", "Tenure", all_tenures, as_of=AS_OF)
    household = record("One household. 家庭户。", Household)
    households = page("Households, now or then. 家庭户列表。", "Household", all_households, as_of=AS_OF)
    thing = record("One facility or device. 设施设备。", Thing)
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
