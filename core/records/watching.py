"""Counting changes of some tables, so that whoever keeps what is read of them knows when to read anew. 变更计数。

A unit of work looks at the text of each statement that it carries out; where one changes what is watched, the number
goes up in the same transaction, as the last thing before the commit, so that nobody waits for it longer than that.
There are no triggers: Citus has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .record import new_id
from .store import Dialect
from .together import Change, change

# Of these every change counts, and of the second line what is inserted too.
_ALWAYS = "core_token|core_account|core_grant|core_org_relation|core_person_relation"
_INSERTED = "core_grant|core_org_relation|core_person_relation"
# Of these some columns do: where an organisation stands, until when it is, how old somebody is, what a session is.
_SOME = {
    "core_org_node": ("path", "valid_to"),
    "core_person": ("birth_date",),
    "core_session": ("ended_at", "second_factor"),
}
_CHANGED = re.compile(
    rf'\bUPDATE\s+"?(?:{_ALWAYS})\b|\bDELETE\s+FROM\s+"?(?:{_ALWAYS}|{"|".join(_SOME)})\b|\bINTO\s+"?(?:{_INSERTED})\b',
    re.IGNORECASE,
)
_PARTLY = {table: re.compile(rf'\bUPDATE\s+"?{table}\b', re.IGNORECASE) for table in _SOME}
_OVER = re.compile(r'DELETE FROM "core_token" WHERE .*"expires_at"<=', re.IGNORECASE)
"""Taking tokens away that nobody could use any more; each renewal of a session does."""

NUMBER = "SELECT number FROM {place}core_access_stamp"
_COUNT = (
    "INSERT INTO core_access_stamp (id, name, number) VALUES ($1::uuid, 'access', 1) "
    "ON CONFLICT (name) DO UPDATE SET number = core_access_stamp.number + 1"
)


def glanced(rows: Sequence[Sequence[int]]) -> int:
    """The number, 0 where nothing was counted yet."""
    return rows[0][0] if rows else 0


@lru_cache(maxsize=4096)
def is_watched(statement: str) -> bool:
    """Whether a statement may change who may do what."""
    if _CHANGED.search(statement):
        return not _OVER.match(statement)
    return any(
        _PARTLY[table].search(statement) and any(column in statement for column in columns)
        for table, columns in _SOME.items()
    )


def counted(dialect: Dialect) -> Change:
    """The change that counts."""
    return change(dialect, _COUNT, new_id())
