"""core.0008_relations: create model ActedFor and 3 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import BlindIndex, EncryptedText
from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0007_account_maker')]

    operations = [
        ops.CreateModel(
            name='ActedFor',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('account_id', fields.UUIDField()),
                ('capacity', Text(max_length=12)),
                ('action', Text(max_length=60)),
                ('subject_type', Text(max_length=60)),
                ('subject_id', fields.UUIDField()),
                ('channel', Text(max_length=10)),
                ('evidence_kind', Text(null=True, max_length=20)),
                ('evidence', Text(null=True, max_length=500)),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('seen_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('seen_by', fields.UUIDField(null=True)),
            ],
            options={'table': 'core_acted_for', 'indexes': [Index(fields=['person_id', 'at'], name='core_acted_for_person'), Index(fields=['account_id'], name='core_acted_for_account'), Index(fields=['subject_id'], name='core_acted_for_subject')]},
        ),
        ops.CreateModel(
            name='IdentityDocument',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=30)),
                ('number', EncryptedText(null=True, unique=False)),
                ('number_index', BlindIndex(null=True, max_length=64)),
                ('country', Text(null=True, max_length=3)),
                ('valid_until', fields.DateField(null=True)),
                ('counts', fields.BooleanField(null=True, default=True)),
                ('ended_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_identity_document', 'unique_together': (('kind', 'number_index', 'counts'),), 'indexes': [Index(fields=['person_id'], name='core_identity_document_person')]},
        ),
        ops.CreateModel(
            name='PersonRelation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kind', Text(max_length=20)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('relative', fields.ForeignKeyField('core.Person', source_field='relative_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('state', Text(max_length=12)),
                ('basis', Text(null=True, max_length=12)),
                ('scope', Text(null=True, max_length=500)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('claimed_by', fields.UUIDField(null=True)),
                ('claim_evidence', Text(null=True, max_length=500)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('decision_evidence', Text(null=True, max_length=500)),
                ('ended_by', fields.UUIDField(null=True)),
                ('ended_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_person_relation', 'indexes': [Index(fields=['person_id', 'kind'], name='core_person_relation_person'), Index(fields=['relative_id', 'kind'], name='core_person_relation_relative')]},
        ),
        ops.AddField(
            model_name='PersonRequest',
            name='channel',
            field=Text(default='APP', db_default='APP', max_length=10),
        ),
    ]
