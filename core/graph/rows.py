"""Whole rows of a model by statements that are built once: an ORM's query is built anew each time. 整行读写。"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, TypeVar

from tortoise.models import Model

from ..records.spelling import bound
from ..records.store import Dialect
from . import sql

M = TypeVar("M", bound=Model)


class Shape(NamedTuple):
    """The columns of a model in their order, with the fields behind them."""

    table: str
    columns: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def selected(self) -> str:
        """All columns, to be followed by WHERE."""
        return f"SELECT {', '.join(self.columns)} FROM {self.table}"  # noqa: S608  names of ours

    @property
    def inserted(self) -> str:
        """One row, its values `$1` and on."""
        places = ", ".join(f"${place}" for place in range(1, len(self.columns) + 1))
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({places})"  # noqa: S608  names of ours


@cache
def shape(model: type[Model]) -> Shape:
    """What is known of a model's table."""
    columns = model._meta.fields_db_projection
    return Shape(model._meta.db_table, tuple(columns.values()), tuple(columns))


@cache
def _selecting(model: type[Model], condition: str) -> str:
    return f"{shape(model).selected} WHERE {condition}"


async def read(model: type[M], condition: str, *values: Any) -> list[M]:
    """The rows for which a condition of ours holds, in PostgreSQL's spelling, of values `$1` and on with casts."""
    rows = await sql.fetch(_selecting(model, condition), *values)
    return [model._init_from_db(**row) for row in map(dict, rows)]


def values_of(record: Model, dialect: Dialect) -> list[Any]:
    """What `Shape.inserted` takes for a record; raises as the fields do for a value that is none of theirs."""
    fields = record._meta.fields_map
    return bound(
        (fields[name].to_db_value(getattr(record, name), record) for name in shape(type(record)).fields), dialect
    )
