"""Schedules as JSON in the shape of the holiday-cn project: {year, papers, days: [{name, date, isOffDay}]}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..errors import FieldProblem, Text, ValidationError, text
from .schedule import OfficialSchedule, ScheduledDay, day_problem, year_problem

MAX_DAYS = 397  # a leap year and the December before
MAX_PAPERS = 50
MAX_TEXT = 500  # characters of a name or of a paper's address


def parse_holiday_cn(payload: object) -> OfficialSchedule:
    """Read a schedule from decoded JSON.

    Keys that the shape does not know (holiday-cn writes "$schema" and "$id") are passed over. ValidationError with
    every problem at once, each with a path such as `schedule.days.3.date` and one of the codes MISSING, NOT_AN_OBJECT,
    NOT_A_LIST, NOT_AN_INTEGER, NOT_A_BOOLEAN, NOT_A_TEXT, NOT_A_DATE, TOO_MANY, OUT_OF_RANGE, OUTSIDE_YEAR,
    DUPLICATE, STATUTORY_DAY_WORKING.
    """
    reading = _Reading()
    schedule = reading.as_object(payload, "schedule")
    year = reading.year(schedule)
    papers = reading.papers(schedule)
    days = reading.days(schedule, year)
    if reading.problems or year is None:
        raise ValidationError(*reading.problems)
    return OfficialSchedule(year, papers, days)


def holiday_cn(schedule: OfficialSchedule) -> dict[str, Any]:
    """The schedule in that shape again; `parse_holiday_cn` of it gives an equal schedule."""
    return {
        "year": schedule.year,
        "papers": list(schedule.papers),
        "days": [{"name": it.name, "date": str(day), "isOffDay": it.off} for day, it in schedule.days.items()],
    }


class _Reading:
    """One reading of a payload: every step notes what is wrong and goes on with what it could read."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def note(self, path: str, code: str, message: Text) -> None:
        self.problems.append(FieldProblem(path, code, message))

    def as_object(self, value: object, path: str) -> Mapping[Any, Any] | None:
        if isinstance(value, Mapping):
            return value
        self.note(path, "NOT_AN_OBJECT", text("An object is expected"))
        return None

    def member(self, parent: Mapping[Any, Any] | None, key: str, path: str) -> object:
        """A member of an object; None where it, or the object itself, was found wanting."""
        if parent is None:
            return None
        if parent.get(key) is None:
            self.note(f"{path}.{key}", "MISSING", text("{key} is missing", key=key))
        return parent.get(key)

    def items(self, parent: Mapping[Any, Any] | None, key: str, most: int) -> Iterator[tuple[str, object]]:
        value = self.member(parent, key, "schedule")
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self.note(f"schedule.{key}", "NOT_A_LIST", text("A list is expected"))
        elif len(value) > most:
            self.note(f"schedule.{key}", "TOO_MANY", text("At most {most} are possible", most=most))
        else:
            yield from ((f"schedule.{key}.{index}", item) for index, item in enumerate(value))

    def year(self, schedule: Mapping[Any, Any] | None) -> int | None:
        value = self.member(schedule, "year", "schedule")
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.note("schedule.year", "NOT_AN_INTEGER", text("A year is expected"))
            return None
        if problem := year_problem(value, "schedule.year"):
            self.problems.append(problem)
            return None
        return value

    def papers(self, schedule: Mapping[Any, Any] | None) -> tuple[str, ...]:
        papers = self.items(schedule, "papers", MAX_PAPERS)
        found = [self.as_text("" if item is None else item, path) for path, item in papers]
        return tuple(paper for paper in found if paper is not None)

    def days(self, schedule: Mapping[Any, Any] | None, year: int | None) -> dict[date, ScheduledDay]:
        days: dict[date, ScheduledDay] = {}
        for path, item in self.items(schedule, "days", MAX_DAYS):
            entry = self.as_object(item, path)
            name = self.as_text(self.member(entry, "name", path), f"{path}.name")
            day = self.as_date(self.member(entry, "date", path), f"{path}.date")
            off = self.as_boolean(self.member(entry, "isOffDay", path), f"{path}.isOffDay")
            if day in days:
                self.note(f"{path}.date", "DUPLICATE", text("{day} is named twice", day=day))
            elif day is not None:
                days[day] = ScheduledDay(name or "", off is not False)
                self.judge(year, day, off, path)
        return days

    def judge(self, year: int | None, day: date, off: bool | None, path: str) -> None:
        """Note a day that may not stand in this year's schedule; an `off` that could not be read blames nothing."""
        if year is not None and (problem := day_problem(year, day, off is not False, f"{path}.date")):
            self.problems.append(problem)

    def as_text(self, value: object, path: str) -> str | None:
        cleaned = value.strip() if isinstance(value, str) else ""
        if 0 < len(cleaned) <= MAX_TEXT and cleaned.isprintable():
            return cleaned
        if value is not None:
            message = text("A text of 1 to {most} printable characters is expected", most=MAX_TEXT)
            self.note(path, "NOT_A_TEXT", message)
        return None

    def as_boolean(self, value: object, path: str) -> bool | None:
        if isinstance(value, bool):
            return value
        if value is not None:
            self.note(path, "NOT_A_BOOLEAN", text("true or false is expected"))
        return None

    def as_date(self, value: object, path: str) -> date | None:
        """A date written YYYY-MM-DD and in no other of ISO 8601's ways, so that one day has one spelling."""
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        if day is not None and value == str(day):
            return day
        if value is not None:
            self.note(path, "NOT_A_DATE", text("A date is expected, written YYYY-MM-DD"))
        return None
