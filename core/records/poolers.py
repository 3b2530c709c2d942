"""Whether a pooler stands between Linli and PostgreSQL without the configuration saying so. 连接池代理。"""

from __future__ import annotations

from typing import Any

from ..errors import RejectedError, text


class PoolerUnstatedError(RejectedError):
    """The URL leads to a pooler, of which nothing is said: in transaction mode districts would read each other."""

    code = "POOLER_UNSTATED"


async def refuse_unstated(connection: Any) -> None:
    """Raise PoolerUnstatedError where somebody else than PostgreSQL answers on this connection.

    A pooler makes up the key by which a client may cancel, and so the process id in it.
    """
    if connection.get_server_pid() != await connection.fetchval("SELECT pg_backend_pid()"):
        raise PoolerUnstatedError(
            text(
                "The database URL leads to a connection pooler: write [database] pooler, "
                '"transaction" with direct_url or "session", or name PostgreSQL itself'
            )
        )
