"""How long something is kept, as a configuration says it: `30 days`, `6 months`, `3 years`. 保存期限。"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Self

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_SHAPE = re.compile(r"([1-9][0-9]{0,4}) (day|week|month|year)s?")
_DAYS, _MONTHS = {"day": 1, "week": 7}, {"month": 1, "year": 12}
_LONGEST = 100 * 366


@dataclass(frozen=True)
class Span:
    """A length of time in days or weeks, or in months or years. 期限。

    Months are counted by the calendar: what was kept on 31 August for six months is kept until 28 February.
    """

    count: int
    unit: str

    @classmethod
    def read(cls, written: str) -> Self:
        """The span that is written, such as `6 months`; raises ValueError for anything else."""
        found = _SHAPE.fullmatch(written)
        span = None if found is None else cls(int(found[1]), found[2])
        if span is None or span.longest() > _LONGEST:
            raise ValueError(f"{written!r} is no span: write a number and days, weeks, months or years")
        return span

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    def before(self, now: datetime, zone: tzinfo) -> datetime:
        """The instant so long ago, by the calendar of a zone."""
        local = now.astimezone(zone)
        return local.combine(self._earlier(local.date()), local.timetz())

    def longest(self) -> int:
        """How many days it has at most; 31 August and six months are 181, 1 March and six months 184."""
        return max(self._lengths())

    def shortest(self) -> int:
        """How many days it has at least."""
        return min(self._lengths())

    def is_shorter(self, other: Span) -> bool:
        """Whether it is, or may be, shorter than the other."""
        if (self.unit in _MONTHS) == (other.unit in _MONTHS):
            return self.longest() < other.longest()
        return self.shortest() < other.longest()

    def _earlier(self, day: date) -> date:
        if self.unit in _DAYS:
            return day - timedelta(days=self.count * _DAYS[self.unit])
        year, month = divmod(day.year * 12 + day.month - 1 - self.count * _MONTHS[self.unit], 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def _lengths(self) -> list[int]:
        ends = (date(2200 + number // 12, number % 12 + 1, 1) for number in range(48))
        return [(end - self._earlier(end)).days for end in ends]


def _is_span(written: str) -> str:
    try:
        Span.read(written)
    except ValueError:
        raise PydanticCustomError("INVALID_SPAN", 'a span such as "30 days", "6 months" or "3 years"') from None
    return written


SpanText = Annotated[
    str,
    AfterValidator(_is_span),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,4} (day|week|month|year)s?$"}),
]
"""A span as it is written in a configuration."""
