"""core.0011_boundaries: outlines of organisations, dated, and the squares of a grid under which they are found."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.records.fields import Instant, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0010_files')]

    operations = [
        ops.CreateModel(
            name='OrgBoundary',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('node', fields.ForeignKeyField('core.OrgNode', source_field='node_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('shape', fields.BinaryField()),
                ('west', fields.BigIntField()),
                ('south', fields.BigIntField()),
                ('east', fields.BigIntField()),
                ('north', fields.BigIntField()),
                ('positions', fields.IntField()),
                ('area', fields.BigIntField()),
                ('crs', Text(max_length=10)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_org_boundary', 'indexes': [Index(fields=['node_id', 'valid_from'], name='core_org_boundary_node')]},
        ),
        ops.CreateModel(
            name='OrgBoundaryCell',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('boundary', fields.ForeignKeyField('core.OrgBoundary', source_field='boundary_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('cell', fields.BigIntField()),
            ],
            options={'table': 'core_org_boundary_cell', 'indexes': [Index(fields=['cell', 'boundary_id'], name='core_org_boundary_cell_cell'), Index(fields=['boundary_id'], name='core_org_boundary_cell_of')]},
        ),
    ]
