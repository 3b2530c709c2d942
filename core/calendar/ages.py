"""Age in completed years. 周岁"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from enum import StrEnum

from ..errors import invalid
from .zones import plain_day


class LeapBirthday(StrEnum):
    """When somebody born on 29 February has the birthday in a common year."""

    FEB28 = "FEB28"  # the end of the month, as Civil Code art. 202 ends a period of years
    MAR01 = "MAR01"


def birthday(birth: date, year: int, leap: LeapBirthday = LeapBirthday.FEB28) -> date:
    """The birthday in a year."""
    if (birth.month, plain_day(birth).day) != (2, 29) or isleap(year):
        return birth.replace(year=year)
    return date(year, 2, 28) if leap is LeapBirthday.FEB28 else date(year, 3, 1)


def age(birth: date, on: date, leap: LeapBirthday = LeapBirthday.FEB28) -> int:
    """How many years somebody has completed on a day; one turns 60 on the birthday itself.

    ValidationError (BEFORE_BIRTH) for a day before the birth.
    """
    if plain_day(on) < plain_day(birth):
        raise invalid("on", "BEFORE_BIRTH", "{on} is before the birth on {birth}", on=on, birth=birth)
    return on.year - birth.year - (on < birthday(birth, on.year, leap))


def born_by(on: date, years: int) -> date:
    """The last day of birth of those who have completed so many years on a day, as `age` counts them.

    One born on 29 February completes a year on the 28th of a common one.
    """
    day, year = plain_day(on), on.year - years
    if (day.month, day.day) == (2, 28) and isleap(year) and not isleap(on.year):
        return date(year, 2, 29)
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)
