"""Local days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import closing, day_bounds, local_date, local_instant
from linli.core.errors import ValidationError

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([ZoneInfo(name) for name in ("Asia/Shanghai", "Asia/Urumqi", "America/Sao_Paulo", "UTC")])


def test_a_day_begins_at_the_districts_midnight() -> None:
    assert day_bounds(date(2026, 3, 11), SHANGHAI) == (
        datetime(2026, 3, 10, 16, tzinfo=UTC),
        datetime(2026, 3, 11, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 10, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 16, tzinfo=UTC), date(2026, 3, 11)),
        (datetime(2026, 3, 11, 23, tzinfo=SHANGHAI), date(2026, 3, 11)),
        (datetime(2026, 3, 11, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo")), date(2026, 3, 10)),
    ],
)
def test_an_instant_has_its_local_day(instant: datetime, day: date) -> None:
    assert local_date(instant, SHANGHAI) == day


def test_days_are_longer_and_shorter_where_clocks_move() -> None:
    lengths = [
        (end - start) // timedelta(hours=1)
        for day in (date(1988, 4, 17), date(1988, 9, 11), date(1992, 4, 12))
        for start, end in [day_bounds(day, SHANGHAI)]
    ]
    assert lengths == [23, 25, 24]


def test_a_midnight_that_clocks_skip_begins_the_day_at_the_jump() -> None:
    sao_paulo = ZoneInfo("America/Sao_Paulo")
    start, end = day_bounds(date(2018, 11, 4), sao_paulo)
    assert start.astimezone(sao_paulo).time() == time(1)
    assert end - start == timedelta(hours=23)


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), ZONES)  # noqa: DTZ001
def test_every_instant_lies_within_the_bounds_of_its_day(instant: datetime, zone: ZoneInfo) -> None:
    start, end = day_bounds(local_date(instant, zone), zone)
    assert start <= instant < end


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), ZONES)
def test_each_day_ends_where_the_next_begins(day: date, zone: ZoneInfo) -> None:
    assert day_bounds(day, zone)[1] == day_bounds(day + timedelta(days=1), zone)[0]


@given(st.dates(date(1992, 1, 1), date(2100, 1, 1)), st.times())
def test_a_wall_time_comes_back_from_its_instant(day: date, at: time) -> None:
    found = local_instant(day, at.replace(fold=0), SHANGHAI)
    assert found.tzinfo is UTC
    assert found.astimezone(SHANGHAI).replace(tzinfo=None) == datetime.combine(day, at)


def test_a_day_closes_at_a_time_or_at_midnight() -> None:
    assert closing(date(2026, 3, 11), SHANGHAI, time(17, 30)) == datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    assert closing(date(2026, 3, 11), SHANGHAI, None) == datetime(2026, 3, 11, 16, tzinfo=UTC)


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_date(datetime(2026, 3, 11), SHANGHAI)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone of its own"):
        local_instant(date(2026, 3, 11), time(9, tzinfo=UTC), SHANGHAI)


def test_a_day_is_no_instant() -> None:
    with pytest.raises(TypeError, match="local_date"):
        day_bounds(datetime(2026, 3, 11, tzinfo=UTC), SHANGHAI)


@pytest.mark.parametrize("edge", [date.min, date.max])
def test_days_at_the_edge_of_time_are_refused(edge: date) -> None:
    with pytest.raises(ValidationError) as refused:
        day_bounds(edge, SHANGHAI)
    assert refused.value.problems[0].code == "OUT_OF_RANGE"
    with pytest.raises(ValidationError):
        local_date(datetime.combine(edge, time(12), tzinfo=UTC), SHANGHAI)
