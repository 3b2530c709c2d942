"""Who may book when: the acceptance cases of the opening rule, its boundaries, and the search for the next start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.calendar import DayKind
from linli.plugins.venues.rules import (
    Blackout,
    MinuteRange,
    OpeningPolicy,
    Refusal,
    Standing,
    Tier,
    TierTable,
    Timetable,
    Weekday,
    WindowKind,
    WorkHours,
    WorkRange,
    eligibility,
    next_eligible_start,
    verdict,
)

STATUTORY = {date(2026, 10, day) for day in (1, 2, 3)}
ADJUSTED = {date(2026, 10, day) for day in (5, 6, 7)}
MAKEUP = {date(2026, 2, 14), date(2026, 2, 28), date(2026, 10, 10)}


def day_kind(day: date) -> DayKind:
    """The official calendar of 2026 as far as these cases ask; 2027 is not published."""
    if day.year != 2026:
        return DayKind.UNKNOWN
    for days, kind in (
        (STATUTORY, DayKind.STATUTORY_HOLIDAY),
        (ADJUSTED, DayKind.HOLIDAY_ADJUSTED),
        (MAKEUP, DayKind.MAKEUP_WORKDAY),
    ):
        if day in days:
            return kind
    return DayKind.WEEKEND if Weekday.of(day).weekend else DayKind.WORKDAY


U1_HOURS = WorkHours(
    date.min,
    tuple(
        WorkRange(day, MinuteRange.of(*hours))
        for day in Weekday
        if not day.weekend
        for hours in (("09:00", "12:00"), ("13:00", "18:00"))
    ),
)
JIA = Standing(frozenset({Tier.OWN_STAFF}))  # 甲, staff of the owner
YI = Standing(frozenset({Tier.PARTNER_STAFF}))  # 乙, staff of a unit with an agreement, lives elsewhere
BING = Standing(frozenset({Tier.RESIDENT}))  # 丙, resident
DING = Standing(unit_without_agreement=True)  # 丁, staff of a unit without an agreement
STANDINGS = st.builds(Standing, st.frozensets(st.sampled_from(Tier)), st.booleans())


def venue(policy: OpeningPolicy | None = None, opening: str = "07:00-22:00", granularity: int = 30) -> Timetable:
    hours = MinuteRange.of(*opening.split("-"))
    return Timetable(hours, day_kind, (U1_HOURS,), policy or OpeningPolicy(), granularity)


def at(spelling: str) -> datetime:
    return datetime.fromisoformat(spelling)


@pytest.mark.parametrize(
    ("standing", "start", "end", "window", "tier"),
    [
        pytest.param(JIA, "2026-03-11T10:00", "2026-03-11T11:00", "WORK", "OWN_STAFF", id="AC-01 own staff"),
        pytest.param(YI, "2026-03-11T19:00", "2026-03-11T20:00", "AFTER_HOURS", "PARTNER_STAFF", id="AC-02 partner"),
        pytest.param(BING, "2026-03-14T09:00", "2026-03-14T11:00", "OFF", "RESIDENT", id="AC-03 resident"),
        pytest.param(BING, "2026-10-06T10:00", "2026-10-06T12:00", "OFF", "RESIDENT", id="AC-04 resident"),
        pytest.param(YI, "2026-03-11T18:00", "2026-03-11T22:00", "AFTER_HOURS", "PARTNER_STAFF", id="from 18:00"),
        pytest.param(YI, "2026-03-11T07:00", "2026-03-11T09:00", "AFTER_HOURS", "PARTNER_STAFF", id="until 09:00"),
        pytest.param(JIA, "2026-03-11T17:30", "2026-03-11T18:30", "WORK", "OWN_STAFF", id="own staff across 18:00"),
        pytest.param(JIA, "2026-02-14T10:00", "2026-02-14T11:00", "WORK", "OWN_STAFF", id="make-up Saturday"),
        pytest.param(JIA, "2026-10-01T10:00", "2026-10-01T11:00", "OFF", "OWN_STAFF", id="own staff on a holiday"),
    ],
)
def test_who_holds_an_admitted_tier_is_eligible(
    standing: Standing, start: str, end: str, window: str, tier: str
) -> None:
    answer = eligibility(venue(), standing, at(start), at(end))
    assert answer.eligible
    assert answer.window is not None
    assert (answer.window.kind, answer.tier, answer.reason) == (window, tier, None)
    assert answer.next_eligible_start is None


@pytest.mark.parametrize(
    ("standing", "start", "end", "window", "reason", "following"),
    [
        pytest.param(
            *(YI, "2026-03-11T14:00", "2026-03-11T15:00", "WORK", "NOT_ELIGIBLE", "2026-03-11T18:00"),
            id="AC-01 partner during work",
        ),
        pytest.param(
            *(BING, "2026-03-11T14:00", "2026-03-11T15:00", "WORK", "NOT_ELIGIBLE", "2026-03-14T07:00"),
            id="AC-01 resident during work",
        ),
        pytest.param(
            *(BING, "2026-03-11T20:00", "2026-03-11T21:00", "AFTER_HOURS", "NOT_ELIGIBLE", "2026-03-14T07:00"),
            id="AC-02 resident after hours",
        ),
        pytest.param(
            *(DING, "2026-03-11T19:00", "2026-03-11T20:00", "AFTER_HOURS", "NO_ACTIVE_AGREEMENT", None),
            id="AC-02 staff of a unit without agreement",
        ),
        pytest.param(
            *(YI, "2026-10-06T10:00", "2026-10-06T12:00", "OFF", "OFF_DAY_PARTNERS_DISABLED", "2026-10-08T07:00"),
            id="AC-04 partner on a day off",
        ),
        pytest.param(
            *(DING, "2026-03-11T14:00", "2026-03-11T15:00", "WORK", "NOT_ELIGIBLE", None),
            id="an agreement would not help during work",
        ),
        pytest.param(
            *(DING, "2026-03-14T14:00", "2026-03-14T15:00", "OFF", "NOT_ELIGIBLE", None),
            id="nor on a day off without partners",
        ),
        pytest.param(
            *(YI, "2026-03-11T17:30", "2026-03-11T18:30", "WORK", "NOT_ELIGIBLE", "2026-03-11T18:00"),
            id="partner across 18:00",
        ),
        pytest.param(
            *(YI, "2026-03-11T08:30", "2026-03-11T09:30", "WORK", "NOT_ELIGIBLE", "2026-03-11T18:00"),
            id="partner across 09:00",
        ),
        pytest.param(
            *(YI, "2026-03-11T12:00", "2026-03-11T13:00", "WORK", "NOT_ELIGIBLE", "2026-03-11T18:00"),
            id="lunch counts as work",
        ),
        pytest.param(
            *(BING, "2026-02-14T10:00", "2026-02-14T11:00", "WORK", "NOT_ELIGIBLE", "2026-02-15T07:00"),
            id="resident on a make-up Saturday",
        ),
    ],
)
def test_a_refusal_names_the_window_the_reason_and_the_next_start(
    *, standing: Standing, start: str, end: str, window: str, reason: str, following: str | None
) -> None:
    answer = eligibility(venue(), standing, at(start), at(end))
    assert not answer.eligible
    assert answer.tier is None
    assert answer.window is not None
    assert (answer.window.kind, answer.reason) == (window, reason)
    assert answer.next_eligible_start == (at(following) if following else None)


def test_partners_come_on_days_off_where_the_setting_lets_them() -> None:
    """AC-04, second half."""
    timetable = venue(OpeningPolicy(off_day_partners=True))
    start, end = at("2026-10-06T10:00"), at("2026-10-06T12:00")
    assert eligibility(timetable, YI, start, end).tier is Tier.PARTNER_STAFF
    assert eligibility(timetable, DING, start, end).reason is Refusal.NO_ACTIVE_AGREEMENT


@pytest.mark.parametrize(("minute", "eligible"), [("17:58", False), ("17:59", False), ("18:00", True)])
def test_the_minute_of_eighteen_o_clock_belongs_to_the_evening(minute: str, eligible: bool) -> None:
    timetable = venue(granularity=1)
    start = at(f"2026-03-11T{minute}")
    assert eligibility(timetable, YI, start, start + timedelta(minutes=1)).eligible is eligible


def test_a_resident_who_is_own_staff_too_comes_as_resident_on_days_off() -> None:
    both = Standing(frozenset({Tier.OWN_STAFF, Tier.RESIDENT}))
    assert eligibility(venue(), both, at("2026-03-14T09:00"), at("2026-03-14T10:00")).tier is Tier.RESIDENT
    assert eligibility(venue(), both, at("2026-03-11T09:00"), at("2026-03-11T10:00")).tier is Tier.OWN_STAFF


def test_a_booking_is_cut_at_windows_and_midnights_and_each_piece_has_its_tier() -> None:
    both = Standing(frozenset({Tier.PARTNER_STAFF, Tier.RESIDENT}))
    timetable = venue(OpeningPolicy(overnight=True), "00:00-24:00")
    answer = eligibility(timetable, both, at("2026-03-13T17:00"), at("2026-03-14T02:00"))
    assert [(f"{one.start:%d %H:%M}-{one.end:%d %H:%M}", one.window.kind, one.tier) for one in answer.pieces] == [
        ("13 17:00-13 18:00", WindowKind.WORK, None),
        ("13 18:00-14 00:00", WindowKind.AFTER_HOURS, Tier.PARTNER_STAFF),
        ("14 00:00-14 02:00", WindowKind.OFF, Tier.RESIDENT),
    ]
    assert answer.reason is Refusal.NOT_ELIGIBLE
    assert answer.next_eligible_start == at("2026-03-13T18:00")
    assert eligibility(timetable, both, at("2026-03-13T18:00"), at("2026-03-14T02:00")).eligible


def test_hours_outside_opening_are_no_window() -> None:
    answer = eligibility(venue(), JIA, at("2026-03-11T21:00"), at("2026-03-11T23:00"))
    assert (answer.reason, answer.window) == (Refusal.OUTSIDE_OPENING_HOURS, None)
    assert answer.next_eligible_start == at("2026-03-12T07:00")


def test_a_blackout_refuses_everybody_and_the_next_start_lies_beyond_it() -> None:
    timetable = venue(OpeningPolicy(blackouts=(Blackout(MinuteRange.of("18:00", "19:15")),)))
    answer = eligibility(timetable, JIA, at("2026-03-11T18:00"), at("2026-03-11T19:00"))
    assert (answer.eligible, answer.reason) == (False, Refusal.VENUE_CLOSED)
    assert answer.next_eligible_start == at("2026-03-11T19:30"), "the grid's next point after 19:15"


def test_days_of_an_unpublished_year_are_eligible_by_weekday_and_provisional() -> None:
    saturday = eligibility(venue(), BING, at("2027-03-13T09:00"), at("2027-03-13T10:00"))
    assert (saturday.eligible, saturday.provisional) == (True, True)
    wednesday = eligibility(venue(), BING, at("2027-03-10T09:00"), at("2027-03-10T10:00"))
    assert (wednesday.eligible, wednesday.provisional) == (False, True)
    assert not eligibility(venue(), BING, at("2026-03-14T09:00"), at("2026-03-14T10:00")).provisional


def test_weekends_that_are_after_hours_admit_partners_and_no_residents() -> None:
    timetable = venue(OpeningPolicy(weekend_is_holiday=False))
    start, end = at("2026-03-14T09:00"), at("2026-03-14T10:00")
    assert eligibility(timetable, YI, start, end).eligible
    assert eligibility(timetable, BING, start, end).reason is Refusal.NOT_ELIGIBLE


def test_an_end_before_the_start_is_no_question() -> None:
    with pytest.raises(ValueError, match="the first before the second"):
        eligibility(venue(), JIA, at("2026-03-11T11:00"), at("2026-03-11T10:00"))


def test_the_search_for_the_next_start_ends_at_its_horizon() -> None:
    """From Wednesday to the Saturday after it are three days."""
    hour, wednesday = timedelta(hours=1), at("2026-03-11T14:00")
    assert next_eligible_start(venue(), BING, wednesday, hour, horizon_days=2) is None
    assert next_eligible_start(venue(), BING, wednesday, hour, horizon_days=3) == at("2026-03-14T07:00")
    assert next_eligible_start(venue(), DING, wednesday, hour) is None
    assert next_eligible_start(venue(), YI, wednesday, timedelta(hours=5)) is None, "no evening is that long"


def test_an_eligible_moment_on_the_grid_is_its_own_next_start() -> None:
    hour = timedelta(hours=1)
    assert next_eligible_start(venue(), YI, at("2026-03-11T18:30"), hour) == at("2026-03-11T18:30")
    assert next_eligible_start(venue(), YI, at("2026-03-11T18:31"), hour) == at("2026-03-11T19:00")


MOMENTS = st.datetimes(at("2026-02-01T00:00"), at("2026-10-12T00:00")).map(lambda m: m.replace(second=0, microsecond=0))
POLICIES = st.builds(
    OpeningPolicy,
    extra_tiers=st.builds(TierTable, *[st.frozensets(st.sampled_from(Tier), max_size=1)] * 3),
    off_day_partners=st.booleans(),
    weekend_is_holiday=st.booleans(),
    overnight=st.booleans(),
    blackouts=st.sampled_from([(), (Blackout(MinuteRange.of("08:10", "19:50"), windows=frozenset(WindowKind)),)]),
)
TIMETABLES = st.builds(
    venue,
    POLICIES,
    st.sampled_from(["07:00-22:00", "00:00-24:00", "08:15-18:45", "12:00-24:00"]),
    st.sampled_from([15, 30, 45, 60, 240]),
)


def grid(timetable: Timetable, since: datetime, until: datetime) -> Iterator[datetime]:
    """The grid points of [since, until), found by trying every quarter of an hour: each grid above keeps to them."""
    moment = since.replace(minute=0)
    while moment < until:
        if moment >= since and timetable.on_grid(moment):
            yield moment
        moment += timedelta(minutes=15)


def bookable(timetable: Timetable, standing: Standing, start: datetime, duration: timedelta) -> bool:
    same_day = (start + duration - timedelta.resolution).date() == start.date()
    return (same_day or timetable.policy.overnight) and verdict(timetable, standing, start, start + duration).eligible


@settings(max_examples=60, deadline=None)
@given(TIMETABLES, STANDINGS, MOMENTS, st.integers(1, 40))
def test_the_next_start_is_eligible_and_nothing_earlier_on_the_grid_is(
    timetable: Timetable, standing: Standing, after: datetime, quarters: int
) -> None:
    duration = timedelta(minutes=15 * quarters)
    found = next_eligible_start(timetable, standing, after, duration, horizon_days=2)
    horizon = datetime.combine(after.date(), datetime.min.time()) + timedelta(days=3)
    earlier = [s for s in grid(timetable, after, found or horizon) if bookable(timetable, standing, s, duration)]
    assert earlier == []
    if found is not None:
        assert found >= after
        assert timetable.on_grid(found)
        assert bookable(timetable, standing, found, duration)


@given(TIMETABLES, STANDINGS, MOMENTS, st.data())
def test_within_one_window_eligibility_does_not_depend_on_the_minute(
    timetable: Timetable, standing: Standing, moment: datetime, data: st.DataObject
) -> None:
    window = data.draw(st.sampled_from(timetable.windows_on(moment.date())))
    midnight = datetime.combine(moment.date(), datetime.min.time())

    def judged(minute: int) -> tuple[bool, Tier | None, Refusal | None]:
        start = midnight + timedelta(minutes=minute)
        answer = verdict(timetable, standing, start, start + timedelta(minutes=1))
        return answer.eligible, answer.tier, answer.reason

    minutes = st.integers(window.hours.start, window.hours.end - 1)
    assert judged(data.draw(minutes)) == judged(data.draw(minutes))


@given(TIMETABLES, STANDINGS, MOMENTS, st.integers(1, 1440))
def test_pieces_cover_a_booking_within_opening_hours_exactly(
    timetable: Timetable, standing: Standing, start: datetime, minutes: int
) -> None:
    end = start + timedelta(minutes=minutes)
    answer = verdict(timetable, standing, start, end)
    covered = sum((piece.end - piece.start for piece in answer.pieces), timedelta())
    assert (covered == end - start) == timetable.is_open(start, end)
    assert all(one.end <= following.start for one, following in pairwise(answer.pieces))
    assert answer.eligible == (answer.reason is None)
