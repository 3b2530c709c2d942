"""Ids that are the same in every demonstration, so that queries can be written down with them."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def numbered(number: int) -> UUID:
    """The UUIDv7 (RFC 9562) of this number: its time is BEGAN, its random part the number."""
    milliseconds = int(BEGAN.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)


def global_id(type_name: str, id_: UUID) -> str:
    """The id of a record in the API (Relay's)."""
    return b64encode(f"{type_name}:{id_}".encode()).decode()
