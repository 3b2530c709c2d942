"""core.0021_access_stamp: how often it changed who may do what."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from linli.core.records.fields import Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0020_sheet_mentions')]

    operations = [
        ops.CreateModel(
            name='AccessStamp',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('name', Text(unique=True, max_length=20)),
                ('number', fields.BigIntField()),
            ],
            options={'table': 'core_access_stamp'},
        ),
    ]
