"""Places that are taken for a while: how many each may have at once, in one process. 并发计数。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class FullError(Exception):
    """There are as many as may be."""


class Places:
    """Counts who is there; whoever leaves makes room."""

    def __init__(self) -> None:
        self._there: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return self._there.total()

    @contextmanager
    def of(self, whose: Hashable, most: int) -> Iterator[None]:
        """Take one of so many places while this lasts. Raises FullError."""
        if self._there[whose] >= most:
            raise FullError
        self._there[whose] += 1
        try:
            yield
        finally:
            self._there[whose] -= 1
            if not self._there[whose]:
                del self._there[whose]
