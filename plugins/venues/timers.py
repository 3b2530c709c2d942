"""The names of what falls due by itself around venues. 到期事项。"""

from __future__ import annotations

BOOKING_DUE = "venues.booking_due"
OFFER_LAPSES = "venues.offer_lapses"
WAITING_ENDS = "venues.waiting_ends"
CALENDAR_RECHECK = "venues.calendar_recheck"
AGREEMENT_RECHECK = "venues.agreement_recheck"
OWNER_RECHECK = "venues.owner_recheck"
