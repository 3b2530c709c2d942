"""The argument `after` of subscriptions."""

from __future__ import annotations

from linli.core.errors import invalid
from linli.core.feed.told import head


async def resumed(after: int | None) -> int | None:
    """The sequence after which a client goes on, None for from now on. Raises ValidationError."""
    if after is not None and not 0 <= after <= await head():
        raise invalid("after", "OUT_OF_RANGE", "There is no such event yet; 0 begins with the first one")
    return after
