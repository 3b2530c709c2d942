"""core.0005_delegation: add field delegated_from to Grant and 2 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('core', '0004_signing_in')]

    operations = [
        ops.AddField(
            model_name='Grant',
            name='delegated_from',
            field=fields.ForeignKeyField('core.Grant', source_field='delegated_from_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddIndex(
            model_name='Grant',
            index=Index(fields=['delegated_from_id'], name='core_grant_delegated'),
        ),
        ops.AddIndex(
            model_name='OrgRelation',
            index=Index(fields=['kind', 'target_id'], name='core_org_relation_kind'),
        ),
    ]
