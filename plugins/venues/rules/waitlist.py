"""Who gets a slot that was released, and how. 候补。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .kinds import Tier, WindowKind
from .policy import OpeningPolicy
from .tiers import tier_priority


class OfferKind(StrEnum):
    """How a released slot goes to the head of the waitlist."""

    AUTO_CONFIRM = "AUTO_CONFIRM"  # 直接确认
    OFFER = "OFFER"  # 限时答复


@dataclass(frozen=True)
class WaitlistEntry:
    """Somebody who waits: by which tier, in the window where the slot begins, and since when."""

    id: str
    tier: Tier
    joined_at: datetime


def waitlist_order(entries: Iterable[WaitlistEntry], window: WindowKind) -> list[WaitlistEntry]:
    """The entries as they are served: by the tier's priority in the window, then first come first served.

    Entries of the same moment keep the order in which they were given.
    """
    priority = tier_priority(window)
    return sorted(entries, key=lambda entry: (priority.index(entry.tier), entry.joined_at))


def offer_kind(start: datetime, now: datetime, policy: OpeningPolicy) -> OfferKind:
    """Confirm at once where the slot starts within two hours or has started, otherwise ask first."""
    soon = start - now <= timedelta(minutes=policy.waitlist_auto_confirm_minutes)
    return OfferKind.AUTO_CONFIRM if soon else OfferKind.OFFER


def offer_until(start: datetime, now: datetime, policy: OpeningPolicy) -> datetime:
    """When an offer lapses: 30 minutes by default, and never after the start."""
    return min(now + timedelta(minutes=policy.waitlist_offer_minutes), start)
