"""Cells that hold areas and shares. 面积与份额。"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from ..registry.areas import HUNDREDTHS, LARGEST
from ..registry.shares import LARGEST_DENOMINATOR
from .cells import Cell, Reading, squeezed
from .chinese_numbers import chinese_number
from .findings import UnreadError

_AREA = re.compile(r"(?:约)?([0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:m2|m²|平方米|平方|平米|平|米2)?", re.IGNORECASE)
_NOISE = Decimal("0.00001")
_CENT = Decimal("0.01")
_PARTS = re.compile(r"([0-9]{1,7})/([0-9]{1,7})")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_DECIMAL = re.compile(r"[0-9]{0,3}(?:\.[0-9]*)?")
_OF = re.compile(r"([一二三四五六七八九十百0-9]+)分之([一二三四五六七八九十百0-9]+)")
_WHOLE = frozenset(("全部", "全部产权", "单独所有", "独有", "全", "100"))
_THIRDS, _PERCENTS = 100, 100


def read_area(cell: Cell, reading: Reading) -> int:
    """An area in hundredths of a square metre. UnreadError AREA, AREA_NOT_POSITIVE, AREA_TOO_LARGE."""
    if isinstance(cell, bool | date):
        raise _no_area()
    found = _AREA.fullmatch(squeezed(cell).removeprefix("-"))
    if found is None:
        raise _no_area()
    metres = Decimal(found[1].replace(",", ""))
    if metres <= 0 or squeezed(cell).startswith("-"):
        raise UnreadError("AREA_NOT_POSITIVE", "An area is more than zero")
    rounded = metres.quantize(_CENT) if metres < LARGEST else metres
    if rounded * HUNDREDTHS > LARGEST:
        raise UnreadError("AREA_TOO_LARGE", "An area is {most} square metres at most", most=LARGEST // HUNDREDTHS)
    if abs(rounded - metres) > _NOISE:
        reading.note("AREA_ROUNDED", "Areas have two places: taken as {taken}", taken=rounded)
    if rounded <= 0:
        raise UnreadError("AREA_NOT_POSITIVE", "An area is more than zero")
    return int(rounded * HUNDREDTHS)


def _no_area() -> UnreadError:
    return UnreadError("AREA", "This is no area: write square metres, such as {example}", example="98.50")


def read_share(cell: Cell, reading: Reading) -> tuple[int, int]:
    """A share of what is owned, from 1/2, 50%, 0.5, 二分之一. UnreadError SHARE, SHARE_OUT_OF_RANGE."""
    if isinstance(cell, date):
        return _share_of_date(cell, reading)
    share = _parsed(squeezed(cell).removeprefix("各").removeprefix("占"), reading)
    if share is None or isinstance(cell, bool):
        raise UnreadError("SHARE", "This is no share: write it as {example}", example="1/2")
    if not 0 < share <= 1 or share.denominator > LARGEST_DENOMINATOR:
        raise UnreadError("SHARE_OUT_OF_RANGE", "A share is more than nothing and at most the whole")
    return share.numerator, share.denominator


def _share_of_date(cell: date, reading: Reading) -> tuple[int, int]:
    """What was typed as 1/2 and made a date by the program: the 2nd of January."""
    if cell.month > cell.day:
        raise UnreadError("SHARE", "This is no share: write it as {example}", example="1/2")
    share = Fraction(cell.month, cell.day)
    reading.warn("SHARE_FROM_DATE", "The program made a date of {taken}", taken=f"{cell.month}/{cell.day}")
    return share.numerator, share.denominator


def _parsed(written: str, reading: Reading) -> Fraction | None:
    if written in _WHOLE:
        return Fraction(1)
    if found := _PARTS.fullmatch(written):
        return Fraction(int(found[1]), int(found[2])) if int(found[2]) else None
    if found := _PERCENT.fullmatch(written):
        return Fraction(found[1]) / _PERCENTS
    if found := _OF.fullmatch(written):
        below, above = chinese_number(found[1]), chinese_number(found[2])
        return Fraction(above, below) if above and below else None
    return _decimal(written, reading)


def _decimal(written: str, reading: Reading) -> Fraction | None:
    if not _DECIMAL.fullmatch(written.rstrip("0") if "." in written else written):
        return None
    try:
        share = Fraction(Decimal(written))
    except InvalidOperation:
        return None
    if 1 < share <= _PERCENTS:
        reading.warn("SHARE_PERCENT", "Taken as {taken} per cent", taken=written)
        return share / _PERCENTS
    simple = share.limit_denominator(_THIRDS)  # 0.333333333 was 1/3 before the program reckoned
    return simple if abs(simple - share) < Fraction(1, 10**6) else share
