"""Whether something failed because there is no room left, wherever it was written. 存储空间不足。"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

from ..errors import RejectedError, text

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_FULL = "53100"
"""SQLSTATE of PostgreSQL's disk_full."""


def out_of_room(failure: BaseException) -> bool:
    """Whether a full disk, a quota, or a database that can grow no more stands behind a failure."""
    return any(map(_is_full, _behind(failure)))


def no_room() -> RejectedError:
    """There is no room for it; nothing of it was kept."""
    return RejectedError(
        text("There is no room left to keep the file: nothing was kept; try again later"),
        code="FILE_NO_ROOM",
        path=("file",),
    )


def _behind(failure: BaseException) -> Iterator[BaseException]:
    """A failure and what caused it; causes lead in no circle, but who knows what a storage raises."""
    seen: set[int] = set()
    found: BaseException | None = failure
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _is_full(failure: BaseException) -> bool:
    if isinstance(failure, OSError):
        return failure.errno in _NO_ROOM
    if isinstance(failure, sqlite3.Error):
        return getattr(failure, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    return getattr(failure, "sqlstate", None) == _DISK_FULL
