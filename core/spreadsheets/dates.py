"""Cells that hold dates, in every spelling that is one date and no other. 日期。"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from .cells import Cell, Reading, squeezed
from .chinese_numbers import chinese_number
from .findings import UnreadError

EARLIEST, LATEST = 1850, 2150
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_NO_DAY = 60  # the 29th of February 1900, which spreadsheets count and the calendar has not
_LAST_SERIAL = (date(LATEST, 1, 1) - _EPOCH_1900).days
_YMD = re.compile(r"([0-9]{4})[-./年,、]([0-9]{1,2})[-./月,、]([0-9]{1,2})[日号.]?(?:[T(]?[0-9]{1,2}[:时].*)?")
_TIGHT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:0{6})?")
_END_YEAR = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2})[-./]([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{2}[-./年][0-9]{1,2}[-./月][0-9]{1,2}[日号]?")
_MONTH = re.compile(r"[0-9]{4}(?:[-./年][0-9]{1,2}月?|年|(?:0[1-9]|1[0-2]))")
_SERIAL = re.compile(r"[0-9]{5}(?:\.0+)?")
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十廿卅]{1,4})[日号]?"
)


def read_date(cell: Cell, reading: Reading) -> date:
    """A date. UnreadError DATE, DATE_INCOMPLETE, DATE_UNCLEAR, DATE_OUT_OF_RANGE; serials are noted."""
    if isinstance(cell, datetime):
        return _within(cell.date())
    if isinstance(cell, date):
        return _within(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _within(_of_number(float(cell), reading))
    if not isinstance(cell, str):
        raise _no_date()
    return _within(_of_text(squeezed(cell), reading))


def _of_number(number: float, reading: Reading) -> date:
    whole = int(number)
    if EARLIEST <= number < LATEST:  # 1952, and 1952.06 that somebody typed for June
        raise _incomplete()
    if _TIGHT.fullmatch(str(whole)) and number == whole:
        return _of_text(str(whole), reading)
    if _MONTH.fullmatch(str(whole)) and number == whole:
        raise _incomplete()
    return _of_serial(whole, reading)


def _of_serial(serial: int, reading: Reading) -> date:
    if not 0 < serial <= _LAST_SERIAL or (serial == _NO_DAY and not reading.from_1904):
        raise _no_date()
    if reading.from_1904:
        found = _EPOCH_1904 + timedelta(days=serial)
    else:
        found = _EPOCH_1900 + timedelta(days=serial + (serial < _NO_DAY))
    reading.note("DATE_SERIAL", "A number that the program shows as a date: taken as {taken}", taken=found)
    return found


def _of_text(written: str, reading: Reading) -> date:
    if found := _YMD.fullmatch(written) or _TIGHT.fullmatch(written):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if found := _CHINESE.fullmatch(written):
        year, month, day = (chinese_number(part) or 0 for part in found.groups())
        return _made(year, month, day)
    if _SERIAL.fullmatch(written):
        return _of_serial(int(float(written)), reading)
    if found := _END_YEAR.fullmatch(written):
        return _month_and_day(int(found[1]), int(found[2]), int(found[3]))
    if _SHORT_YEAR.fullmatch(written):
        raise UnreadError("DATE_UNCLEAR", "Write the year with four digits")
    if _MONTH.fullmatch(written) or (written.isdigit() and EARLIEST <= int(written) < LATEST):
        raise _incomplete()
    raise _no_date()


def _month_and_day(one: int, other: int, year: int) -> date:
    if one <= 12 and other <= 12 and one != other:  # noqa: PLR2004  the months of a year
        raise UnreadError("DATE_UNCLEAR", "Which is the month? Write it as {example}", example="1952-06-15")
    return _made(year, min(one, other), max(one, other))


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UnreadError("DATE", "There is no such day") from error


def _within(found: date) -> date:
    if not EARLIEST <= found.year < LATEST:
        raise UnreadError("DATE_OUT_OF_RANGE", "The year {year} cannot be meant", year=found.year)
    return found


def _incomplete() -> UnreadError:
    return UnreadError("DATE_INCOMPLETE", "The day is missing: write it as {example}", example="1952-06-15")


def _no_date() -> UnreadError:
    return UnreadError("DATE", "This is no date: write it as {example}", example="1952-06-15")
