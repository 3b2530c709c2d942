"""When missed bookings bar somebody, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugins.venues.rules import OpeningPolicy, barred_until

POLICY = OpeningPolicy()
THIRD = date(2026, 5, 1)


def days_before(*days: int) -> list[date]:
    return [THIRD - timedelta(days=count) for count in days]


def test_the_third_no_show_within_90_days_bars_for_30_days() -> None:
    """AC-08: 2026-05-01, barred until 2026-05-31."""
    assert barred_until(days_before(47, 20, 0), [], THIRD, POLICY) == date(2026, 5, 31)


@pytest.mark.parametrize(
    ("today", "barred"),
    [("2026-04-30", False), ("2026-05-01", True), ("2026-05-30", True), ("2026-05-31", True), ("2026-06-01", False)],
)
def test_the_bar_lasts_from_the_third_no_show_through_its_last_day(today: str, barred: bool) -> None:
    until = barred_until(days_before(47, 20, 0), [], date.fromisoformat(today), POLICY)
    assert until == (date(2026, 5, 31) if barred else None)


@pytest.mark.parametrize(("first", "barred"), [(90, True), (91, False)])
def test_within_90_days_includes_the_ninetieth(first: int, barred: bool) -> None:
    assert (barred_until(days_before(first, 20, 0), [], THIRD, POLICY) is not None) is barred


@pytest.mark.parametrize(
    ("no_shows", "late", "barred"),
    [
        ((5, 0), (), False),
        ((5, 0), (3,), False),
        ((5, 0), (3, 2), True),
        ((), (5, 4, 3, 2, 1, 0), True),
        ((), (4, 3, 2, 1, 0), False),
        ((0, 0, 0), (), True),
    ],
)
def test_a_late_cancellation_is_half_a_no_show(no_shows: tuple[int, ...], late: tuple[int, ...], barred: bool) -> None:
    until = barred_until(days_before(*no_shows), days_before(*late), THIRD, POLICY)
    assert until == (date(2026, 5, 31) if barred else None)


def test_a_later_no_show_within_the_period_bars_anew() -> None:
    later = THIRD + timedelta(days=40)
    assert barred_until([*days_before(10, 5, 0), later], [], later, POLICY) == later + timedelta(days=30)


def test_settings_change_the_numbers() -> None:
    strict = OpeningPolicy(no_shows_for_bar=1, bar_days=7)
    assert barred_until([THIRD], [], THIRD, strict) == date(2026, 5, 8)


@given(st.lists(st.integers(0, 200), max_size=2), st.integers(0, 200))
def test_two_no_shows_never_bar(days: list[int], today: int) -> None:
    assert barred_until(days_before(*days), [], THIRD - timedelta(days=today), POLICY) is None


@given(st.lists(st.integers(0, 200), max_size=6), st.integers(0, 200), st.integers(0, 200))
def test_another_no_show_never_shortens_a_bar(days: list[int], another: int, today: int) -> None:
    now = THIRD - timedelta(days=today)
    before = barred_until(days_before(*days), [], now, POLICY)
    after = barred_until(days_before(*days, another), [], now, POLICY)
    assert before is None or (after is not None and after >= before)
