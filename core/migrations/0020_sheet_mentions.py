"""core.0020_sheet_mentions: whom sheets that were looked at speak of, and where documents of people come from."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.records.encrypted import BlindIndex
from linli.core.records.fields import Instant, LongText
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0018_inbox')]

    operations = [
        ops.AddField(
            model_name='IdentityDocument',
            name='provenance',
            field=LongText(null=True, unique=False),
        ),
        ops.CreateModel(
            name='SheetMention',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('sheet_import', fields.ForeignKeyField('core.SheetImport', source_field='sheet_import_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('who', BlindIndex(null=True, max_length=64)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_sheet_mention', 'indexes': [Index(fields=['who'], name='core_sheet_mention_who'), Index(fields=['sheet_import_id'], name='core_sheet_mention_import')]},
        ),
    ]
