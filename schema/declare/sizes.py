"""How many records a list may hold, as its arguments tell: what an operation costs is reckoned with it. 列表规模。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

Given = Callable[[str], Any]
"""The value of an argument by its GraphQL name; None where it is not given."""

UNSAID = 20
"""How many are reckoned with in a list that does not say how many it may hold."""


class Size(Protocol):
    """A bound that the list never goes beyond."""

    def most(self, given: Given, cap: int | None = None) -> int:
        """How many there may be at most; with pages of `cap` at most, where they are pages."""


@dataclass(frozen=True)
class Fixed:
    """So many, whatever is asked."""

    count: int = UNSAID

    def most(self, given: Given, cap: int | None = None) -> int:
        return self.count


@dataclass(frozen=True)
class Paged:
    """As many as `first` or `last` says."""

    default: int
    limit: int

    def most(self, given: Given, cap: int | None = None) -> int:
        asked = [one for one in (given("first"), given("last")) if _is_count(one)]
        size = max(asked) if asked else self.default
        return min(size, self.limit, self.limit if cap is None else cap)


@dataclass(frozen=True)
class PerValue:
    """`each` for every value of a list that is given."""

    argument: str
    limit: int
    each: int = 1

    def most(self, given: Given, cap: int | None = None) -> int:
        values = given(self.argument)
        count = len(values) if isinstance(values, list) else 1
        return min(count, self.limit) * self.each


@dataclass(frozen=True)
class PerDay:
    """`each` for every day between two dates, both included."""

    start: str
    end: str
    limit: int
    each: int = 1

    def most(self, given: Given, cap: int | None = None) -> int:
        try:
            days = (date.fromisoformat(given(self.end)) - date.fromisoformat(given(self.start))).days + 1
        except (TypeError, ValueError):  # no dates: the operation is refused when it is carried out
            days = self.limit
        return min(max(days, 0), self.limit) * self.each


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
