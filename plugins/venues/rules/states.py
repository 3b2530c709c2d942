"""The life of a booking as one table: every step, who takes it, under which conditions. 预约状态流转。

The table is the only truth: the steps offered, the timers set and the diagrams drawn come from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .kinds import BookingState


class Actor(StrEnum):
    """On whose behalf a step is taken; permissions say who that is."""

    BOOKER = "BOOKER"  # 预约人，或代其预约者
    OWNER = "OWNER"  # 场所管理方
    SYSTEM = "SYSTEM"  # 系统


class Action(StrEnum):
    """What can be done to a booking."""

    CONFIRM = "CONFIRM"  # 自动确认
    APPROVE = "APPROVE"  # 同意
    REJECT = "REJECT"  # 驳回
    CANCEL = "CANCEL"  # 取消
    DISPLACE = "DISPLACE"  # 调整
    CHECK_IN = "CHECK_IN"  # 签到
    CHECK_OUT = "CHECK_OUT"  # 签退
    EXPIRE = "EXPIRE"  # 逾期失效
    MARK_NO_SHOW = "MARK_NO_SHOW"  # 记爽约
    COMPLETE = "COMPLETE"  # 到时结束


class Guard(StrEnum):
    """A condition of a step, judged at the moment for which the step is recorded."""

    AUTOMATIC = "AUTOMATIC"  # the venue asks for no approval
    NOT_OWN_REQUEST = "NOT_OWN_REQUEST"  # the applicant never approves
    NOT_STARTED = "NOT_STARTED"
    CANCELLABLE = "CANCELLABLE"
    DAYS_KNOWN = "DAYS_KNOWN"  # the official schedule covers every day of the booking
    DAYS_UNKNOWN = "DAYS_UNKNOWN"
    CHECK_IN_OPEN = "CHECK_IN_OPEN"
    STILL_ELIGIBLE = "STILL_ELIGIBLE"
    RECORDED_LATE = "RECORDED_LATE"  # happened in the field, uploaded afterwards
    VOUCHED = "VOUCHED"  # the owner says so, and not whoever booked
    ROOM_LEFT = "ROOM_LEFT"  # the unit was not handed on meanwhile
    HANDED_ON = "HANDED_ON"


class Timer(StrEnum):
    """When a step takes place by itself."""

    REQUEST_LAPSES = "REQUEST_LAPSES"
    CHECK_IN_CLOSES = "CHECK_IN_CLOSES"
    BOOKING_ENDS = "BOOKING_ENDS"


@dataclass(frozen=True)
class Transition:
    """One row: `action` leads from `source` to `target` when all guards hold, and emits `event`."""

    action: Action
    source: BookingState
    target: BookingState
    by: frozenset[Actor]
    event: str
    guards: tuple[Guard, ...] = ()
    timer: Timer | None = None


def _row(
    action: Action,
    source: BookingState,
    target: BookingState,
    by: frozenset[Actor],
    event: str,
    *guards: Guard,
    timer: Timer | None = None,
) -> Transition:
    return Transition(action, source, target, by, f"venues.{event}", guards, timer)


_S, _A, _G = BookingState, Action, Guard
_OWNER = frozenset({Actor.OWNER})
_SYSTEM = frozenset({Actor.SYSTEM})
_PEOPLE = frozenset({Actor.BOOKER, Actor.OWNER})
_AUTHORITY = frozenset({Actor.OWNER, Actor.SYSTEM})
_DECIDABLE = (_G.NOT_OWN_REQUEST, _G.NOT_STARTED)
_ARRIVED = (_G.CHECK_IN_OPEN, _G.STILL_ELIGIBLE)
_ARRIVED_UNSEEN = (_G.RECORDED_LATE, _G.VOUCHED, *_ARRIVED)
_LAPSE, _NOBODY, _END = Timer.REQUEST_LAPSES, Timer.CHECK_IN_CLOSES, Timer.BOOKING_ENDS

# Rows of one action and source exclude each other by their last guard; the guards before it are the same.
# A provisional booking that nobody came for was never promised: it lapses and is no no-show.
# NO_SHOW is left by one door only, a check-in made in time whose record arrived late; whoever missed the booking
# does not open it.
TRANSITIONS: tuple[Transition, ...] = (
    _row(_A.CONFIRM, _S.REQUESTED, _S.CONFIRMED, _SYSTEM, "confirmed", _G.AUTOMATIC, _G.DAYS_KNOWN),
    _row(_A.CONFIRM, _S.REQUESTED, _S.PROVISIONAL, _SYSTEM, "provisional", _G.AUTOMATIC, _G.DAYS_UNKNOWN),
    _row(_A.CONFIRM, _S.PROVISIONAL, _S.CONFIRMED, _SYSTEM, "confirmed", _G.STILL_ELIGIBLE, _G.DAYS_KNOWN),
    _row(_A.APPROVE, _S.REQUESTED, _S.CONFIRMED, _OWNER, "confirmed", *_DECIDABLE, _G.DAYS_KNOWN),
    _row(_A.APPROVE, _S.REQUESTED, _S.PROVISIONAL, _OWNER, "provisional", *_DECIDABLE, _G.DAYS_UNKNOWN),
    _row(_A.REJECT, _S.REQUESTED, _S.REJECTED, _OWNER, "rejected"),
    _row(_A.CANCEL, _S.REQUESTED, _S.CANCELLED, _PEOPLE, "cancelled", _G.CANCELLABLE),
    _row(_A.CANCEL, _S.CONFIRMED, _S.CANCELLED, _PEOPLE, "cancelled", _G.CANCELLABLE),
    _row(_A.CANCEL, _S.PROVISIONAL, _S.CANCELLED, _PEOPLE, "cancelled", _G.CANCELLABLE),
    _row(_A.DISPLACE, _S.CONFIRMED, _S.DISPLACED, _AUTHORITY, "displaced"),
    _row(_A.DISPLACE, _S.PROVISIONAL, _S.DISPLACED, _AUTHORITY, "displaced"),
    _row(_A.CHECK_IN, _S.CONFIRMED, _S.IN_USE, _PEOPLE, "checked_in", *_ARRIVED),
    _row(_A.CHECK_IN, _S.PROVISIONAL, _S.IN_USE, _PEOPLE, "checked_in", *_ARRIVED),
    _row(_A.CHECK_IN, _S.NO_SHOW, _S.IN_USE, _OWNER, "checked_in", *_ARRIVED_UNSEEN, _G.ROOM_LEFT),
    _row(_A.CHECK_IN, _S.NO_SHOW, _S.COMPLETED, _OWNER, "completed", *_ARRIVED_UNSEEN, _G.HANDED_ON),
    _row(_A.CHECK_OUT, _S.IN_USE, _S.COMPLETED, _PEOPLE, "completed"),
    _row(_A.EXPIRE, _S.REQUESTED, _S.EXPIRED, _SYSTEM, "expired", timer=_LAPSE),
    _row(_A.EXPIRE, _S.PROVISIONAL, _S.EXPIRED, _SYSTEM, "expired", timer=_NOBODY),
    _row(_A.MARK_NO_SHOW, _S.CONFIRMED, _S.NO_SHOW, _SYSTEM, "no_show", timer=_NOBODY),
    _row(_A.COMPLETE, _S.IN_USE, _S.COMPLETED, _SYSTEM, "completed", timer=_END),
)

TERMINAL = frozenset(BookingState) - {row.source for row in TRANSITIONS}
"""The states that nothing leaves."""


def transitions_from(state: BookingState) -> tuple[Transition, ...]:
    """The rows that begin at a state, in the table's order."""
    return tuple(row for row in TRANSITIONS if row.source is state)


def allowed_actions(state: BookingState, by: Actor | None = None) -> tuple[Action, ...]:
    """What may be done in a state, by anybody or by one actor, as far as guards do not refuse it."""
    rows = (row for row in transitions_from(state) if by is None or by in row.by)
    return tuple(dict.fromkeys(row.action for row in rows))
