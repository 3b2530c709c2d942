"""core.0002_order_by_code: remove index from OrgNode and 2 more."""

from __future__ import annotations

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.records.indexes import OrderIndex


class Migration(migrations.Migration):
    dependencies = [('core', '0001_initial')]

    operations = [
        ops.RemoveIndex(
            model_name='OrgNode',
            name='core_org_node_kind_code',
            fields=None,
        ),
        ops.AddIndex(
            model_name='OrgNode',
            index=Index(fields=['code', 'kind'], name='core_org_node_code_kind'),
        ),
        ops.AddIndex(
            model_name='OrgNode',
            index=OrderIndex(fields=['code', 'id'], name='core_org_node_by_code'),
        ),
    ]
