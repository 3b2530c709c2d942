"""core.0007_account_maker: add field created_by to Account and 1 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('core', '0006_personal_data')]

    operations = [
        ops.AddField(
            model_name='Account',
            name='created_by',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Account',
            name='person_confirmed',
            field=fields.BooleanField(default=True, db_default=True),
        ),
    ]
