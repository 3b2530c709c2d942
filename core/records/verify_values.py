"""Looking for encrypted values that were altered in the database, or stand where they do not belong. 加密值校验。"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

from ..crypto.suites import TamperedError, UnknownSuiteError
from ..errors import Text, text
from .encrypted import bound_to
from .encrypting import BEFORE_ALL, EncryptedColumn
from .keys import current_keyring, refresh
from .store import current_store
from .unit_of_work import current_client
from .verify_findings import Finding, FindingKind

BATCH = 500


async def altered_values(columns: Iterable[EncryptedColumn]) -> AsyncIterator[Finding]:
    """Every value of these columns that does not open in its row, or whose blind index is another value's.

    Reads in batches, so memory does not grow with the district; shows no value.
    """
    for column in columns:
        after = BEFORE_ALL
        while rows := await current_client().execute_query_dict(_batch(column), [after]):
            for row in rows:
                message = await _judged(column, row)
                if message is not None:
                    yield Finding(FindingKind.VALUE_ALTERED, None, None, message)
            after = str(rows[-1]["id"])


def _batch(column: EncryptedColumn) -> str:
    after = "?" if current_store().dialect == "sqlite" else "$1"
    names = (column.column, *column.companions)
    indexed = "".join(f", {name}" for name in column.companions)
    kept = " OR ".join(f"{name} IS NOT NULL" for name in names)
    return (
        f"SELECT id, {column.column} AS value{indexed} FROM {column.table} "  # noqa: S608  names of ours
        f"WHERE id > {after} AND ({kept}) ORDER BY id LIMIT {BATCH}"
    )


async def _judged(column: EncryptedColumn, row: Mapping[str, Any]) -> Text | None:
    where = {"place": column.place, "row": str(row["id"])}
    if row["value"] is None:
        return text("{place} of row {row} has a blind index without a value", **where)
    try:
        plain = current_keyring().decrypt(row["value"], bound_to(column.place, row["id"]))
    except (TamperedError, UnknownSuiteError):
        return text("{place} of row {row} does not open: it was altered, or is another row's", **where)
    if not await _fits(column, plain, [row[name] for name in column.companions]):
        return text("The blind index of {place} of row {row} is another value's", **where)
    return None


async def _fits(column: EncryptedColumn, plain: str, kept: list[str | None]) -> bool:
    if _follow(column, plain, kept):
        return True
    await refresh(current_store())  # an exchange of keys may have begun since
    return _follow(column, plain, kept)


def _follow(column: EncryptedColumn, plain: str, kept: list[str | None]) -> bool:
    """Whether each blind index is the one of this value, under any key that is about."""
    expected = column.blinds(current_keyring(), plain)
    return all(one in either for one, either in zip(kept, expected, strict=True))
