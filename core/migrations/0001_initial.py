"""core.0001_initial: create model CalendarSchedule and 12 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.fields import Instant, Json, LongText, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        ops.CreateModel(
            name='CalendarSchedule',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('year', fields.IntField(unique=True)),
                ('papers', Json()),
                ('days', Json()),
                ('imported_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_calendar_schedule'},
        ),
        ops.CreateModel(
            name='EventPayload',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('salt', Text(null=True, max_length=64)),
                ('suite', Text(max_length=20)),
                ('payload', LongText(null=True, unique=False)),
                ('erased_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_event_payload'},
        ),
        ops.CreateModel(
            name='OrgNode',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kind', Text(max_length=40)),
                ('code', Text(null=True, max_length=64)),
                ('name', Text(max_length=200)),
                ('name_key', Text(max_length=600)),
                ('name_initials', Text(default='', max_length=64)),
                ('parent', fields.ForeignKeyField('core.OrgNode', source_field='parent_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('path', Text(unique=True, max_length=400)),
                ('depth', fields.IntField()),
                ('attributes', Json(default=dict)),
                ('longitude', fields.BigIntField(null=True)),
                ('latitude', fields.BigIntField(null=True)),
                ('location_given', Json(null=True)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_org_node', 'indexes': [Index(fields=['kind', 'code'], name='core_org_node_kind_code'), Index(fields=['parent_id', 'name_key', 'id'], name='core_org_node_children'), Index(fields=['kind', 'path'], name='core_org_node_kind_path'), Index(fields=['name_key', 'id'], name='core_org_node_name'), Index(fields=['name_initials'], name='core_org_node_initials'), Index(fields=['name'], name='core_org_node_name_text')]},
        ),
        ops.CreateModel(
            name='Request',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('account_id', fields.UUIDField()),
                ('key', Text(max_length=255)),
                ('body_hash', Text(max_length=64)),
                ('outcome_type', Text(null=True, max_length=60)),
                ('outcome_id', fields.UUIDField(null=True)),
                ('outcome_version', fields.IntField(null=True)),
                ('error_code', Text(null=True, max_length=60)),
                ('refusal', LongText(null=True, unique=False)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_request', 'unique_together': (('account_id', 'key'),), 'indexes': [Index(fields=['created_at'], name='core_request_created')]},
        ),
        ops.CreateModel(
            name='Timer',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('kind', Text(max_length=60)),
                ('subject_id', fields.UUIDField()),
                ('due_at', Instant(auto_now=False, auto_now_add=False)),
                ('done_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('attempts', fields.IntField(default=0)),
            ],
            options={'table': 'core_timer', 'indexes': [Index(fields=['done_at', 'due_at'], name='core_timer_due'), Index(fields=['subject_id', 'kind'], name='core_timer_subject')]},
        ),
        ops.CreateModel(
            name='Event',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('sequence', fields.BigIntField(null=True, unique=True)),
                ('type', Text(max_length=100)),
                ('schema_version', fields.IntField(default=1)),
                ('subject_type', Text(max_length=60)),
                ('subject_id', fields.UUIDField()),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', null=True, db_constraint=False, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('actor_id', fields.UUIDField(null=True)),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('transaction_id', fields.UUIDField()),
                ('ordinal', fields.IntField()),
                ('arrival', fields.BigIntField(null=True)),
                ('suite', Text(max_length=20)),
                ('digest', Text(max_length=64)),
                ('chain', Text(null=True, max_length=64)),
            ],
            options={'table': 'core_event', 'indexes': [Index(fields=['subject_id', 'sequence'], name='core_event_subject'), Index(fields=['type', 'sequence'], name='core_event_type')]},
        ),
        ops.CreateModel(
            name='OrgRelation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('kind', Text(max_length=40)),
                ('source', fields.ForeignKeyField('core.OrgNode', source_field='source_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('target', fields.ForeignKeyField('core.OrgNode', source_field='target_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('attributes', Json(default=dict)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_org_relation', 'indexes': [Index(fields=['source_id', 'kind'], name='core_org_relation_source'), Index(fields=['target_id', 'kind'], name='core_org_relation_target')]},
        ),
        ops.CreateModel(
            name='OrgState',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('node', fields.ForeignKeyField('core.OrgNode', source_field='node_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('parent', fields.ForeignKeyField('core.OrgNode', source_field='parent_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('code', Text(null=True, max_length=64)),
                ('name', Text(max_length=200)),
                ('attributes', Json(default=dict)),
                ('longitude', fields.BigIntField(null=True)),
                ('latitude', fields.BigIntField(null=True)),
                ('location_given', Json(null=True)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_org_state', 'indexes': [Index(fields=['node_id', 'valid_from'], name='core_org_state_node'), Index(fields=['parent_id'], name='core_org_state_parent'), Index(fields=['code'], name='core_org_state_code')]},
        ),
        ops.CreateModel(
            name='Person',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('name', Text(max_length=100)),
                ('name_key', Text(max_length=600)),
                ('gender', Text(null=True, max_length=10)),
                ('birth_date', fields.DateField(null=True)),
                ('id_number', Text(null=True, max_length=18)),
                ('phone', Text(null=True, max_length=32)),
                ('party_status', Text(null=True, max_length=20)),
                ('registered_residence', fields.ForeignKeyField('core.OrgNode', source_field='registered_residence_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('habitual_residence', fields.ForeignKeyField('core.OrgNode', source_field='habitual_residence_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('employer', fields.ForeignKeyField('core.OrgNode', source_field='employer_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'core_person', 'indexes': [Index(fields=['registered_residence_id'], name='core_person_registered'), Index(fields=['habitual_residence_id'], name='core_person_habitual'), Index(fields=['employer_id'], name='core_person_employer'), Index(fields=['id_number'], name='core_person_id_number')]},
        ),
        ops.CreateModel(
            name='Account',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('username', Text(unique=True, max_length=100)),
                ('password_hash', LongText(null=True, unique=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('disabled_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_account', 'indexes': [Index(fields=['person_id'], name='core_account_person')]},
        ),
        ops.CreateModel(
            name='Post',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('kind', Text(max_length=40)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_post', 'indexes': [Index(fields=['person_id'], name='core_post_person'), Index(fields=['org_id', 'kind'], name='core_post_org')]},
        ),
        ops.CreateModel(
            name='Grant',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('role', Text(max_length=60)),
                ('org', fields.ForeignKeyField('core.OrgNode', source_field='org_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('valid_from', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('valid_to', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_grant', 'indexes': [Index(fields=['account_id'], name='core_grant_account')]},
        ),
        ops.CreateModel(
            name='Token',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('digest', Text(unique=True, max_length=64)),
                ('expires_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_token', 'indexes': [Index(fields=['account_id'], name='core_token_account')]},
        ),
    ]
