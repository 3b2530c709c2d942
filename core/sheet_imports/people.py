"""Whom a row means, and what it says of them. 行中的人员。

By the id number, else by the name with date of birth or phone among the people of the place; where several could be
meant nobody is guessed at. What a cell leaves out is never taken away, and what differs is written only where the
importer says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..errors import ValidationError, text
from ..graph.paths import is_beneath
from ..people import citizen_id
from ..people.services import checked
from ..records.record import new_id
from ..spreadsheets.findings import Level
from .book import Book, DocumentKey
from .drafts import Changed, NewDocument, RowDraft, Someone

PERSON, OWNER = "person", "owner"
_VALUES = {
    "name": "name",
    "idNumber": "id_number",
    "gender": "gender",
    "birthDate": "birth_date",
    "phone": "phone",
    "partyStatus": "party_status",
}
_DERIVED = {"name_key", "name_initials"}
_RESIDENCE_FIELDS = {
    "registered_residence_id": "person.registeredCommunity",
    "habitual_residence_id": "person.habitualCommunity",
    "employer_id": "person.employer",
}


def values_of(values: Mapping[str, Any], who: str) -> dict[str, Any]:
    """What a row says of somebody, by the columns of `Person`."""
    found = {column: values.get(f"{who}.{name}") for name, column in _VALUES.items()}
    return {column: value for column, value in found.items() if value is not None}


def document_of(values: Mapping[str, Any]) -> DocumentKey | None:
    """The document other than the citizen id that a row names."""
    number = values.get("person.document")
    return None if number is None else (values["person.documentKind"], number)


def plan_document(book: Book, draft: RowDraft, person: Someone, values: Mapping[str, Any]) -> None:
    """That somebody has a document: the same as stored, or to be entered."""
    key = document_of(values)
    if key is not None and key not in book.documents:
        made = NewDocument(new_id(), person.id, *key, values.get("person.documentCountry"))
        draft.documents.append((made, person))


def plan(
    book: Book,
    draft: RowDraft,
    who: str,
    given: dict[str, Any],
    belongs: Mapping[str, UUID],
    *,
    derived: frozenset[str] = frozenset(),
    update: bool = False,
    document: DocumentKey | None = None,
) -> Someone | None:
    """The person whom a row means, with what is to be entered or changed in the draft; None with the reasons there.

    `belongs` are residences and employer that the row names, `derived` those of them that only follow from it; by a
    `document` somebody is known as by an id number.
    """
    names = {argument: f"{who}.{argument}" for argument in _VALUES}
    try:
        columns = checked({**given, **belongs})
    except ValidationError as error:
        draft.rejected(error, names)
        return None
    known = draft.meant = _match(book, draft, who, columns, document)
    if draft.refused:
        return None
    if known is None:
        return _enter(draft, who, columns, derived)
    if known.stored is not None and known.stored.erased_at is not None:
        draft.refuse("PERSON_ERASED", text("This person was erased"), f"{who}.name")
        return None
    if not known.here:
        told = text("This person is registered elsewhere in the district and is not changed here")
        draft.refuse("PERSON_ELSEWHERE", told, f"{who}.idNumber")
        return None
    _compare(book, draft, who, known, columns, derived=derived, update=update)
    return known


def _match(
    book: Book, draft: RowDraft, who: str, columns: Mapping[str, Any], document: DocumentKey | None
) -> Someone | None:
    number = columns.get("id_number")
    numbered = None if number is None else book.numbers.get(number)
    holder = None if document is None else book.documents.get(document)
    if holder is not None and numbered is not holder and (numbered or (number and holder.values["id_number"])):
        draft.refuse("DOCUMENT_TAKEN", text("This document is entered for somebody else"), "person.document")
        return numbered
    if numbered or holder:
        return numbered or holder
    alike = [one for one in book.names.get(columns.get("name", ""), ()) if one.here and _may_be(one, columns)]
    if len(alike) > 1:
        told = text("{count} people of this name here could be meant: an id number is needed", count=len(alike))
        draft.refuse("PERSON_AMBIGUOUS", told, f"{who}.name")
        return None
    return alike[0] if alike else None


def _may_be(one: Someone, columns: Mapping[str, Any]) -> bool:
    """Whether somebody of the same name is the one, nothing speaking against it and something for it."""
    known, born, phone = one.values, columns.get("birth_date"), columns.get("phone")
    number = columns.get("id_number")
    if number is not None and known["id_number"] is not None:
        return False  # the numbers differ, or it would have been found by its own
    if born is not None and known["birth_date"] is not None:
        return bool(born == known["birth_date"])
    if phone is not None and known["phone"] is not None:
        return bool(phone == known["phone"])
    if number is not None or born is not None:
        return False  # to live in one place is too little where more could be told
    wanted, lives = columns.get("habitual_residence_id"), known["habitual_residence_id"]
    return wanted is not None and wanted == lives


def _enter(draft: RowDraft, who: str, columns: dict[str, Any], derived: frozenset[str]) -> Someone | None:
    if "name" not in columns:
        draft.refuse("NAME_MISSING", text("A new person needs a name"), f"{who}.name")
        return None
    number = columns.get("id_number")
    if number is not None and "gender" not in columns:
        columns["gender"] = "MALE" if citizen_id.is_male(number) else "FEMALE"
        derived |= {"gender"}
    blank: dict[str, Any] = dict.fromkeys(_VALUES.values()) | dict.fromkeys(_RESIDENCE_FIELDS)
    someone = Someone(new_id(), blank | columns)
    draft.people.append((someone, derived))
    return someone


def _compare(
    book: Book,
    draft: RowDraft,
    who: str,
    known: Someone,
    columns: Mapping[str, Any],
    *,
    derived: frozenset[str],
    update: bool,
) -> None:
    changed: dict[str, Any] = {}
    for name, value in columns.items():
        if name in _DERIVED:
            continue
        has = known.values[name]
        if has == value or (has is not None and name in derived) or _still_there(book, name, has, value):
            continue
        if has is None or update:
            changed[name] = value
        elif name == "name":
            told = text("This id number is entered for somebody of another name")
            if columns.get("id_number") is None:
                told = text("This document is entered for somebody of another name")
            draft.refuse("NAME_DIFFERS", told, f"{who}.name")
        else:
            told = text("Another value is stored; it stays unless differing values are to be written too")
            draft.find(Level.WARNING, "DIFFERS", told, _RESIDENCE_FIELDS.get(name) or _field(who, name))
    if "name" in changed:
        changed |= {name: columns[name] for name in _DERIVED}
    if changed and not draft.refused:
        draft.changed.append(Changed(known, changed))


def _field(who: str, column: str) -> str:
    return next(f"{who}.{name}" for name, known in _VALUES.items() if known == column)


def _still_there(book: Book, name: str, has: Any, wanted: Any) -> bool:
    """Whether a residence is the same place, told more or less exactly: the community of a building."""
    if name not in ("registered_residence_id", "habitual_residence_id") or has is None:
        return False
    one, other = book.path(has), book.path(wanted)
    return one is not None and other is not None and (is_beneath(one, other) or is_beneath(other, one))
