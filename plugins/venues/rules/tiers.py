"""Whom a window admits, and who comes first. 使用人群与优先次序。"""

from __future__ import annotations

from collections.abc import Collection

from .kinds import Tier, WindowKind
from .policy import Blackout, OpeningPolicy


def tiers_allowed(window: WindowKind, policy: OpeningPolicy, *, school_day: bool = False) -> tuple[Tier, ...]:
    """The tiers that a window admits, in the order of `Tier`."""
    admitted = policy.tiers[window] | policy.extra_tiers[window]
    if window is WindowKind.OFF and policy.off_day_partners:
        admitted |= {Tier.PARTNER_STAFF}
    if school_day and policy.residents_excluded_on_school_days:
        admitted -= {Tier.RESIDENT}
    return tuple(tier for tier in Tier if tier in admitted)


def tiers_left(admitted: Collection[Tier], closing: Collection[Blackout]) -> tuple[Tier, ...]:
    """The tiers that blackouts leave of those that a window admits: all, the owner's staff, or nobody."""
    if not closing:
        return tuple(admitted)
    staff = all(one.own_staff for one in closing)
    return tuple(tier for tier in admitted if staff and tier is Tier.OWN_STAFF)


def tier_priority(window: WindowKind) -> tuple[Tier, ...]:
    """Who comes first in a window: on days off residents, otherwise own staff, then partners."""
    if window is WindowKind.OFF:
        return (Tier.RESIDENT, Tier.OWN_STAFF, Tier.PARTNER_STAFF)
    return (Tier.OWN_STAFF, Tier.PARTNER_STAFF, Tier.RESIDENT)


def tier_used(window: WindowKind, allowed: Collection[Tier], held: Collection[Tier]) -> Tier | None:
    """The tier by which a person of several uses a window: the one with the highest priority there, or none."""
    return next((tier for tier in tier_priority(window) if tier in allowed and tier in held), None)
