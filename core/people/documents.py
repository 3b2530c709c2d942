"""Entering and ending identity documents; every function runs in a unit of work. 身份证件登记。"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from .. import clock
from ..errors import ConflictError, InvalidTransitionError, TakenError, ValidationError, text
from ..records import events
from ..records.encrypted import blind, blinds, encrypt
from ..records.provenance import BY_HAND, Stated, begun, stated_problems
from ..records.record import new_id
from .document_models import IdentityDocument
from .document_rules import DocumentKind, problems, spelt
from .living import held_living
from .models import Person
from .relation_events import DOCUMENT, DOCUMENT_ADDED, DOCUMENT_ENDED, DocumentTold


async def add_document(
    person: Person,
    kind: DocumentKind,
    number: str,
    country: str | None = None,
    valid_until: date | None = None,
    *,
    stated: Stated = BY_HAND,
) -> IdentityDocument:
    """Enter a document of a person; `stated` says by whom it is told.

    Raises ValidationError, PersonErasedError, TakenError where such a document with that number is entered already.
    """
    await held_living(person.id)
    plain = spelt(number)
    found = (*problems(kind, plain, country), *stated_problems(stated))
    if found:
        raise ValidationError(*found)
    known = blinds(IdentityDocument, "number", plain)
    if await IdentityDocument.filter(kind=kind.value, number_index__in=known, counts=True).exists():
        raise _taken()
    id_ = new_id()
    try:
        document = await IdentityDocument.create(
            id=id_,
            person_id=person.id,
            kind=kind.value,
            **number_columns(id_, plain),
            country=country,
            valid_until=valid_until,
            provenance=begun(IdentityDocument, stated),
        )
    except IntegrityError as error:  # somebody entered it in the same moment
        raise _taken() from error
    told = DocumentTold(person_id=person.id, kind=kind.value)
    await events.append(DOCUMENT_ADDED, DOCUMENT, document.id, told, org_id=_place(person))
    return document


def number_columns(id_: UUID, number: str) -> dict[str, Any]:
    """The columns of a document that keep a number as it is `spelt`: encrypted, and to be found by."""
    return {
        "number": encrypt(IdentityDocument, "number", number, id_),
        "number_index": blind(IdentityDocument, "number", number),
    }


async def end_document(document: IdentityDocument, person: Person, expected_version: int | None) -> IdentityDocument:
    """End a document: its number may be entered again, since somebody else's may have been taken for it."""
    if expected_version is not None and expected_version != document.version:
        raise ConflictError(text("The record has changed since"), current=document, path=("expectedVersion",))
    if document.ended_at is not None:
        raise InvalidTransitionError(text("This document is ended already"), path=("id",))
    now = clock.now()
    changed = {"ended_at": now, "counts": None, "version": document.version + 1, "updated_at": now}
    if not await IdentityDocument.filter(id=document.id, version=document.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=document, path=("id",))
    document.update_from_dict(changed)
    told = DocumentTold(person_id=person.id, kind=document.kind)
    await events.append(DOCUMENT_ENDED, DOCUMENT, document.id, told, org_id=_place(person))
    return document


def _taken() -> TakenError:
    return TakenError(text("Such a document is entered already"), subject_type=DOCUMENT, path=("number",))


def _place(person: Person) -> UUID | None:
    return person.habitual_residence_id or person.registered_residence_id or person.employer_id
