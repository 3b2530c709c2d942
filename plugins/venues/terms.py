"""The opening terms of one venue as its owner states them: what differs from the district's settings. 开放办法条款。"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict

from .quota_terms import QuotaTerms
from .rules import Blackout, Fee, MinuteRange, OpeningPolicy, Tier, TierTable, Weekday, WindowKind
from .settings import VenueSettings


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtraTier(_Part):
    """A tier that a window admits beside the usual ones."""

    window: WindowKind
    tier: Tier


class BlackoutTerms(_Part):
    """Hours that come back and in which nobody books, or the owner's staff alone; minutes of the day."""

    start: int
    end: int
    weekdays: tuple[Weekday, ...] = tuple(Weekday)
    windows: tuple[WindowKind, ...] = (WindowKind.WORK, WindowKind.AFTER_HOURS)
    valid_from: date | None = None
    valid_to: date | None = None
    own_staff: bool = False


class FeeTerms(_Part):
    """What one tier pays for a booking that begins in one window, in fen."""

    window: WindowKind
    tier: Tier
    fen: int


class Terms(_Part):
    """The terms of a venue; None leaves the district's setting. 场所开放条款。"""

    off_day_partners: bool | None = None
    weekend_is_holiday: bool | None = None
    overnight: bool | None = None
    residents_excluded_on_school_days: bool = False
    extra_tiers: tuple[ExtraTier, ...] = ()
    blackouts: tuple[BlackoutTerms, ...] = ()
    fees: tuple[FeeTerms, ...] = ()
    quotas: tuple[QuotaTerms, ...] | None = None


DISTRICTS_OWN = Terms()
"""The terms of a venue whose owner stated none."""


_SHARED = tuple(
    name
    for name in VenueSettings.model_fields
    if name in {field.name for field in fields(OpeningPolicy)} and name != "quotas"
)
"""The settings that the policy has under the same name, as they are."""


def policy_of(settings: VenueSettings, terms: Terms = DISTRICTS_OWN, number: int = 0) -> OpeningPolicy:
    """The policy that holds at a venue: the district's settings with the owner's terms on top.

    ValueError for a blackout that does not end after it starts.
    """
    shared: dict[str, Any] = {name: getattr(settings, name) for name in _SHARED}
    stated = {
        name: value
        for name in ("off_day_partners", "weekend_is_holiday", "overnight")
        if (value := getattr(terms, name)) is not None
    }
    return OpeningPolicy(
        version=number,
        extra_tiers=_tier_table(terms),
        residents_excluded_on_school_days=terms.residents_excluded_on_school_days,
        blackouts=tuple(_blackout(one) for one in terms.blackouts),
        fees=tuple(Fee(one.window, one.tier, one.fen) for one in terms.fees),
        quotas=tuple(one.rule for one in (settings.quotas if terms.quotas is None else terms.quotas)),
        **{**shared, **stated},
    )


def _tier_table(terms: Terms) -> TierTable:
    def extra(window: WindowKind) -> frozenset[Tier]:
        return frozenset(one.tier for one in terms.extra_tiers if one.window is window)

    return TierTable(extra(WindowKind.WORK), extra(WindowKind.AFTER_HOURS), extra(WindowKind.OFF))


def _blackout(one: BlackoutTerms) -> Blackout:
    return Blackout(
        hours=MinuteRange(one.start, one.end),
        weekdays=frozenset(one.weekdays),
        windows=frozenset(one.windows),
        valid_from=one.valid_from or date.min,
        valid_to=one.valid_to or date.max,
        own_staff=one.own_staff,
    )
