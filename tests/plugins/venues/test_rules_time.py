"""Times of day, ranges of minutes and days cut at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugins.venues.rules import MinuteRange, Weekday, format_local_time, parse_local_time
from linli.plugins.venues.rules.ranges import day_parts, merged

RANGES = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda pair: MinuteRange(min(pair[0], pair[1] - 1), max(pair[0] + 1, pair[1]))
)


@pytest.mark.parametrize(
    ("spelling", "minute"), [("00:00", 0), ("07:00", 420), ("17:59", 1079), ("18:00", 1080), ("24:00", 1440)]
)
def test_a_local_time_is_read_and_written_alike(spelling: str, minute: int) -> None:
    assert parse_local_time(spelling) == minute
    assert format_local_time(minute) == spelling


@given(st.integers(0, 1440))
def test_every_minute_of_a_day_survives_its_spelling(minute: int) -> None:
    assert parse_local_time(format_local_time(minute)) == minute


@pytest.mark.parametrize(
    "spelling", ["24:01", "25:00", "7:00", "07:60", "07:00:00", "07-00", "", " 07:00", "07:00\n", "-1:00", "０７:00"]
)
def test_other_spellings_are_refused(spelling: str) -> None:
    with pytest.raises(ValueError, match="expected HH:MM from 00:00 to 24:00"):
        parse_local_time(spelling)


@pytest.mark.parametrize("minute", [-1, 1441])
def test_minutes_outside_a_day_have_no_spelling(minute: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to 1440"):
        format_local_time(minute)


@pytest.mark.parametrize(("start", "end"), [(60, 60), (61, 60), (-1, 60), (1439, 1441)])
def test_a_range_is_never_empty_and_stays_within_a_day(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= start < end <= 1440"):
        MinuteRange(start, end)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    hours = MinuteRange.of("09:00", "18:00")
    assert (9 * 60 in hours, 18 * 60 - 1 in hours, 18 * 60 in hours) == (True, True, False)
    assert not hours.overlaps(MinuteRange.of("18:00", "22:00"))
    assert hours.overlaps(MinuteRange.of("17:59", "22:00"))
    assert str(hours) == "09:00-18:00"


@given(st.lists(RANGES, max_size=6))
def test_merging_keeps_the_minutes_and_leaves_gaps_between_ranges(ranges: list[MinuteRange]) -> None:
    joined = merged(ranges)
    assert {m for one in joined for m in range(one.start, one.end)} == {
        m for one in ranges for m in range(one.start, one.end)
    }
    assert all(one.end < following.start for one, following in pairwise(joined))


def test_a_stretch_is_cut_at_every_midnight() -> None:
    parts = list(day_parts(datetime.fromisoformat("2026-03-11T22:00"), datetime.fromisoformat("2026-03-13T00:30")))
    assert parts == [
        (date(2026, 3, 11), MinuteRange.of("22:00", "24:00")),
        (date(2026, 3, 12), MinuteRange.of("00:00", "24:00")),
        (date(2026, 3, 13), MinuteRange.of("00:00", "00:30")),
    ]


def test_a_stretch_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    parts = list(day_parts(datetime.fromisoformat("2026-03-11T23:00"), datetime.fromisoformat("2026-03-12T00:00")))
    assert parts == [(date(2026, 3, 11), MinuteRange.of("23:00", "24:00"))]


def test_a_begun_minute_counts_as_touched() -> None:
    parts = list(
        day_parts(datetime.fromisoformat("2026-03-11T17:59:30"), datetime.fromisoformat("2026-03-11T18:00:01"))
    )
    assert parts == [(date(2026, 3, 11), MinuteRange.of("17:59", "18:01"))]


def test_instants_are_not_taken_for_local_times() -> None:
    start, end = datetime(2026, 3, 11, 10, tzinfo=UTC), datetime(2026, 3, 11, 11, tzinfo=UTC)
    with pytest.raises(ValueError, match="without a zone"):
        list(day_parts(start, end))


def test_weekdays_follow_the_calendar() -> None:
    assert Weekday.of(date(2026, 3, 11)) is Weekday.WEDNESDAY
    assert [day for day in Weekday if day.weekend] == [Weekday.SATURDAY, Weekday.SUNDAY]
