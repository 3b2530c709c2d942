"""Quotas: how much a tier or a person gets in a day, a week, a month."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugins.venues.rules import (
    Quota,
    QuotaPeriod,
    QuotaScope,
    QuotaUnit,
    Tier,
    Use,
    WindowKind,
    exhausted,
    period_of,
)

WEDNESDAY = date(2026, 3, 11)
DAYS = st.integers(0, 45).map(lambda offset: WEDNESDAY + timedelta(days=offset))
USES = st.lists(
    st.builds(
        Use,
        DAYS,
        st.sampled_from([30, 60, 90, 240]),
        st.sampled_from(Tier),
        st.sampled_from(WindowKind),
        st.booleans(),
    ),
    max_size=60,
)
QUOTAS = st.lists(
    st.builds(
        Quota,
        st.sampled_from(Tier),
        st.sampled_from(QuotaScope),
        st.sampled_from(QuotaPeriod),
        st.sampled_from(QuotaUnit),
        st.integers(1, 300),
        st.frozensets(st.sampled_from(WindowKind), min_size=1),
    ),
    max_size=4,
)


def quota(period: QuotaPeriod, limit: int, unit: QuotaUnit = QuotaUnit.BOOKINGS) -> Quota:
    return Quota(Tier.RESIDENT, QuotaScope.PERSON, period, unit, limit)


def use(day: str, minutes: int = 60, *, own: bool = True) -> Use:
    return Use(date.fromisoformat(day), minutes, Tier.RESIDENT, WindowKind.OFF, own)


@pytest.mark.parametrize(
    ("period", "day", "first", "following"),
    [
        (QuotaPeriod.DAY, "2026-03-11", "2026-03-11", "2026-03-12"),
        (QuotaPeriod.WEEK, "2026-03-09", "2026-03-09", "2026-03-16"),
        (QuotaPeriod.WEEK, "2026-03-15", "2026-03-09", "2026-03-16"),
        (QuotaPeriod.MONTH, "2026-02-28", "2026-02-01", "2026-03-01"),
        (QuotaPeriod.MONTH, "2026-12-31", "2026-12-01", "2027-01-01"),
    ],
)
def test_periods_are_days_weeks_from_monday_and_months(
    period: QuotaPeriod, day: str, first: str, following: str
) -> None:
    assert period_of(period, date.fromisoformat(day)) == (date.fromisoformat(first), date.fromisoformat(following))


@pytest.mark.parametrize(
    ("limit", "uses", "used", "frees"),
    [
        pytest.param(2, ["2026-03-09"], None, None, id="room left"),
        pytest.param(2, ["2026-03-09", "2026-03-15"], 2, "2026-03-16", id="next week"),
        pytest.param(1, ["2026-03-10", "2026-03-17", "2026-03-24"], 1, "2026-03-30", id="later weeks are full too"),
        pytest.param(1, ["2026-03-08", "2026-03-16"], None, None, id="other weeks do not count"),
    ],
)
def test_a_full_week_is_told_with_the_week_that_has_room(
    limit: int, uses: list[str], used: int | None, frees: str | None
) -> None:
    found = exhausted([quota(QuotaPeriod.WEEK, limit)], [use(day) for day in uses], use("2026-03-11"))
    told = None if found is None else (found.used, found.frees and found.frees.isoformat())
    assert told == (None if used is None else (used, frees))


def test_more_minutes_than_the_quota_has_are_never_free() -> None:
    found = exhausted([quota(QuotaPeriod.DAY, 90, QuotaUnit.MINUTES)], [], use("2026-03-11", 120))
    assert found is not None
    assert (found.used, found.frees) == (0, None)


def test_a_persons_quota_leaves_the_others_out_and_that_of_a_tier_does_not() -> None:
    others, asked = [use("2026-03-11", own=False)], use("2026-03-11")
    mine = quota(QuotaPeriod.DAY, 1)
    everybody = Quota(Tier.RESIDENT, QuotaScope.TIER, QuotaPeriod.DAY, QuotaUnit.BOOKINGS, 1)
    assert exhausted([mine], others, asked) is None
    assert exhausted([everybody], others, asked) is not None


@given(QUOTAS, USES)
def test_no_sequence_of_bookings_exceeds_a_quota(quotas: list[Quota], asked: list[Use]) -> None:
    kept: list[Use] = []
    for one in asked:
        if exhausted(quotas, kept, one) is None:
            kept.append(one)
    for each in quotas:
        taken: Counter[date] = Counter()
        for one in kept:
            if each.counts(one):
                taken[period_of(each.period, one.day)[0]] += each.weight(one)
        assert all(total <= each.limit for total in taken.values())


@given(QUOTAS, USES, USES.filter(bool))
def test_what_is_told_to_be_free_is_free(quotas: list[Quota], uses: list[Use], asked: list[Use]) -> None:
    found = exhausted(quotas, uses, asked[0])
    if found is not None and found.frees is not None:
        assert found.frees > asked[0].day
        assert exhausted([found.quota], uses, asked[0]._replace(day=found.frees)) is None
