"""Where each value of a record comes from, and when it was last verified: one column for all of them. 字段来源。

A district that reuses what it once collected must be able to tell of each value who said so and how old it is, else
the next form asks for it again. Kept is one entry for the record, and one more for each field that differs from it, so
that a row of a large import carries some 70 bytes. The text is parsed where somebody asks for it, and by no list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import ClassVar, NamedTuple
from uuid import UUID

import orjson

from .. import clock
from ..errors import FieldProblem, invalid, text
from .classes import internal
from .fields import LongText
from .record import MutableRecord
from .unit_of_work import current_unit

LONGEST_DETAIL = 200
RECORD = ""
"""Under this name stands what is said of all fields that have no entry of their own."""


class Source(StrEnum):
    """Who said so. 来源。"""

    ENTERED = "ENTERED"
    DECLARED = "DECLARED"
    IMPORTED = "IMPORTED"
    DERIVED = "DERIVED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Stated:
    """By whom values are given: `detail` says more, such as the paper or the file; it names nobody."""

    source: Source = Source.ENTERED
    detail: str | None = None


BY_HAND = Stated()
"""Somebody typed it in, and nobody said from what."""
DERIVED = Stated(Source.DERIVED)
"""It follows from other records."""


class Entry(NamedTuple):
    """What is known of a value: who said so, when and by which account, and who looked last whether it is right."""

    source: str
    detail: str | None = None
    at: datetime | None = None
    by: UUID | None = None
    verified_at: datetime | None = None
    verified_by: UUID | None = None


class TracedRecord(MutableRecord):
    """A record that tells of each of its fields where it comes from. 可溯源记录。

    `traced` are its columns, each with the name of the field that shows it in the API.
    """

    provenance: str | None = internal(LongText(null=True))
    traced: ClassVar[Mapping[str, str]] = {}

    class Meta:
        abstract = True


def trace(*columns: str, **shown_as: str) -> Mapping[str, str]:
    """Columns with the fields that show them: in camelCase and without `_id`, or as it is said."""
    return {**{column: _field(column) for column in columns}, **shown_as}


def _field(column: str) -> str:
    first, *more = column.removesuffix("_id").split("_")
    return first + "".join(word.capitalize() for word in more)


@cache
def fields_of(model: type[TracedRecord]) -> tuple[str, ...]:
    """The fields of a model that tell where they come from, in order."""
    return tuple(dict.fromkeys(model.traced.values()))


def stated_problems(stated: Stated, path: str = "source.detail") -> Iterable[FieldProblem]:
    """What is wrong with the words about a source."""
    found = stated.detail
    if found is not None and not (1 <= len(found) <= LONGEST_DETAIL and found.isprintable()):
        message = text("A text of 1 to {most} printable characters is expected", most=LONGEST_DETAIL)
        yield FieldProblem(path, "TEXT", message)


def begun(model: type[TracedRecord], stated: Stated = BY_HAND, derived: Collection[str] = ()) -> str:
    """The column of a new record whose values are given so; `derived` are columns that follow from other records."""
    touched = {model.traced[column] for column in derived}
    if 2 * len(touched) < len(fields_of(model)):  # as nearly always: most fields share what is said of the record
        follows = dict.fromkeys(sorted(touched), _plain(_now(DERIVED))) if touched else {}
        return orjson.dumps({RECORD: _plain(_now(stated)), **follows}).decode()
    entries = dict.fromkeys(fields_of(model), _now(stated))
    entries |= dict.fromkeys((model.traced[column] for column in derived), _now(DERIVED))
    return _kept(entries)


def corrected(row: TracedRecord, columns: Iterable[str], stated: Stated = BY_HAND) -> str:
    """The column after these columns changed: the fields they show get a new entry, the others keep theirs."""
    touched = {row.traced[column] for column in columns if column in row.traced}
    return _kept(entries(row) | dict.fromkeys(touched, _now(stated)))


def taken_from(row: TracedRecord, other: TracedRecord, columns: Iterable[str]) -> str:
    """The column of a row that got the values of another: they come from where the other had them."""
    touched = {row.traced[column] for column in columns if column in row.traced}
    theirs = entries(other)
    kept = {one: entry for one, entry in entries(row).items() if one not in touched}
    return _kept(kept | {one: theirs[one] for one in touched if one in theirs})


def wordless(row: TracedRecord) -> str | None:
    """The column without the words about each source, in which somebody may be named all the same."""
    if row.provenance is None:
        return None
    return _kept({one: entry._replace(detail=None) for one, entry in entries(row).items()})


def verified(row: TracedRecord, fields: Collection[str]) -> str:
    """The column after somebody found that these fields are right."""
    now, by = clock.now(), current_unit().actor_id
    known = entries(row)
    return _kept(known | {one: known[one]._replace(verified_at=now, verified_by=by) for one in fields})


def check_fields(model: type[TracedRecord], fields: Collection[str]) -> None:
    """Raise ValidationError (FIELD_UNKNOWN, NOTHING) for fields that the model does not tell of."""
    known = fields_of(model)
    if not fields:
        raise invalid("fields", "NOTHING", "Say which fields")
    for one in fields:
        if one not in known:
            raise invalid("fields", "FIELD_UNKNOWN", "One of {allowed}", allowed=", ".join(known))


def entries(row: TracedRecord) -> dict[str, Entry]:
    """What is known of each field; of a record from before nothing but when it was entered."""
    stored = {} if row.provenance is None else orjson.loads(row.provenance)
    default = _entry(stored[RECORD]) if RECORD in stored else Entry(Source.UNKNOWN, at=row.created_at)
    return {one: _entry(stored[one]) if one in stored else default for one in fields_of(type(row))}


def _now(stated: Stated) -> Entry:
    return Entry(stated.source.value, stated.detail, clock.now(), current_unit().actor_id)


def _kept(known: Mapping[str, Entry]) -> str:
    """What most fields share is said once, of the record."""
    default = Counter(known.values()).most_common(1)[0][0]
    others = {one: _plain(entry) for one, entry in known.items() if entry != default}
    return orjson.dumps({RECORD: _plain(default), **others}).decode()


def _plain(entry: Entry) -> list[str | None]:
    at, by = _written(entry.at), None if entry.by is None else entry.by.hex
    verified_by = None if entry.verified_by is None else entry.verified_by.hex
    plain = [entry.source, entry.detail, at, by, _written(entry.verified_at), verified_by]
    while plain[-1] is None:
        plain.pop()
    return plain


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _entry(plain: list[str | None]) -> Entry:
    filled: list[str | None] = [*plain, *[None] * (len(Entry._fields) - len(plain))]
    source, detail, at, by, verified_at, verified_by = filled
    return Entry(source or Source.UNKNOWN, detail, _read(at), _id(by), _read(verified_at), _id(verified_by))


def _read(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


def _id(by: str | None) -> UUID | None:
    return None if by is None else UUID(by)
