"""Consents in GraphQL: what a person agreed to, and giving and withdrawing it."""

from __future__ import annotations

from typing import Any

import strawberry
from tortoise.expressions import Q

from linli.core.access.on_behalf import Acting, Channel, Terms
from linli.core.people.models import Person as PersonModel
from linli.core.privacy import consents as services
from linli.core.privacy import models
from linli.core.privacy.consents import Basis, Word
from linli.core.privacy.file_purposes import CONSENT_EVIDENCE

from ..context import Info
from ..contributions import fields
from ..declare import column, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from ..inputs import optional, required, value
from ..mutations import mutation
from ..on_behalf import OnBehalfInput, acting_for, done_for
from .files import file_ids, files_page
from .history import history
from .lookups import seen
from .people import holds

WRITE = "core.person.write"
TERMS = Terms("core.consent")

enum(
    "Why data may be used. 处理依据。",
    CONSENT="The person agreed. 本人同意。",
    STATUTORY_DUTY="A law demands it. 履行法定职责。",
)(Basis)


@strawberry.type(description="What personal data are used for. 个人信息处理目的。")
class ConsentPurpose:
    """Something that one may agree to."""

    name: str = strawberry.field(description="As <plugin>.<purpose>. 标识。")
    title: str = strawberry.field(description="In the caller's language. 名称。")
    description: str = strawberry.field(description="In the caller's language. 说明。")


def purposes(_root: Any, info: Info) -> list[ConsentPurpose]:
    """What the district registers."""
    chinese = info.context.language.startswith("zh")
    return [
        ConsentPurpose(
            name=one.name,
            title=one.title_zh if chinese else one.title_en,
            description=one.description_zh if chinese else one.description_en,
        )
        for one in info.context.district.purposes.values()
    ]


def _for_those_who_record(name: str) -> Any:
    async def read(row: models.Consent, info: Info) -> str | None:
        person = await PersonModel.get(id=row.person_id)
        value: str | None = getattr(row, name)
        return value if await holds(info, WRITE, person) else None

    return read


@node(models.Consent, "That a person's data may be used for a purpose. 同意记录。", order=("given_at",))
class Consent:
    """A consent, or a statutory duty that stands in its place."""

    person = relation("Whose data. 人员。", "Person")
    purpose = column("For what, as <plugin>.<purpose>. 处理目的。")
    basis = column("Why. 处理依据。", type=Basis)
    channel = column("How it was given. 渠道。", type=Channel)
    document = column("The law or paper behind a statutory duty. 依据文件。", filterable=False)
    evidence = masked(
        "What shows it; for the person and those who may record it. 凭证。",
        _for_those_who_record("evidence"),
        nullable=True,
    )
    evidence_files = page(
        "Scans of what shows it; for the person and those who may record it. 凭证文件。",
        "File",
        files_page(CONSENT_EVIDENCE),
    )
    given_at = column("When it was given. 同意时间。", orderable=True)
    withdrawn_at = column("When it was withdrawn. 撤回时间。")
    withdrawn_evidence = masked(
        "What shows the withdrawal; for the person and those who may record it. 撤回凭证。",
        _for_those_who_record("withdrawn_evidence"),
        nullable=True,
    )
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


def _consents(row: PersonModel, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["Consent"], Q(person_id=row.id), **given)


@fields("What a person agreed to. 同意记录。")
class PersonConsents:
    """What `Person` gets."""

    consents = page("To which uses of the data the person agreed. 同意记录。", "Consent", _consents)


def _word(acting: Acting, basis: Basis = Basis.CONSENT, document: str | None = None) -> Word:
    return Word(acting.own, acting.channel, acting.evidence, basis, document)


@strawberry.input(description="What somebody agrees to. 同意。")
class GiveConsentInput(OnBehalfInput):
    """Whose data, for what, and how it is known."""

    person_id: strawberry.ID = required("Whose data. 人员。")
    purpose: str = required("For what, as <plugin>.<purpose>. 处理目的。")
    channel: Channel | None = optional("How it was given; APP where not said, COUNTER for staff. 渠道。")
    evidence: str | None = optional("What shows it; staff must state it for a consent. 凭证。")
    basis: Basis | None = optional("Why; CONSENT where not said. 处理依据。")
    document: str | None = optional("The law or paper behind a statutory duty. 依据文件。")
    evidence_file_ids: list[strawberry.ID] | None = optional(
        "Scans of what shows it, uploaded for core.consent_evidence. 凭证文件。"
    )


@mutation(
    "Agree to a use of one's data, or record somebody's consent. 同意或登记同意；代录需要权限。",
    Consent,
    permission=WRITE,
)
async def give_consent(info: Info, input: GiveConsentInput) -> models.Consent:  # noqa: A002
    """Keep the consent of the viewer, or of somebody where the viewer may record it."""
    said = {"channel": value(input.channel), "evidence": value(input.evidence)}
    acting = await acting_for(info, input, input.person_id, TERMS, WRITE, **said)
    services.check_purpose(info.context.district.purposes, input.purpose)
    basis = value(input.basis) or Basis.CONSENT
    services.check_of_age(acting, basis, info.context.district.majority)
    scans = file_ids(info.context, value(input.evidence_file_ids) or [], "evidenceFileIds")
    given = await services.give_consent(acting.person, input.purpose, _word(acting, basis, value(input.document)))
    await services.attach_evidence(info.context.viewer, given, acting.person, scans)
    await done_for(info, acting, "giveConsent", given)
    return given


@strawberry.input(description="Which consent is withdrawn. 撤回同意。")
class WithdrawConsentInput(OnBehalfInput):
    """Which, and how it is known."""

    consent_id: strawberry.ID = required("Which. 同意记录。")
    channel: Channel | None = optional("How it was withdrawn; APP where not said, COUNTER for staff. 渠道。")
    evidence: str | None = optional("What shows it; staff must state it. 凭证。")


@mutation("Withdraw a consent, one's own or as somebody said. 撤回同意；代录需要权限。", Consent, permission=WRITE)
async def withdraw_consent(info: Info, input: WithdrawConsentInput) -> models.Consent:  # noqa: A002
    """End the consent of the viewer, or of somebody where the viewer may record it."""
    consent = await seen(info.context, models.Consent, input.consent_id, "consentId")
    id_ = info.context.global_id(await PersonModel.get(id=consent.person_id))
    said = {"channel": value(input.channel), "evidence": value(input.evidence)}
    acting = await acting_for(info, input, id_, TERMS, WRITE, **said)
    withdrawn = await services.withdraw_consent(consent, acting.person, _word(acting))
    await done_for(info, acting, "withdrawConsent", withdrawn)
    return withdrawn


@fields("Changes of consents. 同意变更。")
class ConsentMutation:
    """What can be done to consents."""

    give_consent = give_consent
    withdraw_consent = withdraw_consent
