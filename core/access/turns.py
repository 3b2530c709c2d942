"""So many at once: what costs the processor or asks another server is bounded in a process. 并发上限。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from ..errors import RateLimitedError, text

AGAIN_AFTER = 1


class Turns:
    """`most` at once of one kind, `most_each` of them for one that asks; whoever comes beyond that does not wait.

    A queue would only make a flood last: the one who floods fills it as well.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self._most, self._most_each = most, most_each
        self._taken: Counter[tuple[Hashable, ...]] = Counter()

    @contextmanager
    def taken(self, kind: Hashable, asking: Hashable) -> Iterator[None]:
        """One turn for as long as it takes; RateLimitedError where all are taken."""
        keys = ((kind,), (kind, asking))
        if self._taken[keys[0]] >= self._most or self._taken[keys[1]] >= self._most_each:
            raise RateLimitedError(text("Too many tries: wait and try again"), AGAIN_AFTER)
        self._taken.update(keys)
        try:
            yield
        finally:
            self._taken.subtract(keys)
            for key in keys:
                if not self._taken[key]:
                    del self._taken[key]
