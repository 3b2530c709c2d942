"""core.0019_webhooks: other systems that are told of events."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import EncryptedText
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0017_deliveries')]

    operations = [
        ops.CreateModel(
            name='Webhook',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('url', Text(max_length=500)),
                ('types', Json(default=list)),
                ('secret', EncryptedText(unique=False)),
                ('previous_secret', EncryptedText(null=True, unique=False)),
                ('previous_until', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('paused_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('told_to', fields.BigIntField(null=True)),
                ('made_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'core_webhook', 'indexes': [Index(fields=['org_id'], name='core_webhook_org'), Index(fields=['ended_at'], name='core_webhook_ended')]},
        ),
    ]
