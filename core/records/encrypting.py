"""Encrypting what a table holds already: by a migration for the first time, by a rotation anew. 存量加密。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model

from ..crypto.keyring import Keyring, looks_encrypted
from .encrypted import BlindIndex, EncryptedText, bound_to
from .keys import current_custody, ensure_epoch

BATCH = 500
BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class EncryptedColumn:
    """A column of encrypted values, with the column of their blind indexes where it has one."""

    table: str
    column: str
    index: str | None = None

    @property
    def place(self) -> str:
        """Table and column; blind indexes are bound to it, and values to it and to their row."""
        return f"{self.table}.{self.column}"

    def batch(self, dialect: str) -> str:
        """Up to BATCH rows that are not encrypted under a key yet, after an id."""
        after, current = ("?", "?") if dialect == "sqlite" else ("$1", "$2")
        indexed = f" OR {self.index} IS NULL" if self.index else ""
        return (
            f"SELECT id, {self.column} AS value FROM {self.table} WHERE {self.column} IS NOT NULL AND id > {after} "  # noqa: S608  names of ours
            f"AND ({self.column} NOT LIKE {current}{indexed}) ORDER BY id LIMIT {BATCH}"
        )

    def update(self, dialect: str) -> str:
        """One row's value exchanged, unless somebody else did meanwhile."""
        names = [self.column] + ([self.index] if self.index else [])
        places = iter("????" if dialect == "sqlite" else ("$1", "$2", "$3", "$4"))
        assignments = ", ".join(f"{name} = {next(places)}" for name in names)
        return f"UPDATE {self.table} SET {assignments} WHERE id = {next(places)} AND {self.column} = {next(places)}"  # noqa: S608


def encrypted_columns(models: Iterable[type[Model]]) -> list[EncryptedColumn]:
    """The encrypted columns of models, each with its companion `<column>_index`."""
    found = []
    for model in models:
        columns = model._meta.fields_map
        for name, field in columns.items():
            if isinstance(field, EncryptedText):
                index = f"{name}_index" if isinstance(columns.get(f"{name}_index"), BlindIndex) else None
                found.append(EncryptedColumn(model._meta.db_table, name, index))
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
        blind = [ring.blind(plain, column.place)] if column.index else []
        await client.execute_query(column.update(dialect), [ring.encrypt(plain, bound), *blind, row["id"], kept])
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
