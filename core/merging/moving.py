"""Leading what points at one row to the other, and noting what that was. 引用迁移。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import F
from tortoise.models import Model

from .. import clock
from ..people import services as people
from ..people.merge_models import PersonMerge
from ..people.models import Person
from ..records.encrypted import Encrypted, blind, encrypt, update_row
from ..records.provenance import taken_from
from ..records.record import MutableRecord
from .looking import Found

BATCH = 500


async def take(kept: Person, merged: Person, merge: PersonMerge) -> Encrypted | None:
    """Give the kept row the values that win; what undoing needs, encrypted.

    An id number is one row's alone, so the merged row gives it up; all else that it says stays in it.
    """
    columns = list(merge.taken)
    if "id_number" in columns and "birth_date" not in columns:
        columns.append("birth_date")  # it follows from the number
    earlier, values = plain(kept, columns), plain(merged, columns)
    origin, number = kept.provenance, plain(merged, ["id_number"])["id_number"]
    taking = "id_number" in columns
    if taking:
        await update_row(Person.all(), merged.id, id_number=None, id_number_index=None)
    if columns:
        sources = taken_from(kept, merged, columns)
        await people.update_person(kept, None, **values)
        await Person.filter(id=kept.id).update(provenance=sources)
    kept_ = {"kept": earlier, "taken": values, "provenance": origin, "id_number": number if taking else None}
    return encrypt(PersonMerge, "before", orjson.dumps(kept_).decode(), merge.id)


def plain(person: Person, columns: Sequence[str]) -> dict[str, Any]:
    """Columns of a person, what is encrypted opened."""
    values = {name: getattr(person, name) for name in columns}
    return {name: one.decrypt() if isinstance(one, Encrypted) else one for name, one in values.items()}


async def lead(found: Sequence[Found], kept_id: UUID) -> list[dict[str, Any]]:
    """Lead these rows to the kept person; which they were, as it is kept."""
    for one in found:
        await point(one.reference.model, one.reference.column, one.ids, kept_id)
    return [
        {
            "plugin": one.plugin,
            "table": one.reference.table,
            "column": one.reference.column,
            "ids": [str(id_) for id_ in one.ids],
        }
        for one in found
    ]


async def point(model: type[Model], column: str, ids: Sequence[UUID], person_id: UUID) -> None:
    """Let rows point at a person; records that count their changes count this one."""
    more = {"version": F("version") + 1, "updated_at": clock.now()} if issubclass(model, MutableRecord) else {}
    for start in range(0, len(ids), BATCH):
        await model.filter(id__in=list(ids[start : start + BATCH])).update(**{column: person_id}, **more)


async def mark(merged: Person, kept_id: UUID | None) -> None:
    """Let the merged row be seen no more, in whose place the kept one stands; or be seen again."""
    more = {"version": F("version") + 1, "updated_at": clock.now()}
    await Person.filter(id=merged.id).update(merged_into=kept_id, **more)


async def give_back(merged: Person, number: str | None) -> None:
    """Give the merged row the id number again that it had given up."""
    if number is not None:
        columns = {
            "id_number": encrypt(Person, "id_number", number, merged.id),
            "id_number_index": blind(Person, "id_number", number),
        }
        await update_row(Person.all(), merged.id, **columns)
