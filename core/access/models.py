"""Tables of accounts, grants, sessions and tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..people.models import Person
from ..records.classes import internal, personal, public, sensitive
from ..records.encrypted import BlindIndex, Encrypted, EncryptedText
from ..records.fields import Instant, LongText, Text
from ..records.record import MutableRecord, Record
from ..records.visible import Visible


class Account(MutableRecord):
    """Who signs in; at most one person behind it. 账号。

    `created_by` is the account that made it, null where an operator did. Whoever made it may know its password: where
    they named the person too, somebody else must confirm that before the account speaks for the person.
    """

    username = internal(Text(100, unique=True))
    password_hash: str | None = sensitive(LongText(null=True))
    person: fields.ForeignKeyNullableRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", null=True, on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID | None
    person_confirmed = internal(fields.BooleanField(default=True, db_default=True))
    created_by: UUID | None = internal(fields.UUIDField(null=True))
    disabled_at: datetime | None = internal(Instant(null=True))

    visible = Visible(accounts=("id",), everywhere=("core.account.write", "core.grant.write", "core.audit.read"))

    class Meta:
        table = "core_account"
        indexes = (Index(fields=("person_id",), name="core_account_person"),)


class Grant(MutableRecord):
    """A role given to an account at an organisation and everything beneath it, for a span. 授权。

    `delegated_from` is the grant of somebody else whose role it is; the delegation counts while that grant does.
    """

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

    delegated_from: fields.ForeignKeyNullableRelation[Grant] = internal(
        fields.ForeignKeyField("core.Grant", null=True, on_delete=RESTRICT, related_name=False)
    )
    delegated_from_id: UUID | None

    visible = Visible(
        at={"org": "core.grant.write"},
        accounts=("account_id", "delegated_from__account_id"),
        vocabulary={"role": "role"},
    )

    class Meta:
        table = "core_grant"
        indexes = (
            Index(fields=("account_id",), name="core_grant_account"),
            Index(fields=("delegated_from_id",), name="core_grant_delegated"),
        )


class Identity(MutableRecord):
    """By whom somebody is known to a provider; whoever shows it signs in to the account. 身份。

    `subject` is the provider's id, encrypted; it is gone once the identity is unbound.
    """

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    provider = internal(Text(40))
    subject: Encrypted | None = personal(EncryptedText(null=True))
    subject_index = internal(BlindIndex())
    unbound_at: datetime | None = internal(Instant(null=True))

    visible = Visible(accounts=("account_id",))

    class Meta:
        table = "core_identity"
        unique_together = (("provider", "subject_index"),)
        indexes = (Index(fields=("account_id",), name="core_identity_account"),)


class AccountSession(MutableRecord):
    """What an account began by signing in, and all tokens that came of it. 会话。

    `last_used_at` is when its tokens were last renewed: no finer, so that it is no trail of somebody's day. `network`
    and `agent` are as coarse as recognising one's own devices needs.
    """

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    provider = internal(Text(40))
    network = personal(Text(50))
    agent = internal(Text(60))
    last_used_at: datetime = internal(Instant())
    expires_at: datetime = internal(Instant())
    second_factor = internal(fields.BooleanField(default=False))
    ended_at: datetime | None = internal(Instant(null=True))

    visible = Visible(accounts=("account_id",))

    class Meta:
        table = "core_session"
        indexes = (Index(fields=("account_id", "network"), name="core_session_account"),)


class RefreshToken(Record):
    """A token that renews a session once, kept as a hash only. 刷新令牌。

    Used ones stay while the session lasts: one that comes again tells that it was stolen.
    """

    session: fields.ForeignKeyRelation[AccountSession] = internal(
        fields.ForeignKeyField("core.AccountSession", on_delete=RESTRICT, related_name=False)
    )
    session_id: UUID
    digest = sensitive(Text(64, unique=True))
    used_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_refresh_token"
        indexes = (Index(fields=("session_id",), name="core_refresh_token_session"),)


class SecondFactor(MutableRecord):
    """A secret that an account shares with an authenticator app. 二次验证。

    It counts from `confirmed_at` until `disabled_at`, when the secret goes; `last_step` is that of the last code taken.
    """

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    secret: Encrypted | None = sensitive(EncryptedText(null=True))
    last_step: int = internal(fields.BigIntField(default=0))
    confirmed_at: datetime | None = internal(Instant(null=True))
    disabled_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_second_factor"
        indexes = (Index(fields=("account_id",), name="core_second_factor_account"),)


class RecoveryCode(Record):
    """A code that stands in for a lost authenticator app, once; kept as a hash only. 恢复码。"""

    factor: fields.ForeignKeyRelation[SecondFactor] = internal(
        fields.ForeignKeyField("core.SecondFactor", on_delete=RESTRICT, related_name=False)
    )
    factor_id: UUID
    digest = sensitive(Text(64, unique=True))
    used_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_recovery_code"
        indexes = (Index(fields=("factor_id",), name="core_recovery_code_factor"),)


_PLACES = ("registered_residence", "habitual_residence", "employer")


class PersonClaim(MutableRecord):
    """An account that wants to be known as a person; without `person` it fits nobody, and nobody sees it. 认领申请。"""

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    person: fields.ForeignKeyNullableRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", null=True, on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID | None
    state = internal(Text(20, default="REQUESTED"))
    decided_by: fields.ForeignKeyNullableRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", null=True, on_delete=RESTRICT, related_name=False)
    )
    decided_by_id: UUID | None
    decided_at: datetime | None = internal(Instant(null=True))
    reason = internal(Text(300, null=True))

    visible = Visible(at={f"person__{place}": "core.person.write" for place in _PLACES})

    class Meta:
        table = "core_person_claim"
        indexes = (
            Index(fields=("account_id", "created_at"), name="core_person_claim_account"),
            Index(fields=("person_id",), name="core_person_claim_person"),
            Index(fields=("created_at", "id"), name="core_person_claim_created"),
        )


class SignInTry(Record):
    """How many tries to sign in were counted under a key since when. 登录试错计数。

    The key is a keyed hash of a name, a network or both: see `throttle`.
    """

    key = internal(Text(64, unique=True))
    tries: int = internal(fields.IntField())
    since: datetime = internal(Instant())

    visible = Visible()

    class Meta:
        table = "core_sign_in_try"
        indexes = (Index(fields=("since",), name="core_sign_in_try_since"),)


class AccessStamp(Record):
    """How often it changed who may do what: whoever keeps viewers in mind reads them anew then. 授权变更计数。

    Rows are known by their `name`, of which there is one; `records.watching` says what counts.
    """

    name = internal(Text(20, unique=True))
    number: int = internal(fields.BigIntField())

    visible = Visible()

    class Meta:
        table = "core_access_stamp"


class Token(MutableRecord):
    """An opaque access token, kept as a hash only; without `expires_at` it does not expire. 令牌。

    One without a session is a service token; `permissions`, names with spaces between, and `org` narrow what it allows.
    """

    account: fields.ForeignKeyRelation[Account] = internal(
        fields.ForeignKeyField("core.Account", on_delete=RESTRICT, related_name=False)
    )
    account_id: UUID
    session: fields.ForeignKeyNullableRelation[AccountSession] = internal(
        fields.ForeignKeyField("core.AccountSession", null=True, on_delete=RESTRICT, related_name=False)
    )
    session_id: UUID | None
    permissions: str | None = internal(LongText(null=True))
    org: fields.ForeignKeyNullableRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", null=True, on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID | None
    digest = sensitive(Text(64, unique=True))
    expires_at: datetime | None = internal(Instant(null=True))
    revoked_at: datetime | None = internal(Instant(null=True))

    visible = Visible()

    class Meta:
        table = "core_token"
        indexes = (
            Index(fields=("account_id",), name="core_token_account"),
            Index(fields=("session_id",), name="core_token_session"),
        )
