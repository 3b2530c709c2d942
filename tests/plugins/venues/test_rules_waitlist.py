"""Who gets a released slot, and whether they are asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugins.venues.rules import (
    OfferKind,
    OpeningPolicy,
    Tier,
    WaitlistEntry,
    WindowKind,
    offer_kind,
    offer_until,
    tier_priority,
    waitlist_order,
)

START = datetime(2026, 3, 15, 1, tzinfo=UTC)
POLICY = OpeningPolicy()


def waiting(name: str, tier: Tier, minutes: int) -> WaitlistEntry:
    return WaitlistEntry(name, tier, START - timedelta(days=1) + timedelta(minutes=minutes))


ENTRIES = [
    waiting("resident 1", Tier.RESIDENT, 0),
    waiting("partner 1", Tier.PARTNER_STAFF, 1),
    waiting("own 1", Tier.OWN_STAFF, 2),
    waiting("resident 2", Tier.RESIDENT, 3),
    waiting("own 2", Tier.OWN_STAFF, 4),
]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (WindowKind.WORK, "own 1, own 2, partner 1, resident 1, resident 2"),
        (WindowKind.AFTER_HOURS, "own 1, own 2, partner 1, resident 1, resident 2"),
        (WindowKind.OFF, "resident 1, resident 2, own 1, own 2, partner 1"),
    ],
)
def test_the_waitlist_is_served_by_tier_and_then_by_time(window: WindowKind, expected: str) -> None:
    assert ", ".join(entry.id for entry in waitlist_order(reversed(ENTRIES), window)) == expected


def test_entries_of_one_moment_keep_their_order() -> None:
    twins = [waiting("a", Tier.RESIDENT, 0), waiting("b", Tier.RESIDENT, 0)]
    assert [entry.id for entry in waitlist_order(twins, WindowKind.OFF)] == ["a", "b"]


@given(
    st.lists(st.builds(waiting, st.text(max_size=3), st.sampled_from(Tier), st.integers(0, 9))),
    st.sampled_from(WindowKind),
)
def test_nobody_is_lost_and_nobody_overtakes_an_equal(entries: list[WaitlistEntry], window: WindowKind) -> None:
    served = waitlist_order(entries, window)
    assert sorted(map(repr, served)) == sorted(map(repr, entries))
    for tier in tier_priority(window):
        joined = [entry.joined_at for entry in served if entry.tier is tier]
        assert joined == sorted(joined)


@pytest.mark.parametrize(
    ("minutes_to_start", "kind"),
    [
        (121, OfferKind.OFFER),
        (120, OfferKind.AUTO_CONFIRM),
        (1, OfferKind.AUTO_CONFIRM),
        pytest.param(-15, OfferKind.AUTO_CONFIRM, id="AC-08: released by a no-show"),
    ],
)
def test_a_slot_that_starts_within_two_hours_is_confirmed_without_asking(
    minutes_to_start: int, kind: OfferKind
) -> None:
    assert offer_kind(START, START - timedelta(minutes=minutes_to_start), POLICY) is kind


def test_an_offer_is_good_for_30_minutes_and_never_beyond_the_start() -> None:
    day_before = START - timedelta(days=1)
    assert offer_until(START, day_before, POLICY) == day_before + timedelta(minutes=30)
    generous = OpeningPolicy(waitlist_offer_minutes=600)
    assert offer_until(START, START - timedelta(hours=3), generous) == START
