"""The windows of single days, and whom they admit."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.calendar import DayKind
from linli.plugins.venues.rules import (
    DEFAULT_WORK_HOURS,
    Blackout,
    MinuteRange,
    OpeningPolicy,
    Tier,
    TierTable,
    Timetable,
    Weekday,
    Window,
    WindowKind,
    WorkHours,
    WorkRange,
    tier_priority,
    tiers_allowed,
    windows_of_day,
)
from linli.plugins.venues.rules.ranges import midnight

OPENING = MinuteRange.of("07:00", "22:00")
NINE_TO_SIX = WorkHours(
    date.min,
    tuple(
        WorkRange(day, MinuteRange.of(*hours))
        for day in Weekday
        if not day.weekend
        for hours in (("09:00", "12:00"), ("13:00", "18:00"))
    ),
)
WORKING = ["07:00-09:00 AFTER_HOURS", "09:00-18:00 WORK", "18:00-22:00 AFTER_HOURS"]
WHOLE_OFF, WHOLE_AFTER_HOURS = ["07:00-22:00 OFF"], ["07:00-22:00 AFTER_HOURS"]

MINUTE_PAIRS = st.tuples(st.integers(0, 1439), st.integers(1, 1440))
RANGES = MINUTE_PAIRS.map(lambda pair: MinuteRange(min(pair[0], pair[1] - 1), max(pair[0] + 1, pair[1])))
TIER_TABLES = st.builds(TierTable, *[st.frozensets(st.sampled_from(Tier))] * 3)
POLICIES = st.builds(
    OpeningPolicy,
    tiers=TIER_TABLES,
    extra_tiers=TIER_TABLES,
    off_day_partners=st.booleans(),
    weekend_is_holiday=st.booleans(),
    residents_excluded_on_school_days=st.booleans(),
    blackouts=st.lists(
        st.builds(
            Blackout,
            RANGES,
            st.frozensets(st.sampled_from(Weekday)),
            st.frozensets(st.sampled_from(WindowKind)),
            own_staff=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
)
WORK_HOURS = st.builds(
    WorkHours,
    st.just(date.min),
    st.lists(st.builds(WorkRange, st.sampled_from(Weekday), RANGES), max_size=8).map(tuple),
    st.booleans(),
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def shown(day: date, kind: DayKind, policy: OpeningPolicy | None = None) -> list[str]:
    windows = windows_of_day(day, kind, OPENING, NINE_TO_SIX, policy or OpeningPolicy())
    return [f"{one.hours} {one.kind}" for one in windows]


@pytest.mark.parametrize(
    ("day", "kind", "expected"),
    [
        pytest.param("2026-03-11", DayKind.WORKDAY, WORKING, id="Wednesday"),
        pytest.param("2026-02-14", DayKind.MAKEUP_WORKDAY, WORKING, id="make-up Saturday"),
        pytest.param("2026-01-04", DayKind.MAKEUP_WORKDAY, WORKING, id="make-up Sunday"),
        pytest.param("2026-03-14", DayKind.WEEKEND, WHOLE_OFF, id="ordinary Saturday"),
        pytest.param("2026-10-06", DayKind.HOLIDAY_ADJUSTED, WHOLE_OFF, id="Tuesday inside National Day"),
        pytest.param("2026-10-01", DayKind.STATUTORY_HOLIDAY, WHOLE_OFF, id="National Day"),
        pytest.param("2027-03-10", DayKind.UNKNOWN, WORKING, id="Wednesday of an unpublished year"),
        pytest.param("2027-03-13", DayKind.UNKNOWN, WHOLE_OFF, id="Saturday of an unpublished year"),
    ],
)
def test_a_day_falls_into_windows_by_its_kind(day: str, kind: DayKind, expected: list[str]) -> None:
    assert shown(date.fromisoformat(day), kind) == expected


@pytest.mark.parametrize(
    ("day", "kind", "expected"),
    [
        ("2026-03-14", DayKind.WEEKEND, WHOLE_AFTER_HOURS),
        ("2027-03-13", DayKind.UNKNOWN, WHOLE_AFTER_HOURS),
        ("2026-10-06", DayKind.HOLIDAY_ADJUSTED, WHOLE_OFF),
        ("2026-10-03", DayKind.STATUTORY_HOLIDAY, WHOLE_OFF),
        ("2026-03-11", DayKind.WORKDAY, WORKING),
    ],
)
def test_weekends_that_are_no_holidays_are_after_hours_all_day(day: str, kind: DayKind, expected: list[str]) -> None:
    assert shown(date.fromisoformat(day), kind, OpeningPolicy(weekend_is_holiday=False)) == expected


def test_only_days_of_unknown_kind_are_provisional() -> None:
    for kind in DayKind:
        windows = windows_of_day(date(2027, 3, 10), kind, OPENING, NINE_TO_SIX, OpeningPolicy())
        assert {window.provisional for window in windows} == {kind is DayKind.UNKNOWN}
        assert {window.day_kind for window in windows} == {kind}


def test_lunch_is_after_hours_where_it_does_not_count_as_work() -> None:
    hours = WorkHours(date.min, NINE_TO_SIX.ranges, lunch_counts_as_work=False)
    windows = windows_of_day(date(2026, 3, 11), DayKind.WORKDAY, OPENING, hours, OpeningPolicy())
    assert [f"{one.hours} {one.kind}" for one in windows] == [
        "07:00-09:00 AFTER_HOURS",
        "09:00-12:00 WORK",
        "12:00-13:00 AFTER_HOURS",
        "13:00-18:00 WORK",
        "18:00-22:00 AFTER_HOURS",
    ]


def test_a_venue_that_opens_during_work_only_has_one_window() -> None:
    opening = MinuteRange.of("10:00", "16:00")
    windows = windows_of_day(date(2026, 3, 11), DayKind.WORKDAY, opening, DEFAULT_WORK_HOURS, OpeningPolicy())
    assert [(one.hours, one.kind) for one in windows] == [(opening, WindowKind.WORK)]


def test_a_blackout_closes_its_hours_on_its_days_and_spares_days_off() -> None:
    drill = Blackout(MinuteRange.of("17:00", "19:00"), frozenset({Weekday.WEDNESDAY}), valid_to=date(2026, 3, 18))
    policy = OpeningPolicy(blackouts=(drill,))

    def closed(day: date, kind: DayKind) -> list[str]:
        windows = windows_of_day(day, kind, OPENING, NINE_TO_SIX, policy)
        assert all(not one.tiers for one in windows if one.blackout)
        return [f"{one.hours} {one.kind}" for one in windows if one.blackout]

    assert closed(date(2026, 3, 11), DayKind.WORKDAY) == ["17:00-18:00 WORK", "18:00-19:00 AFTER_HOURS"]
    assert closed(date(2026, 3, 12), DayKind.WORKDAY) == []
    assert closed(date(2026, 3, 18), DayKind.WORKDAY) == [], "valid_to is excluded"
    assert closed(date(2026, 3, 11), DayKind.STATUTORY_HOLIDAY) == []


OWN, PARTNER, RESIDENT = Tier


@pytest.mark.parametrize(
    ("policy", "work", "after_hours", "off"),
    [
        (OpeningPolicy(), (OWN,), (OWN, PARTNER), (OWN, RESIDENT)),
        (OpeningPolicy(off_day_partners=True), (OWN,), (OWN, PARTNER), (OWN, PARTNER, RESIDENT)),
        (
            OpeningPolicy(extra_tiers=TierTable(after_hours=frozenset({RESIDENT}))),
            *((OWN,), (OWN, PARTNER, RESIDENT), (OWN, RESIDENT)),
        ),
    ],
)
def test_windows_admit_the_tiers_of_the_opening_rule(
    policy: OpeningPolicy, work: tuple[Tier, ...], after_hours: tuple[Tier, ...], off: tuple[Tier, ...]
) -> None:
    assert [tiers_allowed(window, policy) for window in WindowKind] == [work, after_hours, off]


def test_a_security_sensitive_owner_shuts_residents_out_on_school_days_only() -> None:
    everybody = TierTable(*[frozenset(Tier)] * 3)
    policy = OpeningPolicy(extra_tiers=everybody, residents_excluded_on_school_days=True)

    def admits_residents(day: date, kind: DayKind) -> set[bool]:
        windows = windows_of_day(day, kind, OPENING, NINE_TO_SIX, policy)
        return {RESIDENT in window.tiers for window in windows}

    assert admits_residents(date(2026, 3, 11), DayKind.WORKDAY) == {False}
    assert admits_residents(date(2026, 2, 14), DayKind.MAKEUP_WORKDAY) == {False}
    assert admits_residents(date(2026, 3, 14), DayKind.WEEKEND) == {True}
    assert admits_residents(date(2026, 10, 6), DayKind.HOLIDAY_ADJUSTED) == {True}


def test_residents_come_first_on_days_off_and_last_otherwise() -> None:
    assert tier_priority(WindowKind.OFF)[0] is RESIDENT
    assert tier_priority(WindowKind.WORK) == tier_priority(WindowKind.AFTER_HOURS) == (OWN, PARTNER, RESIDENT)


@given(DAYS, st.sampled_from(DayKind), RANGES, WORK_HOURS, POLICIES)
def test_windows_tile_the_opening_hours_exactly(
    day: date, kind: DayKind, opening: MinuteRange, hours: WorkHours, policy: OpeningPolicy
) -> None:
    windows = windows_of_day(day, kind, opening, hours, policy)
    assert (windows[0].hours.start, windows[-1].hours.end) == (opening.start, opening.end)
    for one, following in pairwise(windows):
        assert one.hours.end == following.hours.start
        assert meaning(one) != meaning(following)


@given(DAYS, st.sampled_from([DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY]), WORK_HOURS)
def test_work_windows_are_the_working_hours_minute_by_minute(day: date, kind: DayKind, hours: WorkHours) -> None:
    windows = windows_of_day(day, kind, OPENING, hours, OpeningPolicy())
    work = {m for one in windows if one.kind is WindowKind.WORK for m in range(one.hours.start, one.hours.end)}
    assert work == {m for one in hours.ranges_on(day) for m in range(one.start, one.end) if m in OPENING}


def test_a_year_of_days_has_work_only_on_working_days() -> None:
    for offset in range(365):
        day = date(2026, 1, 1) + timedelta(days=offset)
        for kind in DayKind:
            kinds = {one.kind for one in windows_of_day(day, kind, OPENING, NINE_TO_SIX, OpeningPolicy())}
            worked = kind.working or (kind is DayKind.UNKNOWN and not Weekday.of(day).weekend)
            assert kinds == ({WindowKind.WORK, WindowKind.AFTER_HOURS} if worked else {WindowKind.OFF})


def meaning(window: Window) -> tuple[WindowKind, tuple[Tier, ...], bool]:
    return window.kind, window.tiers, window.blackout


@given(DAYS, st.sampled_from(DayKind), RANGES, WORK_HOURS, POLICIES)
def test_blackouts_leave_nobody_or_the_owners_staff_minute_by_minute(
    day: date, kind: DayKind, opening: MinuteRange, hours: WorkHours, policy: OpeningPolicy
) -> None:
    for window in windows_of_day(day, kind, opening, hours, policy):
        for minute in range(window.hours.start, window.hours.end):
            closing = [
                one
                for one in policy.blackouts
                if one.applies(day) and minute in one.hours and window.kind in one.windows
            ]
            assert window.blackout == bool(closing)
            if closing:
                assert set(window.tiers) <= ({Tier.OWN_STAFF} if all(one.own_staff for one in closing) else set())


@given(DAYS, st.sampled_from(DayKind), RANGES, POLICIES, st.integers(-60, 1500))
def test_a_venue_that_ends_is_open_until_then_and_no_longer(
    day: date, kind: DayKind, opening: MinuteRange, policy: OpeningPolicy, minute: int
) -> None:
    until = midnight(day) + timedelta(minutes=minute)
    lasting, ending = (
        Timetable(opening, lambda _day: kind, (NINE_TO_SIX,), policy, until=end) for end in (None, until)
    )
    open_minutes = {one for window in lasting.windows_on(day) for one in range(window.hours.start, window.hours.end)}
    left = {one for window in ending.windows_on(day) for one in range(window.hours.start, window.hours.end)}
    assert left == {one for one in open_minutes if one < minute}
