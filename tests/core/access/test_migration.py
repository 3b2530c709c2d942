"""The migrations that brought sessions and the makers of accounts: what was there before goes on counting."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest

from linli.core.crypto.masters import SECRET_BYTES, Masters
from linli.core.records import keys
from linli.core.records.migrations import AppMigrations, upgrade
from tests.core.records.migrations.conftest import database, postgres_url
from tests.core.records.migrations.databases import Database

__all__ = ["database", "postgres_url"]


async def test_tokens_given_before_are_service_tokens_and_accounts_made_before_are_confirmed(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package, source = f"earlier_{uuid4().hex[:8]}", Path(str(import_module("linli.core.migrations").__file__)).parent
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").write_text('"""Core\'s first migration."""\n')
    shutil.copy(source / "0001_initial.py", tmp_path / package)
    await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", package)])
    account, kept = uuid4(), "1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"
    await database.query(
        f"INSERT INTO core_account (id, version, created_at, updated_at, username) VALUES (?, {kept}, 'chen')", account
    )
    await database.query(
        f"INSERT INTO core_token (id, version, created_at, updated_at, account_id, digest) VALUES (?, {kept}, ?, 'd')",
        uuid4(),
        account,
    )
    with keys.in_custody(keys.Custody("here", Masters(lambda: {"k1": bytes(SECRET_BYTES)}), "international")):
        done = await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", "linli.core.migrations")])
    assert "core.0004_signing_in" in map(str, done)
    assert "core.0007_account_maker" in map(str, done)
    [kept_account] = await database.query("SELECT person_confirmed, created_by FROM core_account")
    assert (bool(kept_account["person_confirmed"]), kept_account["created_by"]) == (True, None)
    rows = await database.query("SELECT digest, session_id, permissions, org_id FROM core_token")
    assert [dict(row) for row in rows] == [{"digest": "d", "session_id": None, "permissions": None, "org_id": None}]
