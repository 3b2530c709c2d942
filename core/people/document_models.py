"""Table of identity documents other than the citizen id."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT
from ..records.classes import internal, personal, sensitive
from ..records.encrypted import BlindIndex, Encrypted, EncryptedText
from ..records.fields import Instant, Text
from ..records.provenance import TracedRecord, trace
from ..records.visible import Visible
from .models import Person

_READ, _STAFF = "core.person.read", "core.staff.read"


class IdentityDocument(TracedRecord):
    """A document that shows who somebody is, such as a passport. 身份证件（居民身份证以外）。

    `counts` is true, and null once the document is ended: so the database itself keeps one document of a kind and a
    number that counts, and any number of ended ones.
    """

    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    kind = internal(Text(30))
    number: Encrypted | None = sensitive(EncryptedText(null=True))
    number_index = internal(BlindIndex())
    country = personal(Text(3, null=True))
    valid_until: date | None = personal(fields.DateField(null=True))
    counts = internal(fields.BooleanField(null=True, default=True))
    ended_at: datetime | None = internal(Instant(null=True))

    visible = Visible(
        at={
            "person__registered_residence": _READ,
            "person__habitual_residence": _READ,
            "person__employer": _STAFF,
        },
        persons=("person_id",),
        everywhere=(_READ,),
    )
    traced = trace("kind", "number", "country", "valid_until")

    class Meta:
        table = "core_identity_document"
        unique_together = (("kind", "number_index", "counts"),)
        indexes = (Index(fields=("person_id",), name="core_identity_document_person"),)
