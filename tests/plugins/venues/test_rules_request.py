"""What is refused whoever asks: the grid, opening hours, one day, durations, the past, the party."""

from __future__ import annotations

from datetime import datetime

import pytest

from linli.core.calendar import DayKind
from linli.core.errors import RejectedError, ValidationError
from linli.plugins.venues.rules import (
    BookingRequest,
    Limits,
    MinuteRange,
    OpeningPolicy,
    Timetable,
    check_request,
)

NOW = datetime.fromisoformat("2026-03-10T12:00")
COURT = Limits(capacity=20, units=2)


def venue(opening: str = "07:00-22:00", granularity: int = 30, *, overnight: bool = False) -> Timetable:
    hours = MinuteRange.of(*opening.split("-"))
    policy = OpeningPolicy(overnight=overnight)
    return Timetable(hours, lambda _: DayKind.WORKDAY, (), policy, granularity)


def asked(start: str, end: str, party_size: int = 1, unit: int | None = None) -> BookingRequest:
    return BookingRequest(datetime.fromisoformat(start), datetime.fromisoformat(end), party_size, unit)


def problems(request: BookingRequest, timetable: Timetable, limits: Limits = COURT) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        check_request(request, timetable, limits, NOW)
    assert caught.value.plugin == "venues"
    return [(problem.path, problem.code) for problem in caught.value.problems]


def refusal(request: BookingRequest, timetable: Timetable, limits: Limits = COURT) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RejectedError) as caught:
        check_request(request, timetable, limits, NOW)
    assert caught.value.plugin == "venues"
    return caught.value.code, caught.value.path


@pytest.mark.parametrize(
    ("request_", "timetable"),
    [
        pytest.param(asked("2026-03-11T07:00", "2026-03-11T22:00"), venue(), id="all of the opening"),
        pytest.param(asked("2026-03-10T12:00", "2026-03-10T12:30"), venue(), id="from now on"),
        pytest.param(asked("2026-03-11T10:00", "2026-03-11T11:00", 20, 2), venue(), id="a full unit, by its number"),
        pytest.param(asked("2026-03-11T23:00", "2026-03-12T00:00"), venue("07:00-24:00"), id="until 24:00"),
        pytest.param(asked("2026-03-11T07:45", "2026-03-11T09:15"), venue(granularity=45), id="45-minute lessons"),
        pytest.param(
            *(asked("2026-03-11T21:00", "2026-03-12T08:00"), venue("00:00-24:00", overnight=True)),
            id="a night where the policy lets one stay",
        ),
    ],
)
def test_a_sound_request_passes(request_: BookingRequest, timetable: Timetable) -> None:
    check_request(request_, timetable, COURT, NOW)


@pytest.mark.parametrize("end", ["2026-03-11T10:00", "2026-03-11T09:00", "2026-03-10T11:00"])
def test_a_booking_ends_after_it_starts(end: str) -> None:
    assert problems(asked("2026-03-11T10:00", end), venue()) == [("end", "END_NOT_AFTER_START")]


@pytest.mark.parametrize("end", ["2026-03-12T11:00", "2026-03-12T00:30"])
@pytest.mark.parametrize("opening", ["07:00-22:00", "00:00-24:00"])
def test_a_booking_lies_within_one_day(end: str, opening: str) -> None:
    """Among them one of 25 hours."""
    assert problems(asked("2026-03-11T10:00", end), venue(opening)) == [("end", "NOT_ONE_DAY")]


def test_a_night_is_no_longer_than_24_hours() -> None:
    timetable = venue("00:00-24:00", overnight=True)
    check_request(asked("2026-03-11T10:00", "2026-03-12T10:00"), timetable, COURT, NOW)
    assert problems(asked("2026-03-11T10:00", "2026-03-12T11:00"), timetable) == [("end", "NOT_ONE_DAY")]


@pytest.mark.parametrize(
    ("end", "expected"), [("11:00", "TOO_SHORT"), ("11:30", None), ("13:00", None), ("13:30", "TOO_LONG")]
)
def test_durations_include_their_bounds(end: str, expected: str | None) -> None:
    limits = Limits(20, min_minutes=90, max_minutes=180)
    request = asked("2026-03-11T10:00", f"2026-03-11T{end}")
    if expected:
        assert problems(request, venue(), limits) == [("end", expected)]
    else:
        check_request(request, venue(), limits, NOW)


@pytest.mark.parametrize(
    ("start", "end", "path"),
    [
        ("10:15", "11:15", "start"),
        ("10:00", "10:40", "end"),
        ("10:00:30", "11:00", "start"),
        ("10:00", "11:00:00.000001", "end"),
    ],
)
def test_a_time_off_the_grid_is_named(start: str, end: str, path: str) -> None:
    request = asked(f"2026-03-11T{start}", f"2026-03-11T{end}")
    assert refusal(request, venue()) == ("NOT_ON_GRANULARITY", (path,))


def test_the_grid_starts_at_the_opening() -> None:
    timetable = venue("07:15-22:15", 60)
    check_request(asked("2026-03-11T07:15", "2026-03-11T09:15"), timetable, COURT, NOW)
    with pytest.raises(RejectedError, match="every 60 minutes, counted from the opening at 07:15"):
        check_request(asked("2026-03-11T08:00", "2026-03-11T09:00"), timetable, COURT, NOW)


def test_an_end_at_midnight_is_judged_by_the_grid_of_the_day_it_ends() -> None:
    timetable = venue("07:20-24:00", 50)
    check_request(asked("2026-03-11T23:10", "2026-03-12T00:00"), timetable, COURT, NOW)


@pytest.mark.parametrize(
    ("start", "end", "path"),
    [("06:30", "07:30", "start"), ("21:30", "22:30", "end"), ("06:00", "06:30", "start"), ("06:30", "22:30", "start")],
)
def test_hours_outside_opening_are_refused(start: str, end: str, path: str) -> None:
    request = asked(f"2026-03-11T{start}", f"2026-03-11T{end}")
    assert refusal(request, venue()) == ("OUTSIDE_OPENING_HOURS", (path,))


def test_a_night_at_a_venue_that_closes_is_outside_its_hours() -> None:
    request = asked("2026-03-11T21:00", "2026-03-12T08:00")
    assert refusal(request, venue(overnight=True)) == ("OUTSIDE_OPENING_HOURS", ("end",))


@pytest.mark.parametrize("start", ["2026-03-10T11:30", "2026-03-09T13:00"])
def test_the_past_cannot_be_booked(start: str) -> None:
    request = asked(start, start.replace("11:30", "13:30").replace("13:00", "14:00"))
    assert refusal(request, venue()) == ("IN_THE_PAST", ("start",))


def test_a_party_fits_into_one_unit() -> None:
    request = asked("2026-03-11T10:00", "2026-03-11T11:00", party_size=21)
    assert refusal(request, venue()) == ("CAPACITY_EXCEEDED", ("partySize",))


def test_every_problem_of_the_request_itself_is_named_at_once() -> None:
    request = asked("2026-03-11T10:00", "2026-03-11T09:00", party_size=0, unit=3)
    expected = [("end", "END_NOT_AFTER_START"), ("partySize", "OUT_OF_RANGE"), ("unit", "OUT_OF_RANGE")]
    assert problems(request, venue()) == expected
    assert problems(asked("2026-03-11T10:00", "2026-03-11T11:00", unit=0), venue()) == [("unit", "OUT_OF_RANGE")]
