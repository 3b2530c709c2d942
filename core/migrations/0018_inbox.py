"""core.0018_inbox: what people are told, and by which channels they do not want to be."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import EncryptedText
from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0019_webhooks')]

    operations = [
        ops.CreateModel(
            name='Notification',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=100)),
                ('subject_type', Text(max_length=60)),
                ('subject_id', fields.UUIDField()),
                ('org_id', fields.UUIDField(null=True)),
                ('params', EncryptedText(null=True, unique=False)),
                ('needs_ack', fields.BooleanField()),
                ('read_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('acknowledged_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('acknowledged_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'core_notification', 'indexes': [Index(fields=['person_id', 'created_at', 'id'], name='core_notification_person'), Index(fields=['person_id', 'read_at'], name='core_notification_unread'), Index(fields=['needs_ack', 'created_at'], name='core_notification_kept')]},
        ),
        ops.CreateModel(
            name='ChannelChoice',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('channel', Text(max_length=40)),
                ('off_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_channel_choice', 'indexes': [Index(fields=['person_id', 'channel'], name='core_channel_choice_person')]},
        ),
    ]
