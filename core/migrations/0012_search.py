"""core.0012_search: people are found by name, initials, and the tails of phones and id numbers."""

from __future__ import annotations

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state_apps import StateApps

from linli.core.graph.names import keys
from linli.core.records.encrypted import TailIndex
from linli.core.records.encrypting import BATCH, BEFORE_ALL, EncryptedColumn, encrypt_what_is_there
from linli.core.records.fields import Text


async def initials(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Those of the people who are there already."""
    client, after = editor.client, BEFORE_ALL
    sqlite = client.capabilities.dialect == 'sqlite'
    read = f'SELECT id, name FROM core_person WHERE id > $1 ORDER BY id LIMIT {BATCH}'  # noqa: S608  a number of ours
    write = 'UPDATE core_person SET name_initials = $1 WHERE id = $2'
    if sqlite:
        read, write = read.replace('$1', '?'), write.replace('$1', '?').replace('$2', '?')
    while rows := await client.execute_query_dict(read, [after]):
        await client.execute_many(write, [[keys(row['name'])[1], row['id']] for row in rows])
        after = str(rows[-1]['id'])


async def tails(_apps: StateApps, editor: BaseSchemaEditor) -> None:
    """Those of the values that are there already; each is encrypted anew beside its tail."""
    await encrypt_what_is_there(
        editor.client,
        EncryptedColumn('core_person', 'id_number', 'id_number_index', 'id_number_tail'),
        EncryptedColumn('core_person', 'phone', 'phone_index', 'phone_tail'),
    )


class Migration(migrations.Migration):
    dependencies = [('core', '0011_boundaries')]

    operations = [
        ops.AddField(
            model_name='Person',
            name='id_number_tail',
            field=TailIndex(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Person',
            name='name_initials',
            field=Text(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Person',
            name='phone_tail',
            field=TailIndex(null=True, max_length=64),
        ),
        ops.RunPython(initials),
        ops.RunPython(tails),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['name', 'id'], name='core_person_name_text'),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['name_key', 'id'], name='core_person_name'),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['name_initials', 'id'], name='core_person_initials'),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['phone_tail'], name='core_person_phone_tail'),
        ),
        ops.AddIndex(
            model_name='Person',
            index=Index(fields=['id_number_tail'], name='core_person_id_number_tail'),
        ),
    ]
