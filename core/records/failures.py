"""Why a database does not do what it should, where that is nobody's mistake in a program. 数据库故障。"""

from __future__ import annotations

import errno
import sqlite3
import sys
from enum import StrEnum
from socket import gaierror

from .store import StoreBusyError, driver_error


class Failure(StrEnum):
    """What an operator has to look at, and a client to wait for."""

    FULL = "STORAGE_FULL"
    UNAVAILABLE = "DATABASE_UNAVAILABLE"


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
# InternalClientError is what asyncpg says of a connection that was cut off in the midst of a message; the last two
# of a database that was dropped, renamed or closed to this role
_POSTGRES = (
    *("PostgresConnectionError", "OperatorInterventionError", "InsufficientResourcesError", "InterfaceError"),
    *("InternalClientError", "InvalidCatalogNameError", "InvalidAuthorizationSpecificationError"),
)


def failure_of(error: BaseException) -> Failure | None:
    """Which failure an error tells of; None for any other error, such as a statement that is wrong."""
    cause = driver_error(error)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    asyncpg = sys.modules.get("asyncpg")  # an extra; where it was not imported it raised nothing
    if asyncpg is not None and isinstance(cause, asyncpg.DiskFullError):
        return Failure.FULL
    if asyncpg is not None and isinstance(cause, tuple(getattr(asyncpg, name) for name in _POSTGRES)):
        return Failure.UNAVAILABLE
    if isinstance(cause, OSError) and cause.errno in _NO_SPACE:
        return Failure.FULL
    lost = isinstance(cause, (StoreBusyError, ConnectionError, gaierror))
    return Failure.UNAVAILABLE if lost or (isinstance(cause, OSError) and cause.errno in _NO_WAY) else None


def _of_sqlite(code: int) -> Failure | None:
    if code == sqlite3.SQLITE_FULL:
        return Failure.FULL
    return Failure.UNAVAILABLE if code in _BUSY else None
