"""What a ledger is: a declaration over types that the API has already. 台账声明。"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from linli.core.plugins.manifest import Title
from linli.core.records.classes import FieldClass

if TYPE_CHECKING:
    from linli.core.access.searches import Search
    from linli.core.graph.models import OrgNode
    from linli.schema.context import Context, Info

CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
KEY = re.compile(r"[a-z][A-Za-z0-9]*")

Read = Callable[[Any, "Info"], Any]
Rows = Callable[["Context", "OrgNode", "datetime | None"], Awaitable[tuple[Q, Sequence["Search"]]]]


@dataclass(frozen=True)
class Column:
    """A column: `Column("idNumber", Title(en="Id number", zh="身份证号"), "person.id_number")`.

    `reads` is a path of declared fields from the row, so that a cell shows what the API shows, masked where it is
    masked there; or `read(row, info)`, which may be awaited, and then `field_class` says how much it tells. `also` are
    other headings by which a template may name it, `width` is in characters. `enum` names the enum that tells what its
    values are called, where the field is a plain text; an instant is shown as its day, or `timed` with the minute.
    """

    key: str
    title: Title
    reads: str | Read
    width: int = 12
    field_class: FieldClass | None = None
    also: tuple[str, ...] = ()
    enum: str | None = None
    timed: bool = False

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ValueError(f"column {self.key!r}: expected a name such as 'idNumber'")
        if callable(self.reads) and self.field_class is None:
            raise ValueError(f"column {self.key!r} is read by a function: say its field_class")

    @property
    def headings(self) -> tuple[str, ...]:
        """Every text by which a template may name it."""
        return (self.key, self.title.zh, self.title.en, *self.also)


@dataclass(frozen=True)
class OneOf:
    """Only rows that have one of these values in a field of the type: `OneOf("kind", Title(..), "kind")`.

    `path` leads through relations by a dot, as a filter of the list nests: a masked field is asked for as there, for
    who may see it in full, and recorded.
    """

    key: str
    title: Title
    path: str


@dataclass(frozen=True)
class AgeFrom:
    """Only people of this many completed years at least: for who may see the date of birth in full; recorded.

    `person` is the look-up from the row to the person, "" where the row is one.
    """

    key: str
    title: Title
    person: str = ""


@dataclass(frozen=True)
class ByPlace:
    """A group for each organisation of these kinds that the rows stand at or beneath, and one for all others."""

    key: str
    title: Title
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class ByKind:
    """A group for each value of a column that is neither personal nor sensitive, `field` as the type declares it."""

    key: str
    title: Title
    field: str


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A ledger: `Ledger(code="venues.bookings", title=.., description=.., type="Booking", place="venue__owner", ..)`.

    `type` is the declared type of its rows, `place` the look-up from a row to the organisation where it belongs.
    `rows(context, under, as_of)` says which rows there are beneath an organisation, where that is not simply where
    they stand, and which searches by personal values that is, to be recorded before the first is read; a `dated`
    ledger shows the rows that were valid at an instant. `order` are columns that are never null, look-ups through
    foreign keys too; the id is the last. The first of `groups` is taken where nobody says another. `only` are look-ups
    that every row fulfils, `{"kind": "TENANT"}`.
    """

    code: str
    title: Title
    description: str
    type: str
    place: str
    columns: tuple[Column, ...]
    filters: tuple[OneOf | AgeFrom, ...] = ()
    groups: tuple[ByPlace | ByKind, ...] = ()
    order: tuple[str, ...] = ()
    dated: bool = False
    rows: Rows | None = None
    only: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            raise ValueError(f"ledger {self.code!r}: expected <plugin>.<name> in lower case")
        for what, keys in (("columns", self.columns), ("filters", self.filters), ("groups", self.groups)):
            names = [one.key for one in keys]
            if len(set(names)) < len(names):
                raise ValueError(f"ledger {self.code!r}: two of its {what} have one key")
        if not self.columns:
            raise ValueError(f"ledger {self.code!r} has no columns")
