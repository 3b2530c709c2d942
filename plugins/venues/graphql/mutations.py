"""What can be done with venues and bookings."""

from __future__ import annotations

from linli.schema.contributions import fields

from . import booking_changes, no_show_changes, photo_changes, series_changes, venue_changes


@fields("Changes of venues and bookings. 场所与预约变更。")
class VenueMutation:
    """Root fields: what owners do, what bookers do."""

    create_venue = venue_changes.create_venue
    update_venue = venue_changes.update_venue
    add_venue_photos = photo_changes.add_venue_photos
    remove_venue_photo = photo_changes.remove_venue_photo
    set_unit_work_hours = venue_changes.set_unit_work_hours
    set_opening_policy = venue_changes.set_opening_policy
    approve_opening_policy = venue_changes.approve_opening_policy
    close_venue = venue_changes.close_venue
    record_usage = venue_changes.record_usage
    book_venue = booking_changes.book_venue
    approve_booking = booking_changes.approve_booking
    reject_booking = booking_changes.reject_booking
    cancel_booking = booking_changes.cancel_booking
    check_in_booking = booking_changes.check_in_booking
    check_out_booking = booking_changes.check_out_booking
    book_series = series_changes.book_series
    cancel_series = series_changes.cancel_series
    appeal_no_show = no_show_changes.appeal_no_show
    decide_no_show_appeal = no_show_changes.decide_no_show_appeal
    waive_no_show = no_show_changes.waive_no_show
    join_waitlist = booking_changes.join_waitlist
    accept_waitlist_offer = booking_changes.accept_waitlist_offer
    leave_waitlist = booking_changes.leave_waitlist
