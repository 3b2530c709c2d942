"""Tables of people and posts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..records.classes import internal, personal, public, sensitive
from ..records.encrypted import BlindIndex, Encrypted, EncryptedText, TailIndex
from ..records.fields import Instant, Text
from ..records.provenance import TracedRecord, trace
from ..records.record import MutableRecord
from ..records.visible import ANY_AREA, Tied, Visible


class Person(TracedRecord):
    """A natural person. 人员。

    `id_number` is a citizen id of 18 characters (GB 11643-1999) and may be absent; it and the phone are kept encrypted,
    and equal ones are found by their blind indexes, those that end alike by `.._tail`. Dates of birth are dates, never
    instants. Somebody who had been entered twice has two rows: the one that was `merged_into` the other keeps its id
    and is shown no more. Whoever holds a home is seen where the home is too, wherever they live: its community answers
    for the owners' votes and dues (Civil Code art. 271 to 287).
    """

    name = personal(Text(100))
    name_key = personal(Text(600))
    name_initials = personal(Text(64, null=True))
    gender = personal(Text(10, null=True))
    birth_date: date | None = personal(fields.DateField(null=True))
    id_number: Encrypted | None = sensitive(EncryptedText(null=True))
    id_number_index = internal(BlindIndex(unique=True))
    id_number_tail = internal(TailIndex())
    phone: Encrypted | None = personal(EncryptedText(null=True))
    phone_index = internal(BlindIndex())
    phone_tail = internal(TailIndex())
    party_status = personal(Text(20, null=True))
    registered_residence: fields.ForeignKeyNullableRelation[OrgNode] = personal(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    registered_residence_id: UUID | None
    habitual_residence: fields.ForeignKeyNullableRelation[OrgNode] = personal(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    habitual_residence_id: UUID | None
    employer: fields.ForeignKeyNullableRelation[OrgNode] = personal(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    employer_id: UUID | None
    erased_at: datetime | None = public(Instant(null=True))
    merged_into: UUID | None = internal(fields.UUIDField(null=True))

    visible = Visible(
        at={
            "registered_residence": "core.person.read",
            "habitual_residence": "core.person.read",
            "employer": "core.staff.read",
        },
        persons=("id",),
        proxies=ANY_AREA,
        tied=(Tied("Tenure", "person_id", "premises__org", "core.person.read"),),
        everywhere=("core.person.read",),
        only_without="merged_into",
    )
    traced = trace(
        *("name", "gender", "birth_date", "id_number", "phone", "party_status"),
        *("registered_residence_id", "habitual_residence_id", "employer_id"),
    )

    class Meta:
        table = "core_person"
        indexes = (
            Index(fields=("registered_residence_id",), name="core_person_registered"),
            Index(fields=("habitual_residence_id",), name="core_person_habitual"),
            Index(fields=("employer_id",), name="core_person_employer"),
            Index(fields=("phone_index",), name="core_person_phone"),
            Index(fields=("name", "id"), name="core_person_name_text"),
            Index(fields=("name_key", "id"), name="core_person_name"),
            Index(fields=("name_initials", "id"), name="core_person_initials"),
            Index(fields=("phone_tail",), name="core_person_phone_tail"),
            Index(fields=("id_number_tail",), name="core_person_id_number_tail"),
            Index(fields=("merged_into",), name="core_person_merged"),
        )


class Post(MutableRecord):
    """A post that a person holds at an organisation for a span. 任职。"""

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    kind = internal(Text(40))
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"org": "core.post.read"}, persons=("person_id",))

    class Meta:
        table = "core_post"
        indexes = (
            Index(fields=("person_id",), name="core_post_person"),
            Index(fields=("org_id", "kind"), name="core_post_org"),
        )
