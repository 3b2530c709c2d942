"""Quotas as a district or an owner states them. 配额条款。"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .rules import Quota, QuotaPeriod, QuotaScope, QuotaUnit, Tier, WindowKind

MOST_BOOKINGS, MOST_MINUTES = 10_000, 100_000
"""The highest limits that make sense."""


class QuotaTerms(BaseModel):
    """At most `limit` bookings, or minutes, of a tier in each period; of the tier as a whole or of each person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tier: Tier
    scope: QuotaScope = QuotaScope.PERSON
    period: QuotaPeriod
    unit: QuotaUnit = QuotaUnit.BOOKINGS
    limit: int
    windows: tuple[WindowKind, ...] = tuple(WindowKind)

    @property
    def rule(self) -> Quota:
        """The quota as the rules know it."""
        return Quota(self.tier, self.scope, self.period, self.unit, self.limit, frozenset(self.windows))
