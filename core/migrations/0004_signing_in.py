"""core.0004_signing_in: create model AccountSession and 10 more."""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from linli.core.clock import now
from linli.core.records.encrypted import BlindIndex, EncryptedText
from linli.core.records.fields import Instant, LongText, Text
from linli.core.records.record import new_id


class Migration(migrations.Migration):
    dependencies = [('core', '0003_encrypted_values')]

    operations = [
        ops.CreateModel(
            name='AccountSession',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('provider', Text(max_length=40)),
                ('network', Text(max_length=50)),
                ('agent', Text(max_length=60)),
                ('last_used_at', Instant(auto_now=False, auto_now_add=False)),
                ('expires_at', Instant(auto_now=False, auto_now_add=False)),
                ('second_factor', fields.BooleanField(default=False)),
                ('ended_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_session', 'indexes': [Index(fields=['account_id', 'network'], name='core_session_account')]},
        ),
        ops.CreateModel(
            name='Identity',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('provider', Text(max_length=40)),
                ('subject', EncryptedText(null=True, unique=False)),
                ('subject_index', BlindIndex(null=True, max_length=64)),
                ('unbound_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_identity', 'unique_together': (('provider', 'subject_index'),), 'indexes': [Index(fields=['account_id'], name='core_identity_account')]},
        ),
        ops.CreateModel(
            name='PersonClaim',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('person', fields.ForeignKeyField('core.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('state', Text(default='REQUESTED', max_length=20)),
                ('decided_by', fields.ForeignKeyField('core.Account', source_field='decided_by_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('decided_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('reason', Text(null=True, max_length=300)),
            ],
            options={'table': 'core_person_claim', 'indexes': [Index(fields=['account_id', 'created_at'], name='core_person_claim_account'), Index(fields=['person_id'], name='core_person_claim_person'), Index(fields=['created_at', 'id'], name='core_person_claim_created')]},
        ),
        ops.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('created_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('updated_at', Instant(default=now, auto_now=False, auto_now_add=False)),
                ('account', fields.ForeignKeyField('core.Account', source_field='account_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('secret', EncryptedText(null=True, unique=False)),
                ('last_step', fields.BigIntField(default=0)),
                ('confirmed_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('disabled_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_second_factor', 'indexes': [Index(fields=['account_id'], name='core_second_factor_account')]},
        ),
        ops.CreateModel(
            name='SignInTry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('key', Text(unique=True, max_length=64)),
                ('tries', fields.IntField()),
                ('since', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_sign_in_try', 'indexes': [Index(fields=['since'], name='core_sign_in_try_since')]},
        ),
        ops.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('session', fields.ForeignKeyField('core.AccountSession', source_field='session_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('digest', Text(unique=True, max_length=64)),
                ('used_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_refresh_token', 'indexes': [Index(fields=['session_id'], name='core_refresh_token_session')]},
        ),
        ops.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('factor', fields.ForeignKeyField('core.SecondFactor', source_field='factor_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('digest', Text(unique=True, max_length=64)),
                ('used_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'core_recovery_code', 'indexes': [Index(fields=['factor_id'], name='core_recovery_code_factor')]},
        ),
        ops.AddField(
            model_name='Token',
            name='org',
            field=fields.ForeignKeyField('core.OrgNode', source_field='org_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddField(
            model_name='Token',
            name='permissions',
            field=LongText(null=True, unique=False),
        ),
        ops.AddField(
            model_name='Token',
            name='session',
            field=fields.ForeignKeyField('core.AccountSession', source_field='session_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT),
        ),
        ops.AddIndex(
            model_name='Token',
            index=Index(fields=['session_id'], name='core_token_session'),
        ),
    ]
