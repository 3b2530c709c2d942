"""Ids that are the same in every demonstration, so that they can be written down."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def numbered(number: int) -> UUID:
    """The UUIDv7 (RFC 9562) of this number: its time is BEGAN, its random part the number."""
    milliseconds = int(BEGAN.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)
