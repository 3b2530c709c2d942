"""incidents.0001_initial: create model Incident."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    initial = True

    dependencies = [('core', '0001_initial')]

    operations = [
        ops.CreateModel(
            name='Incident',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('title', Text(max_length=200)),
                ('category', Text(max_length=20)),
                ('status', Text(max_length=20)),
                ('reported_at', Instant(auto_now=False, auto_now_add=False)),
                ('reporter', Text(max_length=60)),
            ],
            options={'table': 'incidents_incident', 'indexes': [Index(fields=['org_id', 'status', 'reported_at'], name='incidents_incident_org'), Index(fields=['status', 'reported_at', 'id'], name='incidents_incident_status'), Index(fields=['reported_at', 'id'], name='incidents_incident_at')]},
        ),
    ]
