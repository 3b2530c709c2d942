"""What tables keep of a person, declared once: from it follow what is handed out and what is erased. 个人信息清单。"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.expressions import F, Q
from tortoise.models import Model

from .. import clock
from ..errors import Text
from ..records.archive import neutral
from ..records.conditions import where
from ..records.encrypted import Encrypted
from ..records.record import MutableRecord

Where = Callable[[UUID], Q]


@dataclass(frozen=True)
class Holding:
    """The rows of a table that tell about a person, and what becomes of them.

    `rows` is the look-up that leads from a row to the person's id, or makes a condition of that id. `blank` says what
    takes the place of which columns when the person is erased, a function what takes that of this row's; the rows stay,
    since nothing is deleted. `withheld`
    are columns that are nobody's to see: hashes and index keys. `kept` tells the person why the rows stay although
    they tell more than that there was somebody, and `until` how long.
    """

    model: type[Model]
    rows: str | Where = "person_id"
    blank: Mapping[str, Any] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    kept: Text | None = None
    until: date | None = None

    @property
    def what(self) -> str:
        """The table."""
        return str(self.model._meta.db_table)

    def condition(self, person_id: UUID) -> Q:
        """Which rows those of a person are."""
        return where(self.rows, person_id) if isinstance(self.rows, str) else self.rows(person_id)


@dataclass(frozen=True)
class Records:
    """Rows of one table about a person, as they are handed out: JSON values by column."""

    what: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Erased:
    """Columns of a table that were made empty, in how many rows."""

    what: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """Rows that stay, without the person's name, and why; `until` None for as long as the district is kept."""

    what: str
    rows: int
    reason: Text
    until: date | None = None


@dataclass(frozen=True)
class Erasure:
    """What one plugin did about a person."""

    erased: tuple[Erased, ...] = ()
    kept: tuple[Kept, ...] = ()


async def export_rows(holdings: Iterable[Holding], person_id: UUID) -> list[Records]:
    """What these tables keep of a person, decrypted, without what is withheld; tables without a row are left out."""
    found = []
    for holding in holdings:
        rows = await holding.model.filter(holding.condition(person_id)).order_by("id")
        if rows:
            found.append(Records(holding.what, [_values(row, holding.withheld) for row in rows]))
    return found


def _values(row: Model, withheld: frozenset[str]) -> dict[str, Any]:
    columns = (name for name in row._meta.fields_db_projection if name not in withheld)
    return {name: neutral(_plain(getattr(row, name))) for name in sorted(columns)}


def _plain(value: Any) -> Any:
    return value.decrypt() if isinstance(value, Encrypted) else value


async def erase_rows(holdings: Iterable[Holding], person_id: UUID) -> Erasure:
    """Make empty what these tables keep of a person, in the open unit of work."""
    erased, kept = [], []
    for holding in holdings:
        rows = await _blank(holding, person_id)
        if rows and holding.blank:
            erased.append(Erased(holding.what, rows, tuple(sorted(holding.blank))))
        if rows and holding.kept is not None:
            kept.append(Kept(holding.what, rows, holding.kept, holding.until))
    return Erasure(tuple(erased), tuple(kept))


async def _blank(holding: Holding, person_id: UUID) -> int:
    ids: Any = await holding.model.filter(holding.condition(person_id)).values_list("id", flat=True)
    if holding.blank:
        counted = {"version": F("version") + 1, "updated_at": clock.now()}
        more = counted if issubclass(holding.model, MutableRecord) else {}
        for id_ in ids:  # one by one: a list of ids has no end, a condition may lead over tables that an UPDATE cannot
            await holding.model.filter(id=id_).update(**await _in_place(holding, id_), **more)
    return len(ids)


async def _in_place(holding: Holding, id_: UUID) -> dict[str, Any]:
    """What takes the place of which columns of a row."""
    if not any(map(callable, holding.blank.values())):
        return dict(holding.blank)
    row = await holding.model.get(id=id_)
    return {name: value(row) if callable(value) else value for name, value in holding.blank.items()}
