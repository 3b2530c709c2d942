"""Tables of homes, who holds and lives in them, and the things of a place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, personal, public
from ..records.encrypted import BlindIndex, Encrypted, EncryptedText
from ..records.fields import Instant, Json, Text
from ..records.provenance import TracedRecord, trace
from ..records.visible import Joined, Visible

READ, WRITE = "core.registry.read", "core.registry.write"
EVIDENCE_LENGTH = 500
PLACE_LENGTH = 20
VALID = '"valid_to" IS NULL'


def _to(model: str, *, null: bool = False) -> Any:
    of: Any = fields.ForeignKeyField
    return of(f"core.{model}", null=null, on_delete=RESTRICT, related_name=False)


class Premises(TracedRecord):
    """An exclusive part of a building, a flat or a shop: one home has one row while it is valid. 房屋。

    `org` is the building, compound or community it stands in; `unit` is empty where a building has no entrances of its
    own. `area` is the exclusive area in hundredths of a square metre, `area_basis` what it is known from
    (Interpretation of the Supreme People's Court on owners, 2020, art. 8). `micro_grid` answers for it.
    """

    org: fields.ForeignKeyRelation[OrgNode] = internal(_to("OrgNode"))
    org_id: UUID
    unit = internal(Text(PLACE_LENGTH, default=""))
    floor: int | None = internal(fields.IntField(null=True))
    number = internal(Text(PLACE_LENGTH))
    area: int | None = internal(fields.IntField(null=True))
    area_basis = internal(Text(20, null=True))
    use = internal(Text(20))
    address: Encrypted | None = personal(EncryptedText(null=True))
    address_index = internal(BlindIndex())
    micro_grid: fields.ForeignKeyNullableRelation[OrgNode] = internal(_to("OrgNode", null=True))
    micro_grid_id: UUID | None
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(
        at={"org": READ},
        joined=(Joined("Tenure", "premises_id"), Joined("HouseholdMember", "household__premises_id", "household")),
    )
    traced = trace("unit", "floor", "number", "area", "area_basis", "use", "address", "micro_grid_id")

    class Meta:
        table = "core_premises"
        indexes = (
            Index(fields=("org_id", "unit", "number", "id"), name="core_premises_place"),
            Index(fields=("micro_grid_id",), name="core_premises_micro_grid"),
            Index(fields=("address_index",), name="core_premises_address"),
        )
        constraints = (
            UniqueConstraint(fields=("org_id", "unit", "number"), name="core_premises_one_valid", condition=VALID),
            CheckConstraint(check='"area" > 0', name="core_premises_area"),
        )


class Tenure(TracedRecord):
    """That a person or an organisation owns or uses premises for a span. 权属与居住关系。

    Owners and co-owners may hold a share, an exact fraction; co-owners without one own jointly (Civil Code art. 299).
    """

    premises: fields.ForeignKeyRelation[Premises] = internal(_to("Premises"))
    premises_id: UUID
    person: fields.ForeignKeyNullableRelation[Person] = internal(_to("Person", null=True))
    person_id: UUID | None
    org: fields.ForeignKeyNullableRelation[OrgNode] = internal(_to("OrgNode", null=True))
    org_id: UUID | None
    kind = internal(Text(12))
    share_numerator: int | None = internal(fields.IntField(null=True))
    share_denominator: int | None = internal(fields.IntField(null=True))
    evidence = personal(Text(EVIDENCE_LENGTH, null=True))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"premises__org": READ}, persons=("person_id",))
    traced = trace("kind", "evidence", "valid_from", "valid_to", share_numerator="share", share_denominator="share")

    class Meta:
        table = "core_tenure"
        indexes = (
            Index(fields=("premises_id", "kind"), name="core_tenure_premises"),
            Index(fields=("person_id",), name="core_tenure_person"),
            Index(fields=("org_id",), name="core_tenure_org"),
        )
        constraints = (CheckConstraint(check='("person_id" IS NULL) <> ("org_id" IS NULL)', name="core_tenure_holder"),)


class Household(TracedRecord):
    """Those who live together in premises for a span. 家庭户。"""

    premises: fields.ForeignKeyRelation[Premises] = internal(_to("Premises"))
    premises_id: UUID
    kind = internal(Text(12))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"premises__org": READ}, joined=(Joined("HouseholdMember", "household_id"),))
    traced = trace("premises_id", "kind")

    class Meta:
        table = "core_household"
        indexes = (Index(fields=("premises_id",), name="core_household_premises"),)


class HouseholdMember(TracedRecord):
    """That a person belongs to a household for a span, and as what; to one household at a time. 家庭户成员。"""

    household: fields.ForeignKeyRelation[Household] = internal(_to("Household"))
    household_id: UUID
    person: fields.ForeignKeyRelation[Person] = internal(_to("Person"))
    person_id: UUID
    relation = internal(Text(12))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"household__premises__org": READ}, persons=("person_id",))
    traced = trace("relation", "valid_from", "valid_to")

    class Meta:
        table = "core_household_member"
        indexes = (
            Index(fields=("household_id",), name="core_household_member_household"),
            Index(fields=("person_id",), name="core_household_member_person"),
        )
        constraints = (
            UniqueConstraint(fields=("person_id",), name="core_household_member_one", condition=VALID),
            UniqueConstraint(
                fields=("household_id",),
                name="core_household_member_head",
                condition=f"{VALID} AND \"relation\" = 'HEAD'",
            ),
        )


class Thing(TracedRecord):
    """A facility or a device that stands at an organisation, in premises or outside. 设施设备。"""

    org: fields.ForeignKeyRelation[OrgNode] = internal(_to("OrgNode"))
    org_id: UUID
    premises: fields.ForeignKeyNullableRelation[Premises] = internal(_to("Premises", null=True))
    premises_id: UUID | None
    kind = internal(Text(40))
    code = internal(Text(64, null=True))
    name = internal(Text(200))
    attributes: dict[str, Any] = internal(Json(default=dict))
    micro_grid: fields.ForeignKeyNullableRelation[OrgNode] = internal(_to("OrgNode", null=True))
    micro_grid_id: UUID | None
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"org": READ}, vocabulary={"kind": "thing_kind"})
    traced = trace("code", "name", "attributes", "premises_id", "micro_grid_id")

    class Meta:
        table = "core_thing"
        indexes = (
            Index(fields=("org_id", "kind"), name="core_thing_org"),
            Index(fields=("premises_id",), name="core_thing_premises"),
            Index(fields=("micro_grid_id",), name="core_thing_micro_grid"),
        )
        constraints = (
            UniqueConstraint(
                fields=("kind", "code"), name="core_thing_one_code", condition=f'{VALID} AND "code" IS NOT NULL'
            ),
        )
