"""What venues use personal data for. 处理目的。"""

from __future__ import annotations

from linli.core.privacy.purposes import Purpose

BOOKING = "venues.booking"

PURPOSES = (
    Purpose(
        BOOKING,
        "Booking shared venues",
        "预约共享场所",
        "Who booked which venue when, and whether they came, is kept to run bookings and the log of use.",
        "记录何人何时预约场所及是否到场，用于办理预约和登记使用台账。",
    ),
)
