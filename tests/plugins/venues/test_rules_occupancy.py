"""Which unit is free: exclusive and shared venues, peaks, buffers."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugins.venues.rules import OCCUPYING, BookingState, Occupation, Room, free_unit

DAY = datetime.fromisoformat("2026-03-11T00:00")
COURT = Room(capacity=20, exclusive=True)
HALL = Room(capacity=20)


def at(spelling: str) -> datetime:
    hours, minutes = spelling.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


def held(start: str, end: str, party_size: int = 1, unit: int = 1) -> Occupation:
    return Occupation(unit, at(start), at(end), party_size)


def test_an_exclusive_unit_takes_one_booking_at_a_time() -> None:
    """AC-07: 19:00-20:00 is held, 19:30-20:30 is asked."""
    there = [held("19:00", "20:00")]
    assert free_unit(COURT, there, at("19:30"), at("20:30")) is None
    assert free_unit(COURT, there, at("20:00"), at("21:00")) == 1
    assert free_unit(COURT, there, at("18:00"), at("19:00")) == 1
    assert free_unit(COURT, there, at("18:00"), at("21:00")) is None


def test_the_lowest_free_unit_is_given() -> None:
    courts = Room(capacity=4, exclusive=True, units=3)
    there = [held("10:00", "11:00", unit=1), held("10:00", "11:00", unit=3)]
    assert free_unit(courts, there, at("10:30"), at("11:30")) == 2
    assert free_unit(courts, there, at("11:00"), at("12:00")) == 1
    assert free_unit(courts, [*there, held("10:00", "11:00", unit=2)], at("10:30"), at("11:30")) is None


def test_a_wanted_unit_is_given_or_nothing() -> None:
    courts = Room(capacity=4, exclusive=True, units=3)
    there = [held("10:00", "11:00", unit=3)]
    assert free_unit(courts, there, at("10:00"), at("11:00"), wanted=3) is None
    assert free_unit(courts, there, at("10:00"), at("11:00"), wanted=2) == 2


def test_a_shared_unit_counts_the_peak_and_not_the_sum() -> None:
    there = [held("09:00", "10:00", 12), held("10:00", "11:00", 12)]
    assert free_unit(HALL, there, at("09:00"), at("11:00"), 8) == 1
    assert free_unit(HALL, there, at("09:00"), at("11:00"), 9) is None
    assert HALL.peak(Occupation(1, at("09:00"), at("11:00"), 8), there) == 20


def test_persons_of_other_units_do_not_count() -> None:
    rooms = Room(capacity=20, units=2)
    assert free_unit(rooms, [held("09:00", "10:00", 20, unit=1)], at("09:00"), at("10:00"), 20) == 2


def test_a_party_larger_than_the_capacity_fits_nowhere() -> None:
    assert free_unit(HALL, [], at("09:00"), at("10:00"), 21) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("09:00", "09:40", 1),
        ("09:00", "09:41", None),
        ("11:20", "12:00", 1),
        ("11:19", "12:00", None),
        ("10:15", "10:30", None),
    ],
)
def test_buffers_count_as_occupied_and_may_overlap_buffers(start: str, end: str, expected: int | None) -> None:
    """Before 10, after 20 minutes: 20 minutes lie between two bookings, not 30."""
    room = Room(20, exclusive=True, buffer_before=timedelta(minutes=10), buffer_after=timedelta(minutes=20))
    assert free_unit(room, [held("10:00", "11:00")], at(start), at(end)) == expected


def test_buffers_of_a_shared_unit_hold_their_places() -> None:
    room = Room(20, buffer_after=timedelta(minutes=30))
    there = [held("10:00", "11:00", 15)]
    assert free_unit(room, there, at("11:00"), at("12:00"), 6) is None
    assert free_unit(room, there, at("11:00"), at("12:00"), 5) == 1
    assert free_unit(room, there, at("11:30"), at("12:30"), 20) == 1
    assert free_unit(room, there, at("09:00"), at("09:31"), 6) is None, "its own buffer reaches the booking"


def test_a_quarrel_among_others_is_not_the_askers() -> None:
    """A capacity lowered later leaves bookings that no longer fit; who does not meet them is not refused."""
    there = [held("10:00", "11:00", 20), held("10:00", "11:00", 20)]
    assert free_unit(HALL, there, at("11:00"), at("12:00"), 20) == 1


def test_only_promised_bookings_take_room() -> None:
    assert {BookingState.CONFIRMED, BookingState.PROVISIONAL, BookingState.IN_USE} == OCCUPYING


STEP = timedelta(minutes=10)
ASKED = st.tuples(st.integers(0, 40), st.integers(1, 12), st.integers(1, 10))
BUFFERS = st.integers(0, 3).map(lambda steps: steps * STEP)


def accepted(room: Room, asked: list[tuple[int, int, int]]) -> list[Occupation]:
    there: list[Occupation] = []
    for first, length, party_size in asked:
        start, end = DAY + first * STEP, DAY + (first + length) * STEP
        unit = free_unit(room, there, start, end, party_size)
        if unit is not None:
            there.append(Occupation(unit, start, end, party_size))
    return there


@given(st.lists(ASKED, max_size=25), st.integers(1, 3), BUFFERS, BUFFERS)
def test_bookings_accepted_for_an_exclusive_venue_never_overlap(
    asked: list[tuple[int, int, int]], units: int, before: timedelta, after: timedelta
) -> None:
    room = Room(10, exclusive=True, units=units, buffer_before=before, buffer_after=after)
    for one, other in combinations(accepted(room, asked), 2):
        early, late = sorted((one, other), key=lambda booking: booking.start)
        assert one.unit != other.unit or late.start - early.end >= max(before, after)


@given(st.lists(ASKED, max_size=25), st.integers(1, 3), st.integers(5, 20), BUFFERS)
def test_bookings_accepted_for_a_shared_venue_never_exceed_its_capacity(
    asked: list[tuple[int, int, int]], units: int, capacity: int, buffer: timedelta
) -> None:
    room = Room(capacity, units=units, buffer_before=buffer, buffer_after=buffer)
    there = accepted(room, asked)
    for unit in range(1, units + 1):
        for step in range(60):
            moment = DAY + step * STEP
            present = [b.party_size for b in there if b.unit == unit and b.start <= moment < b.end]
            assert sum(present) <= capacity


@given(st.lists(ASKED, max_size=12), ASKED, st.booleans())
def test_without_buffers_a_booking_is_refused_only_where_it_would_be_too_much(
    asked: list[tuple[int, int, int]], last: tuple[int, int, int], exclusive: bool
) -> None:
    room = Room(10, exclusive=exclusive)
    there = accepted(room, asked)
    first, length, party_size = last
    moments = [DAY + step * STEP for step in range(first, first + length)]
    present = [[b for b in there if b.start <= moment < b.end] for moment in moments]
    shared = all(sum(b.party_size for b in together) + party_size <= 10 for together in present)
    alone = not any(present)
    found = free_unit(room, there, moments[0], moments[-1] + STEP, party_size)
    assert (found == 1) == (alone if exclusive else shared)
