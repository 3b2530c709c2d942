"""A time of day that comes back on some weekdays: the occurrences of a series of bookings. 周期预约。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from linli.core.errors import FieldProblem, ValidationError, text

from .kinds import Weekday
from .ranges import at_minute

MOST_OCCURRENCES, MOST_WEEKS_APART, LONGEST_DAYS = 60, 52, 366
FIRST_YEAR, LAST_YEAR = 1900, 9000
_WEEK = 7


class Occurrence(NamedTuple):
    """One time of a series; local times."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Recurrence:
    """When a series takes place: on these weekdays of every n-th week from `first` to `last`, both included. 周期。

    Weeks begin on Monday and are counted from the one that holds `first`. `start` and `end` are minutes of the day;
    an end that is not after the start lies on the next day. The wall clock counts: every occurrence begins at the
    same local time, whatever the zone does in between.
    """

    first: date
    last: date
    weekdays: frozenset[Weekday]
    start: int
    end: int
    every_weeks: int = 1

    @property
    def overnight(self) -> bool:
        """Whether each occurrence goes on into the next day."""
        return self.end <= self.start

    def days(self) -> Iterator[date]:
        """The days on which an occurrence begins, in order."""
        monday = self.first - timedelta(days=self.first.weekday())
        for offset in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=offset)
            weeks = (day - monday).days // _WEEK
            if weeks % self.every_weeks == 0 and Weekday.of(day) in self.weekdays:
                yield day

    def occurrences(self) -> Iterator[Occurrence]:
        """All occurrences, in order."""
        for day in self.days():
            until = day + timedelta(days=1) if self.overnight else day
            yield Occurrence(at_minute(day, self.start), at_minute(until, self.end))


def check_recurrence(recurrence: Recurrence, *, overnight: bool) -> None:
    """Refuse a series that makes no sense or is too long; `overnight` tells whether the venue allows a next day.

    Raises ValidationError with every problem: EMPTY at `weekdays`, OUT_OF_RANGE at `everyWeeks`, `firstDay` or
    `lastDay`, END_BEFORE_START at `lastDay`, END_NOT_AFTER_START at `end`; for what is left NO_OCCURRENCE at `weekdays`
    or TOO_MANY at `lastDay`.
    """
    problems = tuple(_problems(recurrence, overnight=overnight)) or tuple(_number_problems(recurrence))
    if problems:
        raise ValidationError(*problems, plugin="venues")


def _problems(recurrence: Recurrence, *, overnight: bool) -> Iterator[FieldProblem]:
    if not recurrence.weekdays:
        yield FieldProblem("weekdays", "EMPTY", text("Name at least one weekday", domain="venues"))
    if not 1 <= recurrence.every_weeks <= MOST_WEEKS_APART:
        yield _out_of_range("everyWeeks", 1, MOST_WEEKS_APART)
    if not FIRST_YEAR <= recurrence.first.year <= LAST_YEAR:
        yield _out_of_range("firstDay", FIRST_YEAR, LAST_YEAR)
    if recurrence.overnight and not overnight:
        message = text("A booking must end after it starts", domain="venues")
        yield FieldProblem("end", "END_NOT_AFTER_START", message)
    if recurrence.last < recurrence.first:
        yield FieldProblem("lastDay", "END_BEFORE_START", text("The end lies before the start", domain="venues"))
    elif (recurrence.last - recurrence.first).days >= LONGEST_DAYS:
        message = text("At most {days} days", domain="venues", days=LONGEST_DAYS)
        yield FieldProblem("lastDay", "OUT_OF_RANGE", message)


def _number_problems(recurrence: Recurrence) -> Iterator[FieldProblem]:
    number = sum(1 for _ in recurrence.days())
    if number == 0:
        message = text("None of these weekdays lies between the two days", domain="venues")
        yield FieldProblem("weekdays", "NO_OCCURRENCE", message)
    if number > MOST_OCCURRENCES:
        message = text("A series has at most {limit} times, these are {found}", domain="venues", **_counts(number))
        yield FieldProblem("lastDay", "TOO_MANY", message)


def _counts(number: int) -> dict[str, int]:
    return {"limit": MOST_OCCURRENCES, "found": number}


def _out_of_range(path: str, lowest: int, highest: int) -> FieldProblem:
    message = text("Between {lowest} and {highest}", domain="venues", lowest=lowest, highest=highest)
    return FieldProblem(path, "OUT_OF_RANGE", message)
