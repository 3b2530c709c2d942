"""Requests about personal data in GraphQL: handing out, correcting and erasing what is kept of a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Optional

import strawberry

from linli.core import clock
from linli.core.access.on_behalf import Channel, Terms
from linli.core.errors import Text as CoreText
from linli.core.files.links import MOST_SECONDS, link_to
from linli.core.files.persons import described, files_about
from linli.core.graph.models import OrgNode
from linli.core.languages import translate
from linli.core.people.merged import hold
from linli.core.privacy import models, requests
from linli.core.privacy.exporting import SCHEMA, document
from linli.core.privacy.requests import RequestKind, RequestState
from linli.core.records.encrypted import decrypted
from linli.core.records.masks import mask_id_number, mask_name, mask_phone

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, every, masked, node, relation
from ..enums import enum
from ..inputs import MutationInput, given, optional, required, value
from ..mutations import mutation
from ..on_behalf import OnBehalfInput, acting_for, done_for
from ..scalars import JSON
from .files import address
from .history import history
from .lookups import seen
from .people_changes import Gender

EXPORT, ERASE, WRITE = "core.person.export", "core.person.erase", "core.person.write"
CREATE_FOR = "core.person_request.create_for"
TERMS = Terms("core.person_request")
AT_HAND = timedelta(minutes=10)
"""How long the document of an export can be read by whoever asked for it: then it is asked for anew."""

enum(
    "What is asked for. 请求类型。",
    EXPORT="A copy of what is kept. 查阅、复制。",
    CORRECTION="That something be corrected. 更正。",
    ERASURE="That the person be erased. 删除。",
)(RequestKind)
enum(
    "Where a request stands. 请求状态。",
    OPEN="Somebody must decide. 待处理。",
    DONE="Carried out. 已办结。",
    REFUSED="Refused, with reasons. 不予办理。",
)(RequestState)


@strawberry.type(description="What is to be corrected. 更正内容。")
class Correction:
    """A field and its right value."""

    field: str = strawberry.field(description="The field of Person. 字段。")
    value: str | None = strawberry.field(description="What it should say; masked for staff. 应为。")


@strawberry.type(description="What was made empty. 已删除的内容。")
class ErasedPart:
    """Columns of a table."""

    plugin: str = strawberry.field(description="Whose table. 插件。")
    what: str = strawberry.field(description="The table. 数据表。")
    rows: int = strawberry.field(description="In how many rows. 行数。")
    columns: list[str] = strawberry.field(description="Which columns. 列。")


@strawberry.type(description="What is kept, without the person's name, and why. 保留的内容。")
class KeptPart:
    """Rows of a table."""

    plugin: str = strawberry.field(description="Whose table. 插件。")
    what: str = strawberry.field(description="The table. 数据表。")
    rows: int = strawberry.field(description="How many rows. 行数。")
    reason: str = strawberry.field(description="In the caller's language. 保留理由。")
    until: date | None = strawberry.field(description="Until when; null for as long as the district is kept. 期限。")


def _concerns(info: Info, row: models.PersonRequest) -> bool:
    """Whether the viewer asked for it, or is the person."""
    viewer = info.context.viewer
    return viewer.account_id is not None and (viewer.account_id == row.filed_by or viewer.owns(row.person_id))


async def _decides(info: Info, row: models.PersonRequest) -> bool:
    needed = WRITE if row.kind == RequestKind.CORRECTION else ERASE
    place = await OrgNode.get(id=row.org_id)
    return info.context.viewer.may(needed, place.path)


def _words(name: str) -> Any:
    async def read(row: models.PersonRequest, info: Info) -> str | None:
        shown = _concerns(info, row) or await _decides(info, row)
        return decrypted(getattr(row, name)) if shown else None

    return read


_MASKS = {"name": mask_name, "id_number": mask_id_number, "phone": mask_phone}


async def _corrections(row: models.PersonRequest, info: Info) -> list[Correction]:
    own = _concerns(info, row)
    if row.kind != RequestKind.CORRECTION or not (own or await _decides(info, row)):
        return []
    found = requests.corrections(row)
    return [
        Correction(field=_camel(name), value=None if to is None else _shown(name, str(to), own=own))
        for name, to in sorted(found.items())
    ]


def _shown(name: str, to: str, *, own: bool) -> str | None:
    """The new name is for the staff to enter in full; a date of birth is masked with the id number."""
    if own or name in ("gender", "party_status", "name"):
        return to
    return _MASKS[name](to) if name in _MASKS else None


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(part.capitalize() for part in more)


def _erased(row: models.PersonRequest, _info: Info) -> list[ErasedPart]:
    return [ErasedPart(**part) for part in row.outcome.get("erased", [])]


def _kept(row: models.PersonRequest, info: Info) -> list[KeptPart]:
    return [
        KeptPart(
            plugin=part["plugin"],
            what=part["what"],
            rows=part["rows"],
            reason=translate(CoreText(*part["reason"]), info.context.language),
            until=None if part["until"] is None else date.fromisoformat(part["until"]),
        )
        for part in row.outcome.get("kept", [])
    ]


async def _document(row: models.PersonRequest, info: Info) -> JSON | None:
    viewer = info.context.viewer
    if row.kind != RequestKind.EXPORT or row.filed_by != viewer.account_id or clock.now() - row.created_at > AT_HAND:
        return None
    place = await OrgNode.get(id=row.org_id)
    acts = viewer.owns(row.person_id) or row.person_id in viewer.acts.within(TERMS.area)
    if not acts and not viewer.may(EXPORT, place.path):
        return None
    told = await document(info.context.district, row.person_id)
    for file in await files_about(row.person_id):
        link = await link_to(file, viewer, MOST_SECONDS)
        url = f"{address(info.context, file.id)}?{link.query}"
        told["files"].append({**described(file), "url": url})
    return JSON(told)


def _document_schema(_row: models.PersonRequest, _info: Info) -> JSON:
    return JSON(SCHEMA)


@node(models.PersonRequest, "What somebody asks for about a person's data. 个人信息请求。", order=("created_at",))
class PersonRequest:
    """A request, and what came of it."""

    kind = column("What is asked for. 请求类型。", type=RequestKind)
    state = column("Where it stands. 请求状态。", type=RequestState)
    person = relation("Whose data. 人员。", "Person")
    org = relation("Where it is decided. 受理地。", "OrgNode")
    channel = column("How it was asked for. 渠道。", type=Channel)
    reason = masked(
        "Why; for those concerned and those who decide. 理由。",
        _words("reason"),
        nullable=True,
    )
    corrections = computed(
        "What is to be corrected; for those concerned and those who decide. 更正内容。", _corrections, list[Correction]
    )
    answer = masked(
        "Why it was refused; for those concerned and those who decide. 不予办理的理由。",
        _words("answer"),
        nullable=True,
    )
    erased = computed("What was made empty. 已删除的内容。", _erased, list[ErasedPart])
    kept = computed("What is kept, and why. 保留的内容。", _kept, list[KeptPart])
    document = computed(
        "The copy, in the shape of documentSchema; for whoever asked, within 10 minutes. 个人信息副本。",
        _document,
        Optional[JSON],
    )
    document_schema = computed("JSON Schema of the document. 副本的结构。", _document_schema, JSON)
    created_at = column("When it was asked for. 提出时间。", orderable=True)
    decided_at = column("When it was decided. 办结时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


@fields("What is asked for about people's data. 个人信息请求。")
class RequestQuery:
    """What `Query` gets."""

    person_requests = every("Requests about people's data. 个人信息请求列表。", "PersonRequest")


@strawberry.input(description="Of whom a copy is handed out. 个人信息副本。")
class ExportPersonInput(OnBehalfInput):
    """Whose data, and what for."""

    person_id: strawberry.ID = required("Whose data. 人员。")
    purpose: str = required("What for, 1 to 500 characters; it is recorded. 用途。")


@mutation(
    "Hand out what is kept of oneself, or of somebody who asked. 提供个人信息副本；代办需要权限。",
    PersonRequest,
    permission=EXPORT,
)
async def export_person(info: Info, input: ExportPersonInput) -> models.PersonRequest:  # noqa: A002
    """Note who asks and what for; the document is read from the answer, after that is kept."""
    acting = await acting_for(info, input, input.person_id, TERMS, EXPORT)
    request = await requests.record_export(acting.person, input.purpose, acting.channel)
    await done_for(info, acting, "exportPerson", request)
    return request


@strawberry.input(description="What is wrong about oneself. 更正请求。")
class RequestCorrectionInput(OnBehalfInput):
    """The right values."""

    person_id: strawberry.ID = required("Oneself, or for whom one acts. 本人或代办对象。")
    name: str | None = optional("The right name. 姓名。")
    id_number: str | None = optional("The right citizen id. 公民身份号码。")
    birth_date: date | None = optional("The right date of birth. 出生日期。")
    gender: Gender | None = optional("The right gender. 性别。")
    phone: str | None = optional("The right phone. 电话。")
    party_status: str | None = optional("The right party status. 政治面貌。")
    reason: str | None = optional("Why. 理由。")


@mutation(
    "Ask that what is kept of oneself be corrected; staff decide. 请求更正本人信息；代办需要权限。",
    PersonRequest,
    permission=CREATE_FOR,
)
async def request_correction(info: Info, input: RequestCorrectionInput) -> models.PersonRequest:  # noqa: A002
    """File what the viewer says of themselves, or of whom they act for."""
    acting = await acting_for(info, input, input.person_id, TERMS, CREATE_FOR)
    values = given(input, "name", "id_number", "birth_date", "gender", "phone", "party_status")
    request = await requests.request_correction(acting.person, values, value(input.reason), acting.channel)
    await done_for(info, acting, "requestCorrection", request)
    return request


@strawberry.input(description="Who is to be erased. 删除个人信息。")
class ErasePersonInput(OnBehalfInput):
    """Whom, and why."""

    person_id: strawberry.ID = required("Who. 人员。")
    reason: str = required("Why, 1 to 500 characters. 理由。")


@mutation(
    "Ask that a person be erased; somebody else confirms it. 请求删除个人信息，须由他人确认；代办需要权限。",
    PersonRequest,
    permission=ERASE,
)
async def erase_person(info: Info, input: ErasePersonInput) -> models.PersonRequest:  # noqa: A002
    """The first of two steps. Asking again answers the same request, also after it was carried out."""
    done = await _carried_out(info.context, input.person_id)
    if done is not None:
        return done
    acting = await acting_for(info, input, input.person_id, TERMS, ERASE)
    request = await requests.request_erasure(acting.person, input.reason, acting.channel)
    await done_for(info, acting, "erasePerson", request)
    return request


async def _carried_out(context: Context, id_: str) -> models.PersonRequest | None:
    person_id = await hold(context.required_id(id_, "Person", "personId"))
    seen_ = models.PersonRequest.filter(context.sees(models.PersonRequest), person_id=person_id)
    return await seen_.filter(kind=RequestKind.ERASURE.value, state=RequestState.DONE.value).first()


@strawberry.input(description="Which request is carried out. 同意办理。")
class ConfirmPersonRequestInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("Which. 请求。")


@strawberry.input(description="Which request is refused. 不予办理。")
class RefusePersonRequestInput(MutationInput):
    """Which, and why."""

    id: strawberry.ID = required("Which. 请求。")
    answer: str = required("Why, 1 to 500 characters; the person reads it. 理由。")


async def _to_decide(context: Context, id_: str) -> models.PersonRequest:
    request = await seen(context, models.PersonRequest, id_, "id")
    needed = WRITE if request.kind == RequestKind.CORRECTION else ERASE
    context.viewer.require(needed, (await OrgNode.get(id=request.org_id)).path)
    return request


@mutation(
    "Carry out what another asked for. 办理他人提出的请求。",
    PersonRequest,
    permission=f"{WRITE} for corrections, {ERASE} for erasures",
)
async def confirm_person_request(info: Info, input: ConfirmPersonRequestInput) -> models.PersonRequest:  # noqa: A002
    """The second step: the correction is entered, or the person erased."""
    request = await _to_decide(info.context, input.id)
    return await requests.grant(info.context.district, request, info.context.viewer)


@mutation(
    "Refuse what another asked for, with reasons. 不予办理并说明理由。",
    PersonRequest,
    permission=f"{WRITE} for corrections, {ERASE} for erasures",
)
async def refuse_person_request(info: Info, input: RefusePersonRequestInput) -> models.PersonRequest:  # noqa: A002
    """The person reads why."""
    return await requests.refuse(await _to_decide(info.context, input.id), info.context.viewer, input.answer)


@fields("Changes of requests about people's data. 个人信息请求变更。")
class RequestMutation:
    """What can be asked for and decided."""

    export_person = export_person
    request_correction = request_correction
    erase_person = erase_person
    confirm_person_request = confirm_person_request
    refuse_person_request = refuse_person_request
