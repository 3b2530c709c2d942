"""Counts of what is no event: attempts of nobody in particular, since the process began. 计数器。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Counters:
    """Named counts that only grow."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str) -> None:
        """It happened once more."""
        self._counts[name] += 1

    def values(self) -> Mapping[str, int]:
        """Every count so far, by name."""
        return dict(self._counts)


counters = Counters()

REFUSED_ANONYMOUS = "refused_anonymous"
LOGIN_FAILED_UNKNOWN = "login_failed_unknown"
