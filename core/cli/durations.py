"""Spans of time as a command line takes them: `30d`, `12h`, `90m`, `45s`, `2w`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from .language import words
from .messages import UsageError

_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"([0-9]{1,9})([wdhms])")


def after(start: datetime, duration: str, option: str) -> datetime:
    """The instant so much later; raises UsageError, which names the option, for anything but a span above 0."""
    read = _DURATION.fullmatch(duration.strip().lower())
    if read is not None and int(read[1]) > 0:
        try:
            return start + timedelta(**{_UNITS[read[2]]: int(read[1])})
        except OverflowError:
            pass
    raise UsageError(
        words('{option} "{found}" is no span of time; write one such as 30d, 12h or 90m', option=option, found=duration)
    )
