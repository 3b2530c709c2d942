"""What a plugin says of two people who are to be one. 人员合并时的引用与冲突。"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model

from ..errors import Text
from ..records.conditions import where


@dataclass(frozen=True)
class Reference:
    """A column that points at a person: its rows are led from the merged one to the kept one.

    `but` are rows that stay, which another reference or a reason of their own accounts for.
    """

    model: type[Model]
    column: str = "person_id"
    but: Q | None = None

    @property
    def table(self) -> str:
        """The table."""
        return str(self.model._meta.db_table)

    def rows(self, person_id: UUID) -> Q:
        """The rows that point at a person."""
        found = where(self.column, person_id)
        return found if self.but is None else Q(found, ~self.but)


@dataclass(frozen=True)
class Conflict:
    """Why two people cannot be one as things stand: a stable code, in words, and in which table how many rows."""

    code: str
    message: Text
    table: str
    rows: int = 1


@dataclass(frozen=True)
class Merging:
    """The references of one plugin, and what stands against leading them to the kept person."""

    references: tuple[Reference, ...] = ()
    conflicts: tuple[Conflict, ...] = field(default=())
