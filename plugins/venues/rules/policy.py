"""Under which terms a venue is open: the 1+3 opening rule with its settings. 资源共享“1+3”开放办法。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .kinds import Tier, Weekday, WindowKind
from .quotas import Quota
from .ranges import MinuteRange


@dataclass(frozen=True)
class TierTable:
    """Which tiers each window admits."""

    work: frozenset[Tier] = frozenset()
    after_hours: frozenset[Tier] = frozenset()
    off: frozenset[Tier] = frozenset()

    def __getitem__(self, window: WindowKind) -> frozenset[Tier]:
        if window is WindowKind.WORK:
            return self.work
        return self.after_hours if window is WindowKind.AFTER_HOURS else self.off


ONE_PLUS_THREE = TierTable(
    work=frozenset({Tier.OWN_STAFF}),
    after_hours=frozenset({Tier.OWN_STAFF, Tier.PARTNER_STAFF}),
    off=frozenset({Tier.OWN_STAFF, Tier.RESIDENT}),
)
"""Workdays for the unit's own staff, after the eight hours also for partner units, days off for residents.

The "1+3" venue management measure of the joint learning and building programme of Tongjiang 同江市; that the owner
keeps access to its own venue is this project's reading.
"""


@dataclass(frozen=True)
class Blackout:
    """Hours that come back and in which nobody books, or the owner's staff alone: drill, cleaning. 不开放时段。

    On the weekdays named, within the windows named, from `valid_from` to before `valid_to`. OFF is not among the
    windows unless it is named, since days off are promised to residents.
    """

    hours: MinuteRange
    weekdays: frozenset[Weekday] = frozenset(Weekday)
    windows: frozenset[WindowKind] = frozenset({WindowKind.WORK, WindowKind.AFTER_HOURS})
    valid_from: date = date.min
    valid_to: date = date.max
    own_staff: bool = False

    def applies(self, day: date) -> bool:
        """Whether the blackout is in force on a day, whichever window the day has then."""
        return Weekday.of(day) in self.weekdays and self.valid_from <= day < self.valid_to


@dataclass(frozen=True)
class Fee:
    """What one tier pays for a booking that begins in one window: fen per booking."""

    window: WindowKind
    tier: Tier
    fen: int


@dataclass(frozen=True)
class OpeningPolicy:
    """One version of the terms of a venue; a decision records the version it was taken under.

    `extra_tiers` adds to `tiers` and never takes away. With `weekend_is_holiday` off an ordinary weekend day is
    AFTER_HOURS for its whole opening, while statutory and adjusted holidays stay OFF. School days, on which
    security-sensitive owners (schools, the military) may exclude residents, are the working days.
    """

    version: int = 1
    tiers: TierTable = ONE_PLUS_THREE
    extra_tiers: TierTable = TierTable()
    off_day_partners: bool = False
    weekend_is_holiday: bool = True
    residents_excluded_on_school_days: bool = False
    blackouts: tuple[Blackout, ...] = ()
    fees: tuple[Fee, ...] = ()
    quotas: tuple[Quota, ...] = ()
    overnight: bool = False
    check_in_before_minutes: int = 15
    check_in_after_minutes: int = 15
    request_lapse_hours: int = 24
    free_cancellation_minutes: int = 120
    waitlist_offer_minutes: int = 30
    waitlist_auto_confirm_minutes: int = 120
    no_shows_for_bar: int = 3
    no_show_period_days: int = 90
    bar_days: int = 30

    def fee(self, window: WindowKind, tier: Tier) -> int:
        """What a booking costs, in fen, by the window and tier of its first piece; a RESIDENT on OFF never pays."""
        if (window, tier) == (WindowKind.OFF, Tier.RESIDENT):
            return 0
        return next((one.fen for one in self.fees if (one.window, one.tier) == (window, tier)), 0)
