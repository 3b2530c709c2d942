"""Encrypting what a table holds already: by a migration for the first time, by a rotation anew. 存量加密。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model

from ..crypto.keyring import Keyring, looks_encrypted
from .encrypted import BlindIndex, EncryptedText, TailIndex, bound_to, tail, tail_place
from .keys import current_custody, ensure_epoch

BATCH = 500
BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class EncryptedColumn:
    """A column of encrypted values, with the columns of the blind indexes of them and of their tails, if it has any."""

    table: str
    column: str
    index: str | None = None
    tail: str | None = None

    @property
    def place(self) -> str:
        """Table and column; blind indexes are bound to it, and values to it and to their row."""
        return f"{self.table}.{self.column}"

    @property
    def companions(self) -> tuple[str, ...]:
        """The columns beside it that follow from its value."""
        return tuple(name for name in (self.index, self.tail) if name is not None)

    def blinds(self, ring: Keyring, plain: str) -> list[tuple[str, ...]]:
        """What each companion of a value may keep, in their order: under every key about, the present one last."""
        whole = [ring.blinds(plain, self.place)] if self.index else []
        return whole + ([ring.blinds(tail(plain), tail_place(self.place))] if self.tail else [])

    def batch(self, dialect: str) -> str:
        """Up to BATCH rows that are not encrypted under a key yet, after an id."""
        after, current = ("?", "?") if dialect == "sqlite" else ("$1", "$2")
        indexed = "".join(f" OR {name} IS NULL" for name in self.companions)
        return (
            f"SELECT id, {self.column} AS value FROM {self.table} WHERE {self.column} IS NOT NULL AND id > {after} "  # noqa: S608  names of ours
            f"AND ({self.column} NOT LIKE {current}{indexed}) ORDER BY id LIMIT {BATCH}"
        )

    def update(self, dialect: str) -> str:
        """One row's value exchanged, unless somebody else did meanwhile."""
        names = [self.column, *self.companions]
        places = iter("?????" if dialect == "sqlite" else ("$1", "$2", "$3", "$4", "$5"))
        assignments = ", ".join(f"{name} = {next(places)}" for name in names)
        return f"UPDATE {self.table} SET {assignments} WHERE id = {next(places)} AND {self.column} = {next(places)}"  # noqa: S608


def encrypted_columns(models: Iterable[type[Model]]) -> list[EncryptedColumn]:
    """The encrypted columns of models, each with its companions `<column>_index` and `<column>_tail`."""
    found = []
    for model in models:
        columns = model._meta.fields_map
        for name, field in columns.items():
            if isinstance(field, EncryptedText):
                index = f"{name}_index" if isinstance(columns.get(f"{name}_index"), BlindIndex) else None
                ending = f"{name}_tail" if isinstance(columns.get(f"{name}_tail"), TailIndex) else None
                found.append(EncryptedColumn(model._meta.db_table, name, index, ending))
    return found


async def encrypt_batch(client: BaseDBAsyncClient, ring: Keyring, column: EncryptedColumn, after: str) -> list[Any]:
    """Encrypt up to BATCH rows under the present key, plain values and those of earlier keys; the ids that were read.

    Needs an open transaction.
    """
    dialect = client.capabilities.dialect
    rows = await client.execute_query_dict(column.batch(dialect), [after, f"{ring.mark}%"])
    for row in rows:
        kept = row["value"]
        bound = bound_to(column.place, row["id"])
        plain = ring.decrypt(kept, bound) if looks_encrypted(kept) else kept
        anew = [ring.encrypt(plain, bound), *(kept[-1] for kept in column.blinds(ring, plain))]
        await client.execute_query(column.update(dialect), [*anew, row["id"], kept])
    return [row["id"] for row in rows]


async def encrypt_what_is_there(client: BaseDBAsyncClient, *columns: EncryptedColumn) -> None:
    """Encrypt columns that were plain so far, inside a migration, and begin the district's first epoch.

    A migration calls it by RunPython after the column has become an EncryptedText and got its BlindIndex.
    """
    ring = await ensure_epoch(client, current_custody())
    for column in columns:
        after = BEFORE_ALL
        while ids := await encrypt_batch(client, ring, column, after):
            after = str(ids[-1])
