"""Whom the rows of a sheet speak of, so that an erasure finds every sheet that tells of a person. 表格所涉人员。

A sheet is kept from when it is looked at until retention takes it, whether it is written or not, and rows may speak of
people whom nobody entered yet. So it is kept of each row whom it means: by the id number, where it has none by
document, phone and name, and by the person that it was found to mean. Kept are blind indexes alone, which tell nobody
anything, and which lead to nobody but whoever is looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from .. import clock
from ..people.document_models import IdentityDocument
from ..people.models import Person
from ..records.bulk import insert_rows
from ..records.encrypted import decrypted
from ..records.keys import current_keyring
from ..records.record import new_id
from ..spreadsheets.rows import SheetRow
from .drafts import RowDraft
from .models import SheetMention
from .people import OWNER, PERSON

_AT_ONCE = 500
_PLACE = "core_sheet_mention.who"
"""What the indexes are bound to: no column keeps the values themselves."""


async def note(sheet_id: UUID, rows: Sequence[SheetRow], drafts: Sequence[RowDraft]) -> None:
    """Keep whom these rows of a sheet speak of; in a unit of work."""
    spoken = dict.fromkeys(one for row, draft in zip(rows, drafts, strict=True) for one in _of_row(row, draft))
    now, keyring = clock.now(), current_keyring()
    await insert_rows(
        "core_sheet_mention",
        [
            {"id": new_id(), "sheet_import_id": sheet_id, "who": keyring.blind(one, _PLACE), "created_at": now}
            for one in spoken
        ],
    )


def _of_row(row: SheetRow, draft: RowDraft) -> Iterator[str]:
    for who in (PERSON, OWNER):
        yield from _of_values(row.values, who)
    if draft.meant is not None and draft.meant.stored is not None:
        yield _person(draft.meant.id)


def _of_values(values: Mapping[str, Any], who: str) -> Iterator[str]:
    number = values.get(f"{who}.idNumber")
    if number is not None:
        yield f"number:{number}"
        return
    for name in ("document", "phone", "name"):
        if (value := values.get(f"{who}.{name}")) is not None:
            yield f"{name}:{value}"


def _person(id_: UUID) -> str:
    return f"person:{id_}"


async def forget(sheet_id: UUID) -> None:
    """Who was mentioned is noted anew."""
    await SheetMention.filter(sheet_import_id=sheet_id).delete()


async def speaking_of(person_id: UUID) -> set[UUID]:
    """The imports whose sheets speak of a person, or of somebody of whom they say no more than what fits the person."""
    person = await Person.get(id=person_id)
    wanted = [index for one in await _by_what(person) for index in current_keyring().blinds(one, _PLACE)]
    found: set[UUID] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        rows: Any = SheetMention.filter(who__in=wanted[start : start + _AT_ONCE])
        found |= set(await rows.values_list("sheet_import_id", flat=True))
    return found


async def _by_what(person: Person) -> list[str]:
    numbers = await IdentityDocument.filter(person_id=person.id, number_index__isnull=False)
    named = {"number": decrypted(person.id_number), "phone": decrypted(person.phone), "name": person.name}
    found = [f"{name}:{value}" for name, value in named.items() if value is not None]
    return [*found, *_documents(numbers), _person(person.id)]


def _documents(rows: Iterable[IdentityDocument]) -> Iterator[str]:
    for row in rows:
        if (number := decrypted(row.number)) is not None:
            yield f"document:{number}"
