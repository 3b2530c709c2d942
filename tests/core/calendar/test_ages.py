"""Age in completed years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linli.core.calendar import LeapBirthday, age, birthday, born_by, month_of
from linli.core.errors import ValidationError

BIRTHS = st.dates(date(1900, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        ("1946-03-15", "2026-03-14", 79),  # AC-22
        ("1946-03-15", "2026-03-15", 80),
        ("1966-11-22", "2026-11-21", 59),
        ("1966-11-22", "2026-11-22", 60),
        ("2026-03-11", "2026-03-11", 0),
        ("2025-12-31", "2026-01-01", 0),
        ("1964-02-29", "2024-02-28", 59),
        ("1964-02-29", "2024-02-29", 60),
    ],
)
def test_one_turns_a_year_older_on_the_birthday_itself(birth: str, on: str, years: int) -> None:
    assert age(date.fromisoformat(birth), date.fromisoformat(on)) == years


@pytest.mark.parametrize(("leap", "ages"), [(LeapBirthday.FEB28, [65, 66, 66]), (LeapBirthday.MAR01, [65, 65, 66])])
def test_who_is_born_on_29_february_turns_older_by_the_setting(leap: LeapBirthday, ages: list[int]) -> None:
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert [age(date(1960, 2, 29), day, leap) for day in days] == ages


def test_the_birthday_of_29_february_stands_in_leap_years_only() -> None:
    born = date(1960, 2, 29)
    assert birthday(born, 2024, LeapBirthday.MAR01) == date(2024, 2, 29)
    assert birthday(born, 2026) == date(2026, 2, 28)
    assert birthday(born, 2026, LeapBirthday.MAR01) == date(2026, 3, 1)
    assert birthday(date(1946, 3, 15), 2026) == date(2026, 3, 15)


@given(BIRTHS, st.integers(0, 120), st.sampled_from(LeapBirthday))
def test_age_steps_by_one_on_each_birthday(birth: date, years: int, leap: LeapBirthday) -> None:
    turning = birthday(birth, birth.year + years, leap)
    assume(turning > birth)
    assert age(birth, turning, leap) == years
    assert age(birth, turning - timedelta(days=1), leap) == years - 1


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValidationError) as refused:
        age(date(2026, 3, 11), date(2026, 3, 10))
    assert [(it.path, it.code) for it in refused.value.problems] == [("on", "BEFORE_BIRTH")]


def test_a_birth_is_a_day_and_no_instant() -> None:
    with pytest.raises(TypeError, match="local_date"):
        age(datetime(1960, 1, 1, tzinfo=UTC), date(2026, 1, 1))


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.integers(0, 90), st.integers(-2, 2))
def test_who_is_born_by_a_day_has_the_age_and_who_is_born_later_has_not(on: date, years: int, days: int) -> None:
    last = born_by(on, years)
    birth = last + timedelta(days=days)
    assume(birth <= on)
    assert (age(birth, on) >= years) == (birth <= last)


@pytest.mark.parametrize(
    ("day", "later", "first"),
    [("2026-03-09", 0, "2026-03-01"), ("2026-03-31", -3, "2025-12-01"), ("2026-12-31", 2, "2027-02-01")],
)
def test_a_month_is_told_by_its_first_day(day: str, later: int, first: str) -> None:
    assert month_of(date.fromisoformat(day), later=later) == date.fromisoformat(first)
