"""Gregorian dates of the festivals that follow the moon or the sun, 2004-2060. 春节、清明、端午、中秋的公历日期"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from ..errors import invalid


class Festivals(NamedTuple):
    """The moving festivals of one Gregorian year."""

    spring_festival: date  # 正月初一
    qingming: date  # 清明
    dragon_boat: date  # 五月初五
    mid_autumn: date  # 八月十五


# Year, then month and day of 正月初一, 清明, 五月初五, 八月十五, as GB/T 33661-2017 computes the Chinese calendar.
FESTIVAL_TABLE = """
2004 0122 0404 0622 0928
2005 0209 0405 0611 0918
2006 0129 0405 0531 1006
2007 0218 0405 0619 0925
2008 0207 0404 0608 0914
2009 0126 0404 0528 1003
2010 0214 0405 0616 0922
2011 0203 0405 0606 0912
2012 0123 0404 0623 0930
2013 0210 0404 0612 0919
2014 0131 0405 0602 0908
2015 0219 0405 0620 0927
2016 0208 0404 0609 0915
2017 0128 0404 0530 1004
2018 0216 0405 0618 0924
2019 0205 0405 0607 0913
2020 0125 0404 0625 1001
2021 0212 0404 0614 0921
2022 0201 0405 0603 0910
2023 0122 0405 0622 0929
2024 0210 0404 0610 0917
2025 0129 0404 0531 1006
2026 0217 0405 0619 0925
2027 0206 0405 0609 0915
2028 0126 0404 0528 1003
2029 0213 0404 0616 0922
2030 0203 0405 0605 0912
2031 0123 0405 0624 1001
2032 0211 0404 0612 0919
2033 0131 0404 0601 0908
2034 0219 0405 0620 0927
2035 0208 0405 0610 0916
2036 0128 0404 0530 1004
2037 0215 0404 0618 0924
2038 0204 0405 0607 0913
2039 0124 0405 0527 1002
2040 0212 0404 0614 0920
2041 0201 0404 0603 0910
2042 0122 0404 0622 0928
2043 0210 0405 0611 0917
2044 0130 0404 0531 1005
2045 0217 0404 0619 0925
2046 0206 0404 0608 0915
2047 0126 0405 0529 1004
2048 0214 0404 0615 0922
2049 0202 0404 0604 0911
2050 0123 0404 0623 0930
2051 0211 0405 0613 0919
2052 0201 0404 0601 0907
2053 0219 0404 0620 0926
2054 0208 0404 0610 0916
2055 0128 0405 0530 1005
2056 0215 0404 0617 0924
2057 0204 0404 0606 0913
2058 0124 0404 0625 1002
2059 0212 0405 0614 0921
2060 0202 0404 0603 0909
"""


def _read(table: str) -> dict[int, Festivals]:
    rows = (line.split() for line in table.strip().splitlines())
    return {
        int(year): Festivals(*(date(int(year), int(day[:2]), int(day[2:])) for day in days)) for year, *days in rows
    }


_FESTIVALS: Mapping[int, Festivals] = MappingProxyType(_read(FESTIVAL_TABLE))
FIRST_YEAR, LAST_YEAR = min(_FESTIVALS), max(_FESTIVALS)


def festivals(year: int) -> Festivals:
    """The moving festivals of a year; ValidationError (OUT_OF_RANGE) outside 2004-2060."""
    if year not in _FESTIVALS:
        raise invalid(
            "year", "OUT_OF_RANGE", "Holidays are known from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR
        )
    return _FESTIVALS[year]
