"""core.0017_deliveries: what handlers of events are still to be told, and were told."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0014_sheet_imports')]

    operations = [
        ops.CreateModel(
            name='Delivery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('handler', Text(max_length=100)),
                ('event_id', fields.UUIDField()),
                ('type', Text(max_length=100)),
                ('subject_id', fields.UUIDField()),
                ('sequence', fields.BigIntField(null=True)),
                ('state', Text(default='PENDING', max_length=8)),
                ('attempts', fields.IntField(default=0)),
                ('next_at', Instant(auto_now=False, auto_now_add=False)),
                ('done_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('problem', Text(null=True, max_length=100)),
            ],
            options={'table': 'core_delivery', 'unique_together': (('event_id', 'handler'),), 'indexes': [Index(fields=['handler', 'state', 'sequence'], name='core_delivery_turn'), Index(fields=['subject_id', 'handler', 'state', 'sequence'], name='core_delivery_subject'), Index(fields=['state', 'done_at'], name='core_delivery_done')]},
        ),
    ]
