"""core.0014_sheet_imports: sheets that are brought in, what was found in them, and what they wrote."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import BlindIndex, EncryptedText
from linli.core.records.fields import Instant, Json, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0013_person_merges')]

    operations = [
        ops.CreateModel(
            name='SheetImport',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=12)),
                ('state', Text(max_length=12)),
                ('name', EncryptedText(null=True, unique=False)),
                ('sha256', EncryptedText(null=True, unique=False)),
                ('sha256_index', BlindIndex(null=True, max_length=64)),
                ('sheet', Text(null=True, max_length=200)),
                ('mapping', Json(default=dict)),
                ('columns', Json(default=list)),
                ('update_differing', fields.BooleanField(default=False)),
                ('create_places', fields.BooleanField(default=False)),
                ('total', fields.IntField(null=True)),
                ('done', fields.IntField(default=0)),
                ('last_row', fields.IntField(default=0)),
                ('created', fields.IntField(default=0)),
                ('changed', fields.IntField(default=0)),
                ('unchanged', fields.IntField(default=0)),
                ('refused', fields.IntField(default=0)),
                ('found', fields.IntField(default=0)),
                ('undone', fields.IntField(default=0)),
                ('left', fields.IntField(default=0)),
                ('failure', Text(null=True, max_length=60)),
                ('account_id', fields.UUIDField(null=True)),
                ('applied_by', fields.UUIDField(null=True)),
                ('applied_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('undone_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_sheet_import', 'indexes': [Index(fields=['org_id', 'state'], name='core_sheet_import_org'), Index(fields=['sha256_index'], name='core_sheet_import_sha256'), Index(fields=['state'], name='core_sheet_import_state')]},
        ),
        ops.CreateModel(
            name='SheetFinding',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('sheet_import', fields.ForeignKeyField('core.SheetImport', source_field='sheet_import_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('position', fields.IntField()),
                ('row', fields.IntField()),
                ('column', fields.IntField(null=True)),
                ('field', Text(null=True, max_length=40)),
                ('level', Text(max_length=10)),
                ('code', Text(max_length=60)),
                ('message', EncryptedText(null=True, unique=False)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_sheet_finding', 'indexes': [Index(fields=['sheet_import_id', 'position'], name='core_sheet_finding_import')]},
        ),
        ops.CreateModel(
            name='SheetEntry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('sheet_import', fields.ForeignKeyField('core.SheetImport', source_field='sheet_import_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('position', fields.BigIntField()),
                ('row', fields.IntField()),
                ('subject_table', Text(max_length=60)),
                ('subject_id', fields.UUIDField()),
                ('action', Text(max_length=8)),
                ('version', fields.IntField()),
                ('before', EncryptedText(null=True, unique=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_sheet_entry', 'indexes': [Index(fields=['sheet_import_id', 'position'], name='core_sheet_entry_import'), Index(fields=['person_id'], name='core_sheet_entry_person')]},
        ),
    ]
