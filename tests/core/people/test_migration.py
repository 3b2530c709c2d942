"""The migration that brought relations and channels: requests that were there before were made through the app."""

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

BEFORE = "0008"


async def test_requests_made_before_carry_the_channel_of_the_app(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package, source = f"earlier_{uuid4().hex[:8]}", Path(str(import_module("linli.core.migrations").__file__)).parent
    (tmp_path / package).mkdir()
    for file in sorted(source.glob("*.py")):
        if file.name < BEFORE or file.name == "__init__.py":
            shutil.copy(file, tmp_path / package)
    with keys.in_custody(keys.Custody("here", Masters(lambda: {"k1": bytes(SECRET_BYTES)}), "international")):
        await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", package)])
        await _insert_a_request(database)
        done = await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", "linli.core.migrations")])
    assert any("_relations" in str(step) for step in done)
    rows = await database.query("SELECT kind, channel FROM core_person_request")
    assert [dict(row) for row in rows] == [{"kind": "EXPORT", "channel": "APP"}]
    for table in ("core_person_relation", "core_identity_document", "core_acted_for"):
        assert await database.query(f"SELECT id FROM {table}") == []


async def _insert_a_request(database: Database) -> None:
    person, org, kept = uuid4(), uuid4(), "1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"
    both = "id, version, created_at, updated_at"
    await database.query(
        f"INSERT INTO core_org_node ({both}, kind, name, name_key, name_initials, path, depth, attributes) "
        f"VALUES (?, {kept}, 'DISTRICT', 'x', 'x', '', 'p/', 0, '{{}}')",
        org,
    )
    await database.query(
        f"INSERT INTO core_person ({both}, name, name_key) VALUES (?, {kept}, '示例老人', 'slr')", person
    )
    await database.query(
        f"INSERT INTO core_person_request ({both}, kind, state, person_id, org_id, outcome) "
        f"VALUES (?, {kept}, 'EXPORT', 'DONE', ?, ?, '{{}}')",
        uuid4(),
        person,
        org,
    )
