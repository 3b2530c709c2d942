"""core.0022_jobs: create model Job."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0021_access_stamp')]

    operations = [
        ops.CreateModel(
            name='Job',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kind', Text(max_length=60)),
                ('state', Text(default='QUEUED', max_length=10)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('account_id', fields.UUIDField(null=True)),
                ('subject_type', Text(null=True, max_length=60)),
                ('subject_id', fields.UUIDField(null=True)),
                ('input', Json(default=dict)),
                ('cursor', Json(default=dict)),
                ('done', fields.BigIntField(default=0)),
                ('total', fields.BigIntField(null=True)),
                ('message', Json(null=True)),
                ('failure', Text(null=True, max_length=100)),
                ('started_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('next_at', Instant(auto_now=False, auto_now_add=False)),
                ('runner', fields.UUIDField(null=True)),
                ('leased_until', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('attempts', fields.IntField(default=0)),
            ],
            options={'table': 'core_job', 'indexes': [Index(fields=['state', 'next_at'], name='core_job_open'), Index(fields=['subject_id', 'created_at'], name='core_job_subject'), Index(fields=['ended_at'], name='core_job_ended'), Index(fields=['account_id', 'created_at'], name='core_job_account')]},
        ),
    ]
