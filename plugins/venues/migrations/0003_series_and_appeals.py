"""venues.0003_series_and_appeals: create model Appeal and 4 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('venues', '0002_no_overlap'), ('core', '0001_initial')]

    operations = [
        ops.CreateModel(
            name='Appeal',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('no_show', fields.ForeignKeyField('venues.NoShow', source_field='no_show_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('venue', fields.ForeignKeyField('venues.Venue', source_field='venue_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('reason', Text(max_length=500)),
                ('state', Text(max_length=20)),
                ('filed_by', fields.UUIDField(null=True)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('decision', Text(null=True, max_length=500)),
            ],
            options={'table': 'venues_appeal', 'unique_together': (('no_show_id',),), 'indexes': [Index(fields=['venue_id', 'state'], name='venues_appeal_venue'), Index(fields=['person_id'], name='venues_appeal_person')]},
        ),
        ops.CreateModel(
            name='Series',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('venue', fields.ForeignKeyField('venues.Venue', source_field='venue_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('requested_by', fields.UUIDField(null=True)),
                ('first_day', fields.DateField()),
                ('last_day', fields.DateField()),
                ('weekdays', Json()),
                ('every_weeks', fields.IntField()),
                ('start', fields.IntField()),
                ('end', fields.IntField()),
                ('party_size', fields.IntField()),
                ('refused', Json(default=list)),
                ('cancelled_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'venues_series', 'indexes': [Index(fields=['venue_id', 'first_day'], name='venues_series_venue'), Index(fields=['person_id', 'first_day'], name='venues_series_person')]},
        ),
        ops.AddField(
            model_name='Booking',
            name='series',
            field=fields.ForeignKeyField('venues.Series', source_field='series_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddIndex(
            model_name='Booking',
            index=Index(fields=['series_id', 'start'], name='venues_booking_series'),
        ),
        ops.AddField(
            model_name='NoShow',
            name='struck_by',
            field=fields.UUIDField(null=True),
        ),
    ]
