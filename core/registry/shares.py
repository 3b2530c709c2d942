"""Owners' shares of premises: exact fractions that never add up to more than the whole. 产权份额。

Civil Code art. 298: co-owners by shares own the thing by their shares. What votes count from it is the area of each
exclusive part, once (Civil Code art. 278; interpretation of 2020, art. 8-9).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from ..graph.spans import Span

WHOLE = Fraction(1)
LARGEST_DENOMINATOR = 1_000_000


class Held(NamedTuple):
    """A share and the time during which it is held."""

    span: Span
    share: Fraction


class Most(NamedTuple):
    """The greatest sum of shares, and the first instant at which it is reached; None for since ever."""

    total: Fraction
    at: datetime | None


def held_at(shares: Iterable[Held], at: datetime | None) -> Fraction:
    """The sum of the shares that are held at an instant; None is before every instant."""
    return sum((one.share for one in shares if _covers(one.span, at)), Fraction(0))


def most_held(shares: Iterable[Held]) -> Most:
    """When most is held: the sum grows only where a span starts, so that looking there is enough."""
    held = [one for one in shares if not one.span.empty]
    starts = sorted({one.span.start for one in held if one.span.start is not None})
    sums = (Most(held_at(held, at), at) for at in (None, *starts))
    return max(sums, key=lambda most: most.total)


def _covers(span: Span, at: datetime | None) -> bool:
    if at is None:
        return span.start is None
    return (span.start is None or span.start <= at) and (span.end is None or at < span.end)
