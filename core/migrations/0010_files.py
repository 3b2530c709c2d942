"""core.0010_files: create model File."""

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
    dependencies = [('core', '0009_homes')]

    operations = [
        ops.CreateModel(
            name='File',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('name', EncryptedText(null=True, unique=False)),
                ('size', fields.IntField()),
                ('media_type', Text(max_length=100)),
                ('purpose', Text(max_length=100)),
                ('field_class', Text(max_length=10)),
                ('state', Text(max_length=10)),
                ('sha256', EncryptedText(null=True, unique=False)),
                ('given_sha256', EncryptedText(null=True, unique=False)),
                ('secret', EncryptedText(null=True, unique=False)),
                ('cipher', Text(max_length=20)),
                ('storage', Text(max_length=20)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('subject_table', Text(null=True, max_length=60)),
                ('subject_id', fields.UUIDField(null=True)),
                ('position', fields.IntField(default=0)),
                ('expires_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('attached_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('lapsed_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_file', 'indexes': [Index(fields=['subject_id', 'purpose'], name='core_file_subject'), Index(fields=['account_id', 'state'], name='core_file_account'), Index(fields=['person_id'], name='core_file_person'), Index(fields=['state', 'updated_at'], name='core_file_state')]},
        ),
    ]
