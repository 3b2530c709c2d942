"""What happens to homes, households and things. Values that tell of a person stay in the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

PREMISES, TENURE, HOUSEHOLD = "Premises", "Tenure", "Household"
HOUSEHOLD_MEMBER, THING = "HouseholdMember", "Thing"


class PremisesValues(BaseModel):
    """What is known of premises but the address; only what was given or changed stands in an event."""

    unit: Internal[str | None] = None
    floor: Internal[int | None] = None
    number: Internal[str | None] = None
    area: Internal[int | None] = None
    area_basis: Internal[str | None] = None
    use: Internal[str | None] = None
    micro_grid_id: Internal[UUID | None] = None
    valid_to: Public[datetime | None] = None


class TenureValues(BaseModel):
    """What is known of a tenure but its evidence."""

    kind: Internal[str | None] = None
    share_numerator: Internal[int | None] = None
    share_denominator: Internal[int | None] = None
    valid_from: Public[datetime | None] = None
    valid_to: Public[datetime | None] = None


class HouseholdValues(BaseModel):
    """What is known of a household."""

    premises_id: Internal[UUID | None] = None
    kind: Internal[str | None] = None
    valid_to: Public[datetime | None] = None


class MemberValues(BaseModel):
    """What is known of a membership."""

    relation: Internal[str | None] = None
    valid_from: Public[datetime | None] = None
    valid_to: Public[datetime | None] = None


class ThingValues(BaseModel):
    """What is known of a thing but its attributes."""

    code: Internal[str | None] = None
    name: Internal[str | None] = None
    premises_id: Internal[UUID | None] = None
    micro_grid_id: Internal[UUID | None] = None
    valid_to: Public[datetime | None] = None


class PremisesTold(BaseModel):
    """Premises, where they stand, which columns were given, and the values before and after."""

    org_id: Public[UUID]
    fields: Public[tuple[str, ...]]
    before: PremisesValues | None
    after: PremisesValues


class TenureTold(BaseModel):
    """A tenure: of which premises, by whom, which columns were given, and the values before and after."""

    premises_id: Internal[UUID]
    person_id: Internal[UUID | None]
    org_id: Internal[UUID | None]
    fields: Public[tuple[str, ...]]
    before: TenureValues | None
    after: TenureValues


class HouseholdTold(BaseModel):
    """A household, which columns were given, and the values before and after."""

    fields: Public[tuple[str, ...]]
    before: HouseholdValues | None
    after: HouseholdValues


class MemberTold(BaseModel):
    """A membership: of which household, whose, which columns were given, and the values before and after."""

    household_id: Internal[UUID]
    person_id: Internal[UUID]
    fields: Public[tuple[str, ...]]
    before: MemberValues | None
    after: MemberValues


class ThingTold(BaseModel):
    """A thing, its kind, which columns were given, and the values before and after."""

    kind: Internal[str]
    fields: Public[tuple[str, ...]]
    before: ThingValues | None
    after: ThingValues


class FieldsVerified(BaseModel):
    """Which fields of a record somebody found right, and what showed it; the words name nobody."""

    fields: Public[tuple[str, ...]]
    evidence: Internal[str]


Type = EventType[Any]

PREMISES_CREATED: Type = EventType("core.premises_created", 1, PremisesTold, "Premises were entered. 新增房屋。")
PREMISES_UPDATED: Type = EventType("core.premises_updated", 1, PremisesTold, "Premises were changed. 房屋信息变更。")
PREMISES_ENDED: Type = EventType("core.premises_ended", 1, PremisesTold, "Premises are no more. 房屋灭失。")
TENURE_CREATED: Type = EventType("core.tenure_created", 1, TenureTold, "A tenure was entered. 新增权属或居住关系。")
TENURE_UPDATED: Type = EventType("core.tenure_updated", 1, TenureTold, "A tenure was changed. 权属或居住关系变更。")
TENURE_ENDED: Type = EventType("core.tenure_ended", 1, TenureTold, "A tenure was ended. 权属或居住关系终止。")
HOUSEHOLD_CREATED: Type = EventType("core.household_created", 1, HouseholdTold, "A household was entered. 新增家庭户。")
HOUSEHOLD_UPDATED: Type = EventType("core.household_updated", 1, HouseholdTold, "A household was changed. 家庭户变更。")
HOUSEHOLD_ENDED: Type = EventType("core.household_ended", 1, HouseholdTold, "A household was ended. 家庭户注销。")
MEMBER_ADDED: Type = EventType("core.household_member_added", 1, MemberTold, "A member joined. 家庭户成员增加。")
MEMBER_UPDATED: Type = EventType("core.household_member_updated", 1, MemberTold, "A member changed. 家庭户成员变更。")
MEMBER_ENDED: Type = EventType("core.household_member_ended", 1, MemberTold, "A member left. 家庭户成员减少。")
THING_CREATED: Type = EventType("core.thing_created", 1, ThingTold, "A thing was entered. 新增设施设备。")
THING_UPDATED: Type = EventType("core.thing_updated", 1, ThingTold, "A thing was changed. 设施设备变更。")
THING_ENDED: Type = EventType("core.thing_ended", 1, ThingTold, "A thing is no more. 设施设备停用。")
FIELDS_VERIFIED: Type = EventType(
    "core.fields_verified", 1, FieldsVerified, "Somebody found that values of a record are right. 信息核实。"
)

EVENT_TYPES = (
    *(PREMISES_CREATED, PREMISES_UPDATED, PREMISES_ENDED),
    *(TENURE_CREATED, TENURE_UPDATED, TENURE_ENDED),
    *(HOUSEHOLD_CREATED, HOUSEHOLD_UPDATED, HOUSEHOLD_ENDED),
    *(MEMBER_ADDED, MEMBER_UPDATED, MEMBER_ENDED),
    *(THING_CREATED, THING_UPDATED, THING_ENDED),
    FIELDS_VERIFIED,
)
