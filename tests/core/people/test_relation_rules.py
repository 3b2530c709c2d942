"""When somebody may be somebody's guardian, how long, and what makes a loop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar.ages import LeapBirthday, age
from linli.core.errors import RejectedError
from linli.core.graph.spans import Span
from linli.core.people.relation_rules import (
    MAJORITY,
    Edge,
    GuardianBasis,
    Majority,
    check_guardian,
    closes_loop,
    lasting,
)

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 1, 1, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(4)]
DAYS = st.dates(date(1940, 1, 1), date(2030, 12, 31))
LEAPS = st.sampled_from(list(LeapBirthday))


def refused(majority: Majority, ward: date, guardian: date, basis: GuardianBasis | None, start: date) -> str | None:
    try:
        check_guardian(majority, ward, guardian, basis, start)
    except RejectedError as error:
        return error.code
    return None


@given(ward=DAYS, guardian=DAYS, today=DAYS, basis=st.sampled_from([None, *GuardianBasis]), leap=LEAPS)
def test_a_guardian_is_an_adult_and_an_adult_ward_needs_a_basis(
    ward: date, guardian: date, today: date, basis: GuardianBasis | None, leap: LeapBirthday
) -> None:
    found = refused(Majority(today, ZONE, leap), ward, guardian, basis, today)
    grown = guardian <= today and age(guardian, today, leap) >= MAJORITY
    adult = ward <= today and age(ward, today, leap) >= MAJORITY
    if not grown:
        assert found == "GUARDIAN_UNDER_AGE"
    elif adult and basis in (None, GuardianBasis.MINOR):
        assert found == "GUARDIAN_BASIS"
    else:
        assert found is None


@pytest.mark.parametrize(("ward", "guardian"), [(None, date(1980, 1, 1)), (date(2016, 1, 1), None)])
def test_of_people_without_a_date_of_birth_nobody_is_the_others_guardian(
    ward: date | None, guardian: date | None
) -> None:
    with pytest.raises(RejectedError) as caught:
        check_guardian(Majority(date(2026, 3, 9), ZONE), ward, guardian, None, date(2026, 3, 9))
    assert caught.value.code == "BIRTH_DATE_UNKNOWN"


@given(birth=DAYS, leap=LEAPS, hours=st.integers(-48, 48))
def test_a_minors_guardian_acts_until_the_first_instant_of_the_birthday(
    birth: date, leap: LeapBirthday, hours: int
) -> None:
    end = lasting(Span(), GuardianBasis.MINOR, birth, Majority(birth, ZONE, leap)).end
    assert end is not None
    at = end + timedelta(hours=hours)
    today = at.astimezone(ZONE).date()
    assert Majority(today, ZONE, leap).reached(birth) is (hours >= 0)
    for basis in (GuardianBasis.COURT, GuardianBasis.AGREEMENT, None):
        assert lasting(Span(), basis, birth, Majority(birth, ZONE, leap)) == Span()


SPANS = st.builds(
    lambda first, days: Span(START + timedelta(days=first), START + timedelta(days=first + days)),
    st.integers(0, 8),
    st.integers(0, 6),
)
EDGES = st.builds(Edge, st.sampled_from(IDS), st.sampled_from(IDS), SPANS)


@given(edges=st.lists(EDGES, max_size=7), new=EDGES)
def test_a_loop_is_found_exactly_where_a_day_shows_one(edges: list[Edge], new: Edge) -> None:
    days = [START + timedelta(days=day) for day in range(15)]
    assert closes_loop(edges, new) is any(_looped_on(edges, new, day) for day in days)


def _looped_on(edges: list[Edge], new: Edge, day: datetime) -> bool:
    """By trying every way: from the guardian up to the ward over those whose spans hold the day."""
    valid = {(edge.ward, edge.guardian) for edge in edges if _holds(edge, day)}
    if not _holds(new, day):
        return False
    others = [id_ for id_ in IDS if id_ not in (new.ward, new.guardian)]
    ways = [way for count in range(len(others) + 1) for way in permutations(others, count)]
    chains = [(new.guardian, *way, new.ward) for way in ways]
    found = any(all(step in valid for step in pairwise(chain)) for chain in chains)
    return found or new.guardian == new.ward


def _holds(edge: Edge, day: datetime) -> bool:
    assert edge.span.start is not None
    assert edge.span.end is not None
    return edge.span.start <= day < edge.span.end
