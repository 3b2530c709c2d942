"""The official schedule of a year's holidays: which days are off and which weekends are worked. 放假安排"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ..errors import FieldProblem, ValidationError, text
from .festivals import FIRST_YEAR, LAST_YEAR
from .statutory import statutory_holidays
from .zones import plain_day

_DECEMBER = 12


@dataclass(frozen=True)
class ScheduledDay:
    """A day that a schedule names: the festival it belongs to and whether it is off."""

    name: str
    off: bool


@dataclass(frozen=True)
class OfficialSchedule:
    """What the State Council's notices for one year say, day by day.

    The year is the notices', not the days': the notice for 2019 made Saturday 2018-12-29 a workday, so December of
    the year before may be named. Without `papers` (the notices, by address or title) nothing is published.
    ValidationError for a year outside 2004-2060, a day of another year, or a statutory holiday called working.
    """

    year: int
    papers: tuple[str, ...]
    days: Mapping[date, ScheduledDay]

    def __post_init__(self) -> None:
        if problem := year_problem(self.year, "year"):
            raise ValidationError(problem)
        found = (day_problem(self.year, plain_day(day), it.off, f"days.{day}") for day, it in self.days.items())
        if problems := [problem for problem in found if problem]:
            raise ValidationError(*problems)
        object.__setattr__(self, "papers", tuple(self.papers))
        object.__setattr__(self, "days", MappingProxyType(dict(sorted(self.days.items()))))

    def __hash__(self) -> int:
        return hash((self.year, self.papers, tuple(self.days.items())))

    @property
    def published(self) -> bool:
        """Whether the year's notice is out."""
        return bool(self.papers)


def year_problem(year: int, path: str) -> FieldProblem | None:
    """What is wrong with a schedule's year."""
    if FIRST_YEAR <= year <= LAST_YEAR:
        return None
    message = text("Schedules reach from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR)
    return FieldProblem(path, "OUT_OF_RANGE", message)


def day_problem(year: int, day: date, off: bool, path: str) -> FieldProblem | None:
    """What is wrong with a day of the schedule of `year`: not one of its days, or a statutory holiday at work."""
    if day.year != year and (day.year, day.month) != (year - 1, _DECEMBER):
        message = text("{day} is neither in {year} nor in the December before", day=day, year=year)
        return FieldProblem(path, "OUTSIDE_YEAR", message)
    if not off and day.year >= FIRST_YEAR and (holiday := statutory_holidays(day.year).get(day)):
        message = text("{day} is a statutory holiday ({name}) and cannot be a workday", day=day, name=holiday.zh)
        return FieldProblem(path, "STATUTORY_DAY_WORKING", message)
    return None
