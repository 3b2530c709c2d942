"""What may be done with venues, and which roles may do it. 权限与角色。"""

from __future__ import annotations

from linli.core.access.permissions import Permission
from linli.core.access.roles import STAFF, RoleContribution

BOOKING_AREA = "venues.booking"
"""The area that the scope of a proxy names who books for somebody."""

BOOKING_READ = "venues.booking.read"
STAFF_BOOKING_READ = "venues.staff_booking.read"
BOOK_FOR = "venues.booking.create_for"
BOOK_FOR_STAFF = "venues.staff_booking.create_for"
DECIDE = "venues.booking.decide"
ATTEND = "venues.booking.attend"
VENUE_WRITE = "venues.venue.write"
HOURS_WRITE = "venues.hours.write"
CLOSURE_WRITE = "venues.closure.write"
POLICY_WRITE = "venues.policy.write"
POLICY_APPROVE = "venues.policy.approve"
NO_SHOW_WAIVE = "venues.no_show.waive"
COMMUNITY_MANAGE = "venues.community_venue.manage"

PERMISSIONS = (
    Permission(BOOKING_READ, "Read the bookings, waitlists and usage of venues. 查看场所的预约、候补与使用台账。"),
    Permission(STAFF_BOOKING_READ, "Read the bookings of the staff of one's unit. 查看本单位职工的预约。"),
    Permission(BOOK_FOR, "Book venues for others and act for them. 代他人预约场所。"),
    Permission(BOOK_FOR_STAFF, "Book venues for the staff of one's unit. 代本单位职工预约场所。"),
    Permission(
        DECIDE, "Approve, reject and cancel bookings as the owner of a venue. 作为场所管理方审核预约。", judges=True
    ),
    Permission(ATTEND, "Check people in and out and log usage at the door. 现场签到签退与登记使用。"),
    Permission(VENUE_WRITE, "Create and change venues. 维护场所。"),
    Permission(HOURS_WRITE, "State the working hours of a unit. 维护单位作息时间。"),
    Permission(CLOSURE_WRITE, "Close venues for a time. 停用场所。"),
    Permission(POLICY_WRITE, "Put the opening terms of a venue in force. 制定场所开放办法。"),
    Permission(
        POLICY_APPROVE, "Approve opening terms that a community proposed. 批准社区提出的开放办法。", judges=True
    ),
    Permission(NO_SHOW_WAIVE, "Strike out a no-show on appeal. 受理申诉、撤销爽约记录。", judges=True),
    Permission(
        COMMUNITY_MANAGE,
        "All that an owner does, at venues of communities; opening terms are proposed only. 管理社区自有场所。",
        judges=True,
    ),
)

_OWNER = (
    BOOKING_READ,
    STAFF_BOOKING_READ,
    BOOK_FOR_STAFF,
    DECIDE,
    ATTEND,
    VENUE_WRITE,
    HOURS_WRITE,
    CLOSURE_WRITE,
    POLICY_WRITE,
    NO_SHOW_WAIVE,
)
_SET_UP = (VENUE_WRITE, HOURS_WRITE, CLOSURE_WRITE, POLICY_WRITE, BOOK_FOR, BOOK_FOR_STAFF)

ROLES = (
    *(RoleContribution(role, (BOOKING_READ,)) for role in STAFF),
    RoleContribution("community-staff", (BOOK_FOR, COMMUNITY_MANAGE)),
    RoleContribution("community-secretary", (POLICY_APPROVE,)),
    RoleContribution("unit-admin", _OWNER),
    RoleContribution("district-admin", _SET_UP),
)
