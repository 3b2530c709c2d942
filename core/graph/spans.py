"""Spans of validity: half-open, and open-ended on either side where an end is None."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q

from .. import clock
from ..records.conditions import where


@dataclass(frozen=True, slots=True)
class Span:
    """`start <= t < end`; None means since ever and for ever. 有效期。"""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether no instant lies in it."""
        return self.start is not None and self.end is not None and self.end <= self.start

    def shared(self, other: Span) -> Span:
        """The time that lies in both."""
        starts = [start for start in (self.start, other.start) if start is not None]
        ends = [end for end in (self.end, other.end) if end is not None]
        return Span(max(starts, default=None), min(ends, default=None))


VALID_AT = (
    "({row}.valid_from IS NULL OR {row}.valid_from <= {at}) AND ({row}.valid_to IS NULL OR {row}.valid_to > {at})"
)
"""Whether a row is valid at an instant, as SQL: `VALID_AT.format(row="s", at="$2::timestamptz")`."""


def valid_at(instant: datetime, prefix: str = "") -> Q:
    """The rows that are valid at an instant; `prefix`, ending in "__", leads to them from another model."""
    begun = Q(where(f"{prefix}valid_from", None), where(f"{prefix}valid_from__lte", instant), join_type=Q.OR)
    return Q(begun, Q(where(f"{prefix}valid_to", None), where(f"{prefix}valid_to__gt", instant), join_type=Q.OR))


def valid_now(prefix: str = "") -> Q:
    """The rows that are valid at this moment."""
    return valid_at(clock.now(), prefix)
