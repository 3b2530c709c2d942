"""Tables of accounts, grants and tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, public, sensitive
from ..records.fields import Instant, LongText, Text
from ..records.record import MutableRecord
from ..records.visible import Visible


class Account(MutableRecord):
    """Who signs in; at most one person behind it. 账号。"""

    username = internal(Text(100, unique=True))
    password_hash: str | None = sensitive(LongText(null=True))
    person: fields.ForeignKeyNullableRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", null=True, on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID | None
    disabled_at: datetime | None = internal(Instant(null=True))

    visible = Visible(accounts=("id",))

    class Meta:
        table = "core_account"
        indexes = (Index(fields=("person_id",), name="core_account_person"),)


class Grant(MutableRecord):
    """A role given to an account at an organisation and everything beneath it, for a span. 授权。"""

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    role = internal(Text(60))
    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    valid_from: datetime | None = public(Instant(null=True))
    valid_to: datetime | None = public(Instant(null=True))

    visible = Visible(at={"org": "core.grant.write"}, accounts=("account_id",), vocabulary={"role": "role"})

    class Meta:
        table = "core_grant"
        indexes = (Index(fields=("account_id",), name="core_grant_account"),)


class Token(MutableRecord):
    """An opaque access token, kept as a hash only; without `expires_at` it does not expire. 令牌。"""

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    digest = sensitive(Text(64, unique=True))
    expires_at: datetime | None = internal(Instant(null=True))
    revoked_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_token"
        indexes = (Index(fields=("account_id",), name="core_token_account"),)
