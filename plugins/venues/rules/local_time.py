"""Times of day as minutes since local midnight, 0 to 1440, and their `HH:MM` spelling. 当日时刻。

The standard library's `time` cannot hold 24:00, which closing times need.
"""

from __future__ import annotations

import re

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR

_SPELLING = re.compile(r"([0-9]{2}):([0-5][0-9])", re.ASCII)


def parse_local_time(spelling: str) -> int:
    """The minute of the day that `HH:MM` names; `24:00`, the end of a day, is 1440.

    Raises ValueError for anything else: other lengths, seconds, other digits than ASCII's, times after 24:00.
    """
    match = _SPELLING.fullmatch(spelling)
    minute = int(match[1]) * MINUTES_PER_HOUR + int(match[2]) if match else -1
    if not 0 <= minute <= MINUTES_PER_DAY:
        raise ValueError(f"{spelling!r} is not a time of day: expected HH:MM from 00:00 to 24:00")
    return minute


def format_local_time(minute: int) -> str:
    """The `HH:MM` spelling of a minute of the day; ValueError outside 0 to 1440."""
    if not 0 <= minute <= MINUTES_PER_DAY:
        raise ValueError(f"{minute} is not a minute of a day: expected 0 to {MINUTES_PER_DAY}")
    return "{:02d}:{:02d}".format(*divmod(minute, MINUTES_PER_HOUR))
