"""core.0013_person_merges: people who had been entered twice, and whose row stands for the other's."""

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
    dependencies = [('core', '0012_search')]

    operations = [
        ops.CreateModel(
            name='PersonMerge',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kept', fields.ForeignKeyField('core.Person', source_field='kept_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('merged', fields.ForeignKeyField('core.Person', source_field='merged_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('state', Text(max_length=12)),
                ('taken', Json(default=list)),
                ('reason', Text(null=True, max_length=500)),
                ('answer', Text(null=True, max_length=500)),
                ('moved', Json(default=list)),
                ('before', EncryptedText(null=True, unique=False)),
                ('proposed_by', fields.UUIDField(null=True)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('undone_by', fields.UUIDField(null=True)),
                ('undone_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_person_merge', 'indexes': [Index(fields=['kept_id', 'state'], name='core_person_merge_kept'), Index(fields=['merged_id', 'state'], name='core_person_merge_merged'), Index(fields=['org_id', 'state'], name='core_person_merge_org')]},
        ),
        ops.AddField(
            model_name='Person',
            name='merged_into',
            field=fields.UUIDField(null=True),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['merged_into'], name='core_person_merged'),
        ),
    ]
