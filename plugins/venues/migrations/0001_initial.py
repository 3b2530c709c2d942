"""venues.0001_initial: create model UnitWorkHours and 7 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    initial = True

    dependencies = [("core", "0001_initial")]

    operations = [
        ops.CreateModel(
            name="UnitWorkHours",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "core.OrgNode",
                        source_field="unit_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("valid_from", fields.DateField()),
                ("ranges", Json()),
                ("lunch_counts_as_work", fields.BooleanField()),
            ],
            options={"table": "venues_work_hours", "unique_together": (("unit_id", "valid_from"),)},
        ),
        ops.CreateModel(
            name="Venue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("name", Text(max_length=200)),
                ("name_key", Text(max_length=600)),
                ("kind", Text(max_length=20)),
                ("mode", Text(max_length=10)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "core.OrgNode",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "community",
                    fields.ForeignKeyField(
                        "core.OrgNode",
                        source_field="community_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("capacity", fields.IntField()),
                ("exclusive", fields.BooleanField()),
                ("units", fields.IntField()),
                ("buffer_before_minutes", fields.IntField()),
                ("buffer_after_minutes", fields.IntField()),
                ("min_minutes", fields.IntField(null=True)),
                ("max_minutes", fields.IntField(null=True)),
                ("open_from", fields.IntField()),
                ("open_to", fields.IntField()),
                ("granularity_minutes", fields.IntField()),
                ("requires_approval", fields.BooleanField()),
            ],
            options={
                "table": "venues_venue",
                "indexes": [
                    Index(fields=["owner_id"], name="venues_venue_owner"),
                    Index(fields=["community_id", "kind"], name="venues_venue_community"),
                    Index(fields=["name_key", "id"], name="venues_venue_name"),
                ],
            },
        ),
        ops.CreateModel(
            name="Closure",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "venues.Venue",
                        source_field="venue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("start", Instant(auto_now=False, auto_now_add=False)),
                ("end", Instant(auto_now=False, auto_now_add=False)),
                ("kind", Text(max_length=20)),
                ("reason", Text(null=True, max_length=500)),
                ("created_at", Instant(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "venues_closure",
                "indexes": [Index(fields=["venue_id", "end"], name="venues_closure_venue")],
            },
        ),
        ops.CreateModel(
            name="Policy",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "venues.Venue",
                        source_field="venue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("terms", Json()),
                ("proposed_by", fields.UUIDField(null=True)),
                ("approved_by", fields.UUIDField(null=True)),
                ("approved_at", Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "venues_policy", "unique_together": (("venue_id", "number"),)},
        ),
        ops.CreateModel(
            name="Booking",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "venues.Venue",
                        source_field="venue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("unit", fields.IntField()),
                (
                    "person",
                    fields.ForeignKeyField(
                        "core.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("requested_by", fields.UUIDField(null=True)),
                ("start", Instant(auto_now=False, auto_now_add=False)),
                ("end", Instant(auto_now=False, auto_now_add=False)),
                ("held_until", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("party_size", fields.IntField()),
                ("state", Text(max_length=20)),
                ("due_at", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("due_state", Text(null=True, max_length=20)),
                ("tier", Text(max_length=20)),
                ("window", Text(max_length=20)),
                ("day_kind", Text(max_length=20)),
                ("tier_evidence", Text(max_length=20)),
                ("fee", fields.BigIntField()),
                ("policy_version", Text(max_length=40)),
                ("calendar_version", Text(max_length=20)),
                ("pieces", Json()),
                ("requested_at", Instant(auto_now=False, auto_now_add=False)),
                ("confirmed_at", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("checked_in_at", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("reason", Text(null=True, max_length=500)),
                (
                    "closure",
                    fields.ForeignKeyField(
                        "venues.Closure",
                        source_field="closure_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("alternatives", Json(default=list)),
            ],
            options={
                "table": "venues_booking",
                "indexes": [
                    Index(fields=["venue_id", "start", "id"], name="venues_booking_venue"),
                    Index(fields=["person_id", "start"], name="venues_booking_person"),
                    Index(fields=["state", "due_at"], name="venues_booking_due"),
                    Index(fields=["start", "id"], name="venues_booking_start"),
                ],
            },
        ),
        ops.CreateModel(
            name="NoShow",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "venues.Booking",
                        source_field="booking_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "core.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField()),
                ("halves", fields.IntField()),
                ("struck_at", Instant(null=True, auto_now=False, auto_now_add=False)),
                ("struck_reason", Text(null=True, max_length=500)),
            ],
            options={
                "table": "venues_no_show",
                "indexes": [
                    Index(fields=["person_id", "day"], name="venues_no_show_person"),
                    Index(fields=["booking_id"], name="venues_no_show_booking"),
                ],
            },
        ),
        ops.CreateModel(
            name="Usage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "venues.Venue",
                        source_field="venue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField()),
                ("window", Text(max_length=20)),
                ("tier", Text(max_length=20)),
                ("heads", fields.IntField()),
                ("minutes", fields.IntField(default=0)),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "venues.Booking",
                        source_field="booking_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("recorded_at", Instant(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "venues_usage",
                "indexes": [Index(fields=["venue_id", "day", "id"], name="venues_usage_venue")],
            },
        ),
        ops.CreateModel(
            name="WaitlistEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("version", fields.IntField(default=1)),
                ("created_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                ("updated_at", Instant(default=now, auto_now=False, auto_now_add=False)),
                (
                    "venue",
                    fields.ForeignKeyField(
                        "venues.Venue",
                        source_field="venue_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "core.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("requested_by", fields.UUIDField(null=True)),
                ("start", Instant(auto_now=False, auto_now_add=False)),
                ("end", Instant(auto_now=False, auto_now_add=False)),
                ("party_size", fields.IntField()),
                ("tier", Text(max_length=20)),
                ("window", Text(max_length=20)),
                ("joined_at", Instant(auto_now=False, auto_now_add=False)),
                ("state", Text(max_length=20)),
                ("unit", fields.IntField(null=True)),
                ("offered_until", Instant(null=True, auto_now=False, auto_now_add=False)),
                (
                    "booking",
                    fields.ForeignKeyField(
                        "venues.Booking",
                        source_field="booking_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "venues_waitlist",
                "indexes": [
                    Index(fields=["venue_id", "state", "start"], name="venues_waitlist_venue"),
                    Index(fields=["person_id", "start"], name="venues_waitlist_person"),
                ],
            },
        ),
    ]
