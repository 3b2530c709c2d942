"""Which dates are statutory holidays: the State Council's orders by year, and the dates they come to. 法定节日"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from .festivals import festivals


@dataclass(frozen=True)
class Holiday:
    """A holiday of all citizens: a stable key, and its name in Chinese and English. 全体公民放假的节日"""

    key: str
    zh: str
    en: str

    def __and__(self, other: Holiday) -> Holiday:
        """The two on one date, keys joined by "+": Mid-Autumn falls into National Day in 2009, 2020, 2028 .."""
        return Holiday(f"{self.key}+{other.key}", f"{self.zh}、{other.zh}", f"{self.en} and {other.en}")


NEW_YEAR = Holiday("NEW_YEAR", "元旦", "New Year's Day")
SPRING_FESTIVAL = Holiday("SPRING_FESTIVAL", "春节", "Spring Festival")
QINGMING = Holiday("QINGMING", "清明节", "Qingming Festival")
LABOUR_DAY = Holiday("LABOUR_DAY", "劳动节", "Labour Day")
DRAGON_BOAT = Holiday("DRAGON_BOAT", "端午节", "Dragon Boat Festival")
NATIONAL_DAY = Holiday("NATIONAL_DAY", "国庆节", "National Day")
MID_AUTUMN = Holiday("MID_AUTUMN", "中秋节", "Mid-Autumn Festival")


@dataclass(frozen=True)
class HolidayOrder:
    """One version of the Regulation on Public Holidays for National Annual Festivals and Memorial Days, art. 2.

    `spring_festival` counts days from the first day of the first lunar month, so -1 is New Year's Eve;
    `traditional` says whether Qingming, Dragon Boat and Mid-Autumn are holidays. 全国年节及纪念日放假办法
    """

    number: str
    from_year: int
    spring_festival: range
    labour_days: int
    traditional: bool


ORDERS = (
    HolidayOrder("国务院令第270号", 1999, range(3), labour_days=3, traditional=False),
    HolidayOrder("国务院令第513号", 2008, range(-1, 2), labour_days=1, traditional=True),
    HolidayOrder("国务院令第644号", 2014, range(3), labour_days=1, traditional=True),
    HolidayOrder("国务院令第795号", 2025, range(-1, 3), labour_days=2, traditional=True),
)


def order_in_force(year: int) -> HolidayOrder:
    """The order that says what a year's holidays are. All but the first took force on 1 January."""
    return max((order for order in ORDERS if order.from_year <= year), key=lambda order: order.from_year)


@cache
def statutory_holidays(year: int) -> Mapping[date, Holiday]:
    """The statutory holidays of a year by date, in order of date.

    Whole-day holidays of all citizens only: the half days of women, youth, children and soldiers (art. 3) change no
    day. ValidationError (OUT_OF_RANGE) outside 2004-2060.
    """
    days: dict[date, Holiday] = {}
    for day, holiday in sorted(_dates(year), key=lambda item: item[0]):
        days[day] = days[day] & holiday if day in days else holiday
    return MappingProxyType(days)


def _dates(year: int) -> Iterator[tuple[date, Holiday]]:
    moving, order = festivals(year), order_in_force(year)
    yield date(year, 1, 1), NEW_YEAR
    yield from ((moving.spring_festival + timedelta(days=n), SPRING_FESTIVAL) for n in order.spring_festival)
    yield from ((date(year, 5, day), LABOUR_DAY) for day in range(1, order.labour_days + 1))
    yield from ((date(year, 10, day), NATIONAL_DAY) for day in (1, 2, 3))
    if order.traditional:
        yield moving.qingming, QINGMING
        yield moving.dragon_boat, DRAGON_BOAT
        yield moving.mid_autumn, MID_AUTUMN
