"""core.0009_homes: homes, households and things, where values come from, and units by credit code."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from linli.core.clock import now
from linli.core.records.encrypted import BlindIndex, EncryptedText
from linli.core.records.fields import Instant, Json, LongText, Text
from linli.core.records.migrations import RunDialectSQL
from linli.core.records.record import new_id

# The credit code of a unit stands in its attributes, which are JSON: an index over what it holds there finds it on both
# engines, whoever writes the organisation. It is not unique, since districts may hold the same code twice already.


class Migration(migrations.Migration):
    dependencies = [('core', '0008_relations')]

    operations = [
        ops.CreateModel(
            name='Premises',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('provenance', LongText(null=True, unique=False)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('unit', Text(default='', max_length=20)),
                ('floor', fields.IntField(null=True)),
                ('number', Text(max_length=20)),
                ('area', fields.IntField(null=True)),
                ('area_basis', Text(null=True, max_length=20)),
                ('use', Text(max_length=20)),
                ('address', EncryptedText(null=True, unique=False)),
                ('address_index', BlindIndex(null=True, max_length=64)),
                ('micro_grid', fields.ForeignKeyField('core.OrgNode', source_field='micro_grid_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_premises', 'constraints': [UniqueConstraint(fields=('org_id', 'unit', 'number'), name='core_premises_one_valid', condition='"valid_to" IS NULL'), CheckConstraint(check='"area" > 0', name='core_premises_area')], 'indexes': [Index(fields=['org_id', 'unit', 'number', 'id'], name='core_premises_place'), Index(fields=['micro_grid_id'], name='core_premises_micro_grid'), Index(fields=['address_index'], name='core_premises_address')]},
        ),
        ops.CreateModel(
            name='Household',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('provenance', LongText(null=True, unique=False)),
                ('premises', fields.ForeignKeyField('core.Premises', source_field='premises_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=12)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_household', 'indexes': [Index(fields=['premises_id'], name='core_household_premises')]},
        ),
        ops.CreateModel(
            name='Tenure',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('provenance', LongText(null=True, unique=False)),
                ('premises', fields.ForeignKeyField('core.Premises', source_field='premises_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=12)),
                ('share_numerator', fields.IntField(null=True)),
                ('share_denominator', fields.IntField(null=True)),
                ('evidence', Text(null=True, max_length=500)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_tenure', 'constraints': [CheckConstraint(check='("person_id" IS NULL) <> ("org_id" IS NULL)', name='core_tenure_holder')], 'indexes': [Index(fields=['premises_id', 'kind'], name='core_tenure_premises'), Index(fields=['person_id'], name='core_tenure_person'), Index(fields=['org_id'], name='core_tenure_org')]},
        ),
        ops.CreateModel(
            name='Thing',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('provenance', LongText(null=True, unique=False)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('premises', fields.ForeignKeyField('core.Premises', source_field='premises_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=40)),
                ('code', Text(null=True, max_length=64)),
                ('name', Text(max_length=200)),
                ('attributes', Json(default=dict)),
                ('micro_grid', fields.ForeignKeyField('core.OrgNode', source_field='micro_grid_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_thing', 'constraints': [UniqueConstraint(fields=('kind', 'code'), name='core_thing_one_code', condition='"valid_to" IS NULL AND "code" IS NOT NULL')], 'indexes': [Index(fields=['org_id', 'kind'], name='core_thing_org'), Index(fields=['premises_id'], name='core_thing_premises'), Index(fields=['micro_grid_id'], name='core_thing_micro_grid')]},
        ),
        ops.CreateModel(
            name='HouseholdMember',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('provenance', LongText(null=True, unique=False)),
                ('household', fields.ForeignKeyField('core.Household', source_field='household_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('relation', Text(max_length=12)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_household_member', 'constraints': [UniqueConstraint(fields=('person_id',), name='core_household_member_one', condition='"valid_to" IS NULL'), UniqueConstraint(fields=('household_id',), name='core_household_member_head', condition='"valid_to" IS NULL AND "relation" = \'HEAD\'')], 'indexes': [Index(fields=['household_id'], name='core_household_member_household'), Index(fields=['person_id'], name='core_household_member_person')]},
        ),
        ops.AddField(
            model_name='Person',
            name='provenance',
            field=LongText(null=True, unique=False),
        ),
        RunDialectSQL(
            sqlite=[
                "CREATE INDEX core_org_node_credit_code ON core_org_node (json_extract(attributes, '$.creditCode'))"
            ],
            postgres=["CREATE INDEX core_org_node_credit_code ON core_org_node ((attributes ->> 'creditCode'))"],
            reverse_sqlite=["DROP INDEX IF EXISTS core_org_node_credit_code"],
            reverse_postgres=["DROP INDEX IF EXISTS core_org_node_credit_code"],
        ),
    ]
