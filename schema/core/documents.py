"""Identity documents in GraphQL: numbers are masked, revealed and searched as id numbers are."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from tortoise.expressions import Q

from linli.core.people import documents as services
from linli.core.people.document_models import IdentityDocument as Row
from linli.core.people.document_rules import DocumentKind
from linli.core.people.models import Person as PersonModel
from linli.core.records.encrypted import decrypted
from linli.core.records.masks import mask_tail

from ..context import Info
from ..contributions import fields
from ..declare import column, every, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from ..enums import enum
from ..inputs import MutationInput, optional, required, value
from ..mutations import mutation
from .history import history
from .lookups import person_for, seen
from .people import REVEAL
from .provenance import SourceInput, provenance, source_input, stated

WRITE = "core.person.write"

enum(
    "What kind of identity document. 证件类型。",
    PASSPORT="A passport. 护照。",
    HK_MACAO_PERMIT="The travel permit of residents of Hong Kong and Macao. 港澳居民来往内地通行证。",
    TAIWAN_PERMIT="The travel permit of residents of Taiwan. 台湾居民来往大陆通行证。",
    FOREIGN_PERMANENT_RESIDENCE="The identity card of a foreign permanent resident. 外国人永久居留身份证。",
    MILITARY_ID="A military identity document. 军人证件。",
    BIRTH_CERTIFICATE="A medical certificate of birth. 出生医学证明。",
    OTHER="Another one. 其他证件。",
)(DocumentKind)


def _number(row: Row, info: Info) -> str | None:
    plain = decrypted(row.number)
    if plain is None or info.context.viewer.owns(row.person_id):
        return plain
    return mask_tail(plain, 1, 2)


def _own_only(name: str) -> Any:
    return lambda row, info: getattr(row, name) if info.context.viewer.owns(row.person_id) else None


@node(Row, "An identity document other than the citizen id. 身份证件。", order=("created_at",))
class IdentityDocument:
    """A document of a person."""

    person = relation("Whose. 人员。", "Person")
    kind = column("What kind. 证件类型。", type=DocumentKind)
    number = masked("Number, masked. 证件号码（脱敏）。", _number, reveal=REVEAL)
    country = masked("Of which country, ISO 3166-1; null where masked. 签发国家。", _own_only("country"), reveal=REVEAL)
    valid_until = masked(
        "Its last day; null where masked. 有效期至。", _own_only("valid_until"), type=date, reveal=REVEAL
    )
    ended_at = column("When it was ended; null while it counts. 注销时间。")
    created_at = column("When it was entered. 登记时间。", orderable=True)
    version = column("Counts its changes. 版本。", filterable=False)
    provenance = provenance()
    history = history()


def _documents(row: PersonModel, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["IdentityDocument"], Q(person_id=row.id), **given)


@fields("Documents of a person. 身份证件。")
class PersonDocuments:
    """What `Person` gets."""

    identity_documents = page("Documents other than the citizen id. 身份证件。", "IdentityDocument", _documents)


@fields("Identity documents. 身份证件。")
class DocumentQuery:
    """What `Query` gets."""

    identity_documents = every("Identity documents; found by number. 身份证件列表。", "IdentityDocument")


@strawberry.input(description="A document of a person. 登记身份证件。")
class AddIdentityDocumentInput(MutationInput):
    """Whose, which, and its number."""

    person_id: strawberry.ID = required("Whose. 人员。")
    kind: DocumentKind = required("What kind. 证件类型。")
    number: str = required("Number; spaces and letter case do not matter. 证件号码。")
    country: str | None = optional("Of which country, three letters of ISO 3166-1. 签发国家。")
    valid_until: date | None = optional("Its last day. 有效期至。")
    source: SourceInput | None = source_input()


@mutation("Enter a document of a person. 登记身份证件。", IdentityDocument, permission=WRITE)
async def add_identity_document(info: Info, input: AddIdentityDocumentInput) -> Row:  # noqa: A002
    """Enter it where the viewer may change the person."""
    person = await person_for(info.context, input.person_id, "personId", WRITE)
    given = value(input.country), value(input.valid_until)
    return await services.add_document(person, input.kind, input.number, *given, stated=stated(input.source))


@strawberry.input(description="Which document ends. 注销身份证件。")
class EndIdentityDocumentInput(MutationInput):
    """Which."""

    id: strawberry.ID = required("Which. 证件。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a document that was lost, replaced or wrong. 注销身份证件。", IdentityDocument, permission=WRITE)
async def end_identity_document(info: Info, input: EndIdentityDocumentInput) -> Row:  # noqa: A002
    """End it where the viewer may change the person."""
    document = await seen(info.context, Row, input.id, "id")
    who = info.context.global_id(await PersonModel.get(id=document.person_id))
    person = await person_for(info.context, who, "id", WRITE)
    return await services.end_document(document, person, value(input.expected_version))


@fields("Changes of identity documents. 身份证件变更。")
class DocumentMutation:
    """What can be done to documents."""

    add_identity_document = add_identity_document
    end_identity_document = end_identity_document
