"""core.0003_encrypted_values: create model KeyEpoch and 7 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from linli.core.records.encrypted import BlindIndex, EncryptedText
from linli.core.records.encrypting import EncryptedColumn, encrypt_what_is_there
from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


async def encrypt(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    """What was kept plain so far."""
    await encrypt_what_is_there(
        editor.client,
        EncryptedColumn('core_person', 'id_number', 'id_number_index'),
        EncryptedColumn('core_person', 'phone', 'phone_index'),
        EncryptedColumn('core_request', 'refusal'),
    )


class Migration(migrations.Migration):
    dependencies = [('core', '0002_order_by_code')]

    operations = [
        ops.CreateModel(
            name='KeyEpoch',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('number', fields.IntField(unique=True)),
                ('identity', Text(max_length=36)),
                ('master', Text(max_length=16)),
                ('suite', Text(max_length=20)),
                ('proof', Text(max_length=64)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
                ('retired_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_key_epoch'},
        ),
        ops.RemoveIndex(
            model_name='Person',
            name='core_person_id_number',
            fields=None,
        ),
        ops.AlterField(
            model_name='Person',
            name='id_number',
            field=EncryptedText(null=True, unique=False),
        ),
        ops.AlterField(
            model_name='Person',
            name='phone',
            field=EncryptedText(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Person',
            name='id_number_index',
            field=BlindIndex(null=True, unique=True, max_length=64),
        ),
        ops.AddField(
            model_name='Person',
            name='phone_index',
            field=BlindIndex(null=True, max_length=64),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['phone_index'], name='core_person_phone'),
        ),
        ops.AlterField(
            model_name='Request',
            name='refusal',
            field=EncryptedText(null=True, unique=False),
        ),
        ops.RunPython(encrypt),
    ]
