"""Names of operations as labels: few, short, and nothing that tells of a person. 操作名。

Clients choose the names, so anybody may send any. A name counts that somebody signed in has used, as long as there
is room; whatever else comes is "other", as is an operation without a name.
"""

from __future__ import annotations

import re

OTHER = "other"
MOST = 200
LONGEST = 60
_DIGITS = re.compile(r"\d{5}")
"""From five digits on it may be of a phone or an id number."""


def plain(name: str | None) -> str:
    """A name that may be written down, else OTHER."""
    if not name or len(name) > LONGEST or _DIGITS.search(name) or not name.isascii():
        return OTHER
    return name


class Names:
    """The names of a process that count; at most so many."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: set[str] = set()

    def label(self, name: str | None, *, trusted: bool) -> str:
        """The label of a name; one that is new counts where whoever sent it is `trusted`."""
        found = plain(name)
        if found == OTHER or found in self._known:
            return found
        if not trusted or len(self._known) >= self._most:
            return OTHER
        self._known.add(found)
        return found


NAMES = Names()
