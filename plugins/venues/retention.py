"""How long venues keep what tells of people: who waited, who booked, who did not come, what was said. 场所保存期限。

Nothing here is set by a law for venues: the defaults are Linli's, to be confirmed with the district's law office. The
log of use stays without anybody: it counts heads. What has to go first comes first.
"""

from __future__ import annotations

from tortoise.expressions import Q, Subquery
from tortoise.models import Model

from linli.core.privacy.retention import KeptForGood, Retention, RetentionRule

from .models import Appeal, Booking, NoShow, Series, Usage, WaitlistEntry
from .rules.kinds import BookingState
from .services.appeals import AppealState
from .services.waitlist import OPEN

_DEFAULT = "A default of Linli, to be confirmed with the district's law office: "
_DEFAULT_ZH = "平台默认值，须经区县法制机构确认："
_SUIT = (
    f"{_DEFAULT}six months are left to sue over an administrative act, three years to bring a claim (Administrative "
    f"Litigation Law art. 46; Civil Code art. 188). {_DEFAULT_ZH}行政诉讼起诉期限六个月，民事诉讼时效三年"
    "（行政诉讼法第四十六条、民法典第一百八十八条）。"
)
_CLAIM = (
    f"{_DEFAULT}who used a place is evidence while a claim can be brought (Civil Code art. 188). "
    f"{_DEFAULT_ZH}诉讼时效期间内使用记录可作证据（民法典第一百八十八条）。"
)
_SOON = f"{_DEFAULT}it serves no purpose once the time has passed. {_DEFAULT_ZH}预约时间过后即无需保留。"

_UNDER_WAY = (BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.PROVISIONAL, BookingState.IN_USE)
OVER = tuple(state.value for state in BookingState if state not in _UNDER_WAY)
"""The states in which nothing happens to a booking any more."""


def _of_whoever_appeals() -> Q:
    """What concerns somebody whose appeal is not decided stays until it is."""
    return Q(person_id__in=Subquery(Appeal.filter(state=AppealState.PENDING.value).values("person_id")))


def _without(model: type[Model], column: str) -> Q:
    """Rows to which no row of another table leads any more."""
    return ~Q(id__in=Subquery(model.filter(**{f"{column}__not_isnull": True}).values(column)))


RULES = (
    RetentionRule(
        "venues.waitlist",
        WaitlistEntry,
        "end",
        "6 months",
        "1 day",
        "3 years",
        _SOON,
        rows=lambda: ~Q(state__in=[state.value for state in OPEN]),
        person="person_id",
    ),
    RetentionRule(
        "venues.booking_reasons",
        Booking,
        "end",
        "6 months",
        "1 day",
        "3 years",
        _SOON,
        blank={"reason": None},
        rows=lambda: Q(state__in=OVER),
        person="person_id",
        held=_of_whoever_appeals,
    ),
    RetentionRule(
        "venues.no_show_reasons",
        NoShow,
        "struck_at",
        "6 months",
        "1 day",
        "3 years",
        _SOON,
        blank={"struck_reason": None},
        person="person_id",
        held=_of_whoever_appeals,
    ),
    RetentionRule(
        "venues.appeals",
        Appeal,
        "decided_at",
        "1 year",
        "6 months",
        "3 years",
        _SUIT,
        blank={"reason": "", "decision": None},
        person="person_id",
        held=_of_whoever_appeals,
    ),
    RetentionRule(
        "venues.no_shows",
        NoShow,
        "day",
        "3 years",
        "1 year",
        "10 years",
        _SUIT,
        person="person_id",
        held=_of_whoever_appeals,
        along={Appeal: "no_show_id"},
    ),
    RetentionRule(
        "venues.bookings",
        Booking,
        "end",
        "3 years",
        "1 year",
        "10 years",
        _CLAIM,
        rows=lambda: Q(_without(NoShow, "booking_id"), state__in=OVER),
        person="person_id",
        held=_of_whoever_appeals,
        unlinked={Usage: "booking_id", WaitlistEntry: "booking_id"},
    ),
    RetentionRule(
        "venues.series",
        Series,
        "last_day",
        "3 years",
        "1 year",
        "10 years",
        _CLAIM,
        rows=lambda: _without(Booking, "series_id"),
        person="person_id",
    ),
)

KEPT = (
    KeptForGood(
        "venues.open_appeals",
        Appeal,
        "An appeal keeps its words until it is decided. 申诉在办结前保留内容。",
        frozenset({"reason", "decision"}),
    ),
)

RETENTION: tuple[Retention, ...] = (*RULES, *KEPT)
