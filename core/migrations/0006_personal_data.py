"""core.0006_personal_data: create model Consent and 5 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import EncryptedText
from linli.core.records.fields import Instant, Json, LongText, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0005_delegation')]

    operations = [
        ops.CreateModel(
            name='Consent',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('purpose', Text(max_length=100)),
                ('basis', Text(max_length=20)),
                ('channel', Text(max_length=10)),
                ('evidence', Text(null=True, max_length=500)),
                ('document', Text(null=True, max_length=200)),
                ('given_at', Instant(auto_now=False, auto_now_add=False)),
                ('given_by', fields.UUIDField(null=True)),
                ('withdrawn_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('withdrawn_by', fields.UUIDField(null=True)),
                ('withdrawn_evidence', Text(null=True, max_length=500)),
            ],
            options={'table': 'core_consent', 'indexes': [Index(fields=['person_id', 'purpose'], name='core_consent_person')]},
        ),
        ops.CreateModel(
            name='PersonKey',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('secret', EncryptedText(null=True, unique=False)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
                ('destroyed_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_person_key'},
        ),
        ops.CreateModel(
            name='PersonRequest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kind', Text(max_length=20)),
                ('state', Text(max_length=20)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('reason', EncryptedText(null=True, unique=False)),
                ('changes', EncryptedText(null=True, unique=False)),
                ('answer', EncryptedText(null=True, unique=False)),
                ('outcome', Json(default=dict)),
                ('filed_by', fields.UUIDField(null=True)),
                ('decided_by', fields.UUIDField(null=True)),
                ('decided_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_person_request', 'indexes': [Index(fields=['person_id', 'kind'], name='core_person_request_person'), Index(fields=['org_id', 'state'], name='core_person_request_org')]},
        ),
        ops.AddField(
            model_name='EventPayload',
            name='person_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='EventPayload',
            name='secret',
            field=LongText(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Person',
            name='erased_at',
            field=Instant(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
