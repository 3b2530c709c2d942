"""Tables of venues: what is shared, on which terms, who booked it, and how it was used."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from linli.core.graph.models import RESTRICT, OrgNode
from linli.core.people.models import Person
from linli.core.records.classes import internal, personal, public
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import MutableRecord, Record
from linli.core.records.visible import Visible

from .permissions import BOOKING_AREA, BOOKING_READ, COMMUNITY_MANAGE, NO_SHOW_WAIVE, STAFF_BOOKING_READ

REASON_LENGTH = 500

_OWNERS = {"venue__owner": BOOKING_READ, "venue__community": BOOKING_READ}
_READERS = {**_OWNERS, "person__employer": STAFF_BOOKING_READ}


class Venue(MutableRecord):
    """A room, court or hall that its owner shares. 共享场所。

    `capacity` counts persons per unit; `units` are courts, tables, rooms, numbered from 1. Times of day are minutes
    since local midnight. `buffer_*`: minutes kept free around each booking.
    """

    name = public(Text(200))
    name_key = public(Text(600))
    kind = public(Text(20))
    mode = public(Text(10))
    owner: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    owner_id: UUID
    community: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    community_id: UUID
    capacity: int = public(fields.IntField())
    exclusive = public(fields.BooleanField())
    units: int = public(fields.IntField())
    buffer_before_minutes: int = public(fields.IntField())
    buffer_after_minutes: int = public(fields.IntField())
    min_minutes: int | None = public(fields.IntField(null=True))
    max_minutes: int | None = public(fields.IntField(null=True))
    open_from: int = public(fields.IntField())
    open_to: int = public(fields.IntField())
    granularity_minutes: int = public(fields.IntField())
    requires_approval = public(fields.BooleanField())

    visible = Visible(public={}, vocabulary={"owner__kind": "org_kind"})

    class Meta:
        table = "venues_venue"
        indexes = (
            Index(fields=("owner_id",), name="venues_venue_owner"),
            Index(fields=("community_id", "kind"), name="venues_venue_community"),
            Index(fields=("name_key", "id"), name="venues_venue_name"),
        )


class UnitWorkHours(MutableRecord):
    """The working hours of a unit from a date on, until a later set takes over. 单位作息时间。

    `ranges`: `[{"weekday": "MONDAY", "start": 510, "end": 720}]`, minutes of the day.
    """

    unit: fields.ForeignKeyRelation[OrgNode] = public(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    unit_id: UUID
    valid_from: date = public(fields.DateField())
    ranges: list[dict[str, Any]] = public(Json())
    lunch_counts_as_work = public(fields.BooleanField())

    visible = Visible(at={"unit": "core.org.read"})

    class Meta:
        table = "venues_work_hours"
        unique_together = (("unit_id", "valid_from"),)


class Policy(MutableRecord):
    """One version of the opening terms of a venue; the last approved one is in force. 场所开放办法。

    `number` counts the versions of one venue from 1; `terms` are what differs from the district's settings.
    """

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    number: int = public(fields.IntField())
    terms: dict[str, Any] = public(Json())
    proposed_by: UUID | None = internal(fields.UUIDField(null=True))
    approved_by: UUID | None = internal(fields.UUIDField(null=True))
    approved_at: datetime | None = public(Instant(null=True))

    visible = Visible(at=_OWNERS)

    class Meta:
        table = "venues_policy"
        unique_together = (("venue_id", "number"),)


class Closure(Record):
    """A time during which a venue is closed. 场所停用。"""

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    start: datetime = public(Instant())
    end: datetime = public(Instant())
    kind = public(Text(20))
    reason = public(Text(REASON_LENGTH, null=True))
    created_at: datetime = public(Instant())

    visible = Visible(public={})

    class Meta:
        table = "venues_closure"
        indexes = (Index(fields=("venue_id", "end"), name="venues_closure_venue"),)


class Series(MutableRecord):
    """Bookings of one person that were asked for together and come back every week or every n weeks. 周期预约。

    `first_day` and `last_day` are both included; `start` and `end` minutes of the day, an end that is not after the
    start lies on the next day. `refused`: the times that were not given, `[{"start", "end", "refusal"}]`, the
    refusal as `linli.core.records.requests_refusals` keeps it. `cancelled_at`: when the rest was given back.
    """

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    requested_by: UUID | None = internal(fields.UUIDField(null=True))
    first_day: date = public(fields.DateField())
    last_day: date = public(fields.DateField())
    weekdays: list[str] = public(Json())
    every_weeks: int = public(fields.IntField())
    start: int = public(fields.IntField())
    end: int = public(fields.IntField())
    party_size: int = internal(fields.IntField())
    refused: list[dict[str, Any]] = internal(Json(default=list))
    cancelled_at: datetime | None = internal(Instant(null=True))

    visible = Visible(at=_READERS, persons=("person_id",), proxies=BOOKING_AREA)

    class Meta:
        table = "venues_series"
        indexes = (
            Index(fields=("venue_id", "first_day"), name="venues_series_venue"),
            Index(fields=("person_id", "first_day"), name="venues_series_person"),
        )


class Booking(MutableRecord):
    """A booking, with all that its decision went by. 预约。

    `held_until` is the end of the time that nobody else gets in the unit of an exclusive venue, None elsewhere.
    `due_at` and `due_state` tell the next step that takes place by itself. `requested_by` is the account that asked,
    `pieces` how the time falls into windows.
    """

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    unit: int = public(fields.IntField())
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    requested_by: UUID | None = internal(fields.UUIDField(null=True))
    channel = internal(Text(10, default="APP", db_default="APP"))
    start: datetime = public(Instant())
    end: datetime = public(Instant())
    held_until: datetime | None = internal(Instant(null=True))
    party_size: int = internal(fields.IntField())
    state = internal(Text(20))
    due_at: datetime | None = internal(Instant(null=True))
    due_state = internal(Text(20, null=True))
    tier = internal(Text(20))
    window = public(Text(20))
    day_kind = public(Text(20))
    tier_evidence = internal(Text(20))
    fee: int = internal(fields.BigIntField())
    policy_version = internal(Text(40))
    calendar_version = internal(Text(20))
    pieces: list[dict[str, Any]] = internal(Json())
    requested_at: datetime = internal(Instant())
    confirmed_at: datetime | None = internal(Instant(null=True))
    checked_in_at: datetime | None = internal(Instant(null=True))
    ended_at: datetime | None = internal(Instant(null=True))
    reason = internal(Text(REASON_LENGTH, null=True))
    closure: fields.ForeignKeyNullableRelation[Closure] = internal(
        fields.ForeignKeyField("venues.Closure", null=True, on_delete=RESTRICT, related_name=False)
    )
    closure_id: UUID | None
    alternatives: list[dict[str, Any]] = internal(Json(default=list))
    series: fields.ForeignKeyNullableRelation[Series] = internal(
        fields.ForeignKeyField("venues.Series", null=True, on_delete=RESTRICT, related_name=False)
    )
    series_id: UUID | None

    visible = Visible(at=_READERS, persons=("person_id",), proxies=BOOKING_AREA)

    class Meta:
        table = "venues_booking"
        indexes = (
            Index(fields=("venue_id", "start", "id"), name="venues_booking_venue"),
            Index(fields=("person_id", "start"), name="venues_booking_person"),
            Index(fields=("state", "due_at"), name="venues_booking_due"),
            Index(fields=("start", "id"), name="venues_booking_start"),
            Index(fields=("series_id", "start"), name="venues_booking_series"),
        )


class WaitlistEntry(MutableRecord):
    """Somebody who waits for a time that is taken. 候补。

    While `state` is OFFERED the `unit` is kept for the person until `offered_until`.
    """

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    requested_by: UUID | None = internal(fields.UUIDField(null=True))
    channel = internal(Text(10, default="APP", db_default="APP"))
    start: datetime = public(Instant())
    end: datetime = public(Instant())
    party_size: int = internal(fields.IntField())
    tier = internal(Text(20))
    window = public(Text(20))
    joined_at: datetime = internal(Instant())
    state = internal(Text(20))
    unit: int | None = internal(fields.IntField(null=True))
    offered_until: datetime | None = internal(Instant(null=True))
    booking: fields.ForeignKeyNullableRelation[Booking] = internal(
        fields.ForeignKeyField("venues.Booking", null=True, on_delete=RESTRICT, related_name=False)
    )
    booking_id: UUID | None

    visible = Visible(at=_READERS, persons=("person_id",), proxies=BOOKING_AREA)

    class Meta:
        table = "venues_waitlist"
        indexes = (
            Index(fields=("venue_id", "state", "start"), name="venues_waitlist_venue"),
            Index(fields=("person_id", "start"), name="venues_waitlist_person"),
        )


class NoShow(Record):
    """A booking that nobody came for (two halves) or that was cancelled late (one half). 爽约记录。

    `day` is the local day on which it happened. One that was struck out, on appeal or because somebody had come
    after all, counts no more; `struck_by` is the account that decided so.
    """

    booking: fields.ForeignKeyRelation[Booking] = internal(
        fields.ForeignKeyField("venues.Booking", on_delete=RESTRICT, related_name=False)
    )
    booking_id: UUID
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    day: date = internal(fields.DateField())
    halves: int = internal(fields.IntField())
    struck_at: datetime | None = internal(Instant(null=True))
    struck_reason = internal(Text(REASON_LENGTH, null=True))
    struck_by: UUID | None = internal(fields.UUIDField(null=True))

    visible = Visible(
        at={"booking__venue__owner": BOOKING_READ, "booking__venue__community": BOOKING_READ}, persons=("person_id",)
    )

    class Meta:
        table = "venues_no_show"
        indexes = (
            Index(fields=("person_id", "day"), name="venues_no_show_person"),
            Index(fields=("booking_id",), name="venues_no_show_booking"),
        )


class Appeal(MutableRecord):
    """What somebody has to say against a no-show, and the owner's answer. 爽约申诉。

    `state` is PENDING until it is UPHELD, which strikes the no-show out, or DISMISSED. `filed_by` and `decided_by`
    are accounts; there is one appeal to a no-show.
    """

    no_show: fields.ForeignKeyRelation[NoShow] = internal(
        fields.ForeignKeyField("venues.NoShow", on_delete=RESTRICT, related_name=False)
    )
    no_show_id: UUID
    venue: fields.ForeignKeyRelation[Venue] = internal(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    person: fields.ForeignKeyRelation[Person] = internal(
        fields.ForeignKeyField("core.Person", on_delete=RESTRICT, related_name=False)
    )
    person_id: UUID
    reason = personal(Text(REASON_LENGTH))
    state = internal(Text(20))
    filed_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_by: UUID | None = internal(fields.UUIDField(null=True))
    decided_at: datetime | None = internal(Instant(null=True))
    decision = personal(Text(REASON_LENGTH, null=True))

    visible = Visible(at={"venue__owner": NO_SHOW_WAIVE, "venue__community": COMMUNITY_MANAGE}, persons=("person_id",))

    class Meta:
        table = "venues_appeal"
        unique_together = (("no_show_id",),)
        indexes = (
            Index(fields=("venue_id", "state"), name="venues_appeal_venue"),
            Index(fields=("person_id",), name="venues_appeal_person"),
        )


class Usage(Record):
    """An entry of the log of use: how many came by which title, for how long. 场所使用台账。

    `minutes` is 0 where only heads were counted; `booking` None for people who walked in.
    """

    venue: fields.ForeignKeyRelation[Venue] = public(
        fields.ForeignKeyField("venues.Venue", on_delete=RESTRICT, related_name=False)
    )
    venue_id: UUID
    day: date = internal(fields.DateField())
    window = internal(Text(20))
    tier = internal(Text(20))
    heads: int = internal(fields.IntField())
    minutes: int = internal(fields.IntField(default=0))
    booking: fields.ForeignKeyNullableRelation[Booking] = internal(
        fields.ForeignKeyField("venues.Booking", null=True, on_delete=RESTRICT, related_name=False)
    )
    booking_id: UUID | None
    recorded_at: datetime = internal(Instant())

    visible = Visible(at=_OWNERS)

    class Meta:
        table = "venues_usage"
        indexes = (Index(fields=("venue_id", "day", "id"), name="venues_usage_venue"),)


__models__ = [Venue, UnitWorkHours, Policy, Closure, Series, Booking, WaitlistEntry, NoShow, Appeal, Usage]
