"""What bookers are told. 场所预约消息。"""

from __future__ import annotations

from linli.core.errors import text
from linli.core.inbox.kinds import NoticeKind

APPROVED = NoticeKind(
    "venues.booking_approved",
    text("Your booking is confirmed", domain="venues"),
    text("{venue}, {time}: your booking is confirmed.", domain="venues"),
)
REJECTED = NoticeKind(
    "venues.booking_rejected",
    text("Your booking was rejected", domain="venues"),
    text("{venue}, {time}: your booking was rejected.", domain="venues"),
)
DISPLACED = NoticeKind(
    "venues.booking_displaced",
    text("Your booking has to give way", domain="venues"),
    text(
        "{venue}, {time}: your booking cannot take place, and nobody holds it against you. Look for other times.",
        domain="venues",
    ),
    needs_ack=True,
)
CANCELLED = NoticeKind(
    "venues.booking_cancelled",
    text("Your booking was cancelled", domain="venues"),
    text("{venue}, {time}: your booking was cancelled by somebody else.", domain="venues"),
    may_turn_off=False,
)
OFFERED = NoticeKind(
    "venues.waitlist_offered",
    text("A place is free for you", domain="venues"),
    text("{venue}, {time}: accept it until {until}, or it goes to who waits next.", domain="venues"),
)

NOTICE_KINDS = (APPROVED, REJECTED, DISPLACED, CANCELLED, OFFERED)
