"""Whether a person may use a venue from one moment to another, and when next. 预约资格。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from .kinds import Tier, WindowKind
from .ranges import at_minute
from .tiers import tier_used
from .timetable import Timetable
from .windows import Window

HORIZON_DAYS = 60
"""How many days ahead the next eligible start is looked for."""


class Refusal(StrEnum):
    """Why somebody may not come: the most specific code for the first piece that refuses. 不符合条件的原因。"""

    NOT_ELIGIBLE = "NOT_ELIGIBLE"  # 该时段不对此类人群开放
    NO_ACTIVE_AGREEMENT = "NO_ACTIVE_AGREEMENT"  # 所在单位未签共建协议
    OFF_DAY_PARTNERS_DISABLED = "OFF_DAY_PARTNERS_DISABLED"  # 节假日不对驻区单位开放
    VENUE_CLOSED = "VENUE_CLOSED"  # 不开放时段
    OUTSIDE_OPENING_HOURS = "OUTSIDE_OPENING_HOURS"  # 不在开放时间内


@dataclass(frozen=True)
class Standing:
    """What a person is to a venue. 申请人身份。

    `held`: the tiers; `unit_without_agreement`: staff of some resident unit that has no valid agreement.
    """

    held: frozenset[Tier] = frozenset()
    unit_without_agreement: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of a booking within one window of one day; `tier` is the one that admits, None where none does."""

    start: datetime
    end: datetime
    window: Window
    tier: Tier | None


@dataclass(frozen=True)
class Eligibility:
    """The answer, with all that explains it.

    `tier` and `window` are those of the first piece, or, where refused, None and the first refusing piece's window
    (None outside opening hours). `next_eligible_start` goes with refusals, and only from `eligibility`.
    """

    eligible: bool
    tier: Tier | None
    window: Window | None
    reason: Refusal | None
    pieces: tuple[Piece, ...]
    next_eligible_start: datetime | None = None

    @property
    def provisional(self) -> bool:
        """Whether some piece lies in a year whose official schedule is not published: no more than PROVISIONAL."""
        return any(piece.window.provisional for piece in self.pieces)


def eligibility(timetable: Timetable, standing: Standing, start: datetime, end: datetime) -> Eligibility:
    """Judge [start, end), local times, and look for the next eligible start where the answer is no."""
    answer = verdict(timetable, standing, start, end)
    if answer.eligible:
        return answer
    following = next_eligible_start(timetable, standing, start, end - start)
    return replace(answer, next_eligible_start=following)


def verdict(timetable: Timetable, standing: Standing, start: datetime, end: datetime) -> Eligibility:
    """Judge [start, end) without a search, for lists of slots: eligible if each piece admits a tier that is held.

    Pieces end at every window, midnight and change of day kind. ValueError if end is not after start.
    """
    pieces = tuple(
        Piece(begin, stop, window, tier_used(window.kind, window.tiers, standing.held))
        for begin, stop, window in timetable.cut(start, end)
    )
    if not timetable.is_open(start, end):
        return Eligibility(False, None, None, Refusal.OUTSIDE_OPENING_HOURS, pieces)
    refusing = next((piece for piece in pieces if piece.tier is None), None)
    if refusing is None:
        return Eligibility(True, pieces[0].tier, pieces[0].window, None, pieces)
    return Eligibility(False, None, refusing.window, _reason(refusing.window, standing), pieces)


def next_eligible_start(
    timetable: Timetable,
    standing: Standing,
    after: datetime,
    duration: timedelta,
    *,
    horizon_days: int = HORIZON_DAYS,
) -> datetime | None:
    """The first grid point at or after a moment at which a booking of that length is eligible.

    None if there is none on the moment's day or the `horizon_days` days that follow. Other bookings are not asked.
    """
    days = horizon_days + 1 if standing.held else 0
    for offset in range(days):
        for candidate in _candidates(timetable, standing, after, after.date() + timedelta(days=offset)):
            if _admits(timetable, standing, candidate, candidate + duration):
                return candidate
    return None


def _reason(window: Window, standing: Standing) -> Refusal:
    partners_admitted = Tier.PARTNER_STAFF in window.tiers
    if window.blackout:
        return Refusal.NOT_ELIGIBLE if window.tiers else Refusal.VENUE_CLOSED
    if partners_admitted and standing.unit_without_agreement:
        return Refusal.NO_ACTIVE_AGREEMENT
    if window.kind is WindowKind.OFF and Tier.PARTNER_STAFF in standing.held:
        return Refusal.OFF_DAY_PARTNERS_DISABLED
    return Refusal.NOT_ELIGIBLE


def _candidates(timetable: Timetable, standing: Standing, after: datetime, day: date) -> Iterator[datetime]:
    """The earliest grid point of each window that admits: later ones of the same window have less room."""
    for window in timetable.windows_on(day):
        begin, stop = at_minute(day, window.hours.start), at_minute(day, window.hours.end)
        candidate = timetable.next_on_grid(max(after, begin))
        if candidate < stop and tier_used(window.kind, window.tiers, standing.held):
            yield candidate


def _admits(timetable: Timetable, standing: Standing, start: datetime, end: datetime) -> bool:
    return timetable.keeps_to_one_day(start, end) and verdict(timetable, standing, start, end).eligible
