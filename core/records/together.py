"""Changes that are made together: one statement on PostgreSQL, one turn of its thread on SQLite. 合并写入。"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from .spelling import bound, spelling
from .store import Dialect

_PLACE = re.compile(r"\$(\d+)")


class Change(NamedTuple):
    """An INSERT, UPDATE or DELETE as the engine spells it, and the values for it; on PostgreSQL there is one row."""

    text: str
    rows: Sequence[Sequence[Any]]


def change(dialect: Dialect, text: str, *values: Any) -> Change:
    """A change in PostgreSQL's spelling, with a cast behind every value whose type does not follow."""
    return Change(spelling(text, dialect), [bound(values, dialect)])


async def carry_out(client: BaseDBAsyncClient, dialect: Dialect, changes: Sequence[Change]) -> None:
    """Make changes that do not look at each other's rows, in an open transaction, with one round trip."""
    if not changes:
        return
    if dialect == "sqlite":
        await _in_turn(client, changes)
        return
    texts, rows = zip(*((one.text, one.rows[0]) for one in changes), strict=True)
    await client.execute_query(joined(texts, tuple(map(len, rows))), list(chain.from_iterable(rows)))


async def _in_turn(client: BaseDBAsyncClient, changes: Sequence[Change]) -> None:
    at_once = getattr(client, "execute_together", None)
    if at_once is not None:
        await at_once(changes)
        return
    for text, rows in changes:  # a migrator's own session
        await client.execute_many(text, [list(row) for row in rows])


@lru_cache(maxsize=256)
def joined(texts: tuple[str, ...], sizes: tuple[int, ...]) -> str:
    """One statement of several for PostgreSQL, whose values follow each other: all but the last are named parts."""
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    *parts, last = [_moved(text, start) for text, start in zip(texts, starts, strict=True)]
    named = ", ".join(f"part_{place} AS ({text})" for place, text in enumerate(parts, start=1))
    return f"WITH {named} {last}" if parts else last


def _moved(text: str, by: int) -> str:
    return _PLACE.sub(lambda found: f"${int(found[1]) + by}", text)
