"""Statements that answer one value of bytes, which nobody parses. 整段结果。"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .unit_of_work import current_client


async def fetch_bytes(statement: str, values: Sequence[Any]) -> bytes:
    """The single value of a statement's single row, as it comes; values are bound to `$1` or `?1`."""
    client: Any = current_client()
    return bytes(await client.fetch_value(statement, values))
