"""The official calendar: what kind of day a date is, from the statutory table and the official schedules. 日历"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from ..errors import RejectedError, invalid, text
from .bundled import BUNDLED_VERSION, bundled_schedule
from .festivals import FESTIVAL_TABLE, FIRST_YEAR, LAST_YEAR
from .holiday_cn import holiday_cn
from .kinds import DayKind
from .schedule import OfficialSchedule, ScheduledDay
from .statutory import ORDERS, Holiday, statutory_holidays
from .zones import plain_day

MAX_DAYS = 3_700  # ten years in one answer
_SATURDAY = 5
_DECEMBER = 12


class CalendarUnknownError(RejectedError):
    """The answer needs a year whose holiday schedule is not published: no workday can be counted there."""

    code = "CALENDAR_UNKNOWN"

    def __init__(self, day: date) -> None:
        message = text("The official holiday schedule of {year} is not published", year=day.year)
        super().__init__(message, details={"date": str(day), "year": day.year})


@dataclass(frozen=True)
class CalendarDay:
    """A date, its kind, and the festival it belongs to, in Chinese: holidays, days off beside them, make-up days."""

    date: date
    kind: DayKind
    name: str | None = None


@dataclass(frozen=True)
class OfficialCalendar:
    """The official calendar of a district: bundled schedules, and by year those it imported, which go before them.

    Immutable and hashable: a correction in the middle of a year makes a new calendar (`with_schedule`), and
    `version` tells the two apart. An imported schedule without papers publishes nothing and so replaces nothing.
    """

    schedules: Mapping[int, OfficialSchedule] = field(default_factory=dict)
    assumed: bool = False

    def __post_init__(self) -> None:
        for year, schedule in self.schedules.items():
            if year != schedule.year:
                raise ValueError(f"The schedule of {schedule.year} is filed under {year}")
        object.__setattr__(self, "schedules", MappingProxyType(dict(sorted(self.schedules.items()))))

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when any day might: decisions store them to be explained later."""
        imported = [holiday_cn(it) for it in self.schedules.values() if it.published]
        statutory = [FESTIVAL_TABLE, repr(ORDERS)]
        content = json.dumps([BUNDLED_VERSION, statutory, imported, self.assumed], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def with_schedule(self, schedule: OfficialSchedule) -> OfficialCalendar:
        """The calendar after a schedule is imported; it takes the place of the year's earlier one."""
        return replace(self, schedules={**self.schedules, schedule.year: schedule})

    def provisional(self) -> OfficialCalendar:
        """The calendar that takes unpublished years, up to 2060, as if their schedules named no day.

        For answers that are shown as provisional and asked again when the schedule is published.
        """
        return replace(self, assumed=True)

    def published(self, year: int) -> bool:
        """Whether a year's schedule is known: imported with papers, or bundled."""
        return self._schedule(year) is not None

    def day(self, day: date) -> CalendarDay:
        """A day with its kind, the first that matches in the order of `DayKind`, and its name."""
        if not self._known(plain_day(day).year):
            return CalendarDay(day, DayKind.UNKNOWN)
        named, holiday = self._named(day), statutory_holidays(day.year).get(day)
        name = holiday.zh if holiday else named.name if named else None
        return CalendarDay(day, _kind(day, holiday, named), name)

    def kind(self, day: date) -> DayKind:
        """The kind of a day; never an error: a year without a schedule, of any century, is UNKNOWN."""
        return self.day(day).kind

    def days(self, first: date, last: date) -> tuple[CalendarDay, ...]:
        """The days from `first` to `last`, both included; ValidationError for a reversed range or over ten years."""
        count = (plain_day(last) - plain_day(first)).days + 1
        if count < 1:
            raise invalid("to", "RANGE_REVERSED", "{last} is before {first}", first=first, last=last)
        if count > MAX_DAYS:
            raise invalid("to", "RANGE_TOO_LONG", "At most {most} days can be asked for", most=MAX_DAYS)
        return tuple(self.day(first + timedelta(days=n)) for n in range(count))

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day; CalendarUnknownError where the schedule is not published.

        An unpublished year is refused and not guessed, because what follows from the answer is a deadline.
        """
        kind = self.kind(day)
        if kind is DayKind.UNKNOWN:
            raise CalendarUnknownError(day)
        return kind.working

    def _known(self, year: int) -> bool:
        return self.published(year) or (self.assumed and FIRST_YEAR <= year <= LAST_YEAR)

    def _schedule(self, year: int) -> OfficialSchedule | None:
        imported = self.schedules.get(year)
        return imported if imported and imported.published else bundled_schedule(year)

    def _named(self, day: date) -> ScheduledDay | None:
        """What the schedules say of a day: in December the next year's speaks first, being the later notice."""
        years = (day.year + 1, day.year) if day.month == _DECEMBER else (day.year,)
        return next((it.days[day] for it in self._sources(years) if day in it.days), None)

    def _sources(self, years: tuple[int, ...]) -> Iterator[OfficialSchedule]:
        found = [it for year in years if (it := self._schedule(year))]
        yield from sorted(found, key=lambda it: self.schedules.get(it.year) is not it)  # imported ones first


def _kind(day: date, holiday: Holiday | None, named: ScheduledDay | None) -> DayKind:
    weekend = day.weekday() >= _SATURDAY
    if holiday:
        return DayKind.STATUTORY_HOLIDAY
    if named and not named.off and weekend:
        return DayKind.MAKEUP_WORKDAY
    if named and named.off and not weekend:
        return DayKind.HOLIDAY_ADJUSTED
    return DayKind.WEEKEND if weekend else DayKind.WORKDAY
