"""The migration that brought homes: on a district with people and units in it, both engines."""

from __future__ import annotations

import json
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

CODE = "91110000600037341L"
COMMON, KEPT = "id, version, created_at, updated_at", "?, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP"


async def migrated(database: Database, package: str) -> list[str]:
    with keys.in_custody(keys.Custody("here", Masters(lambda: {"k1": bytes(SECRET_BYTES)}), "international")):
        return list(map(str, await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", package)])))


async def unit(database: Database, code: str | None) -> str:
    id_ = uuid4()
    attributes = json.dumps({} if code is None else {"creditCode": code})
    columns = f"{COMMON}, kind, name, name_key, name_initials, path, depth, attributes"
    values = f"{KEPT}, 'RESIDENT_UNIT', '示例单位', 'shi', 's', '{id_.hex[:12]}/', 0, '{attributes}'"
    await database.query(f"INSERT INTO core_org_node ({columns}) VALUES ({values})", id_)
    return str(id_)


async def test_what_was_there_stays_and_units_are_found_by_their_code(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package, source = f"earlier_{uuid4().hex[:8]}", Path(str(import_module("linli.core.migrations").__file__)).parent
    (tmp_path / package).mkdir()
    for file in source.glob("*.py"):
        if file.name < "0008":
            shutil.copy(file, tmp_path / package)
    (tmp_path / package / "__init__.py").write_text('"""Core before there were homes."""\n')
    await migrated(database, package)
    person = uuid4()
    columns = f"INSERT INTO core_person ({COMMON}, name, name_key) VALUES ({KEPT}, '示例', 'shi')"
    await database.query(columns, person)
    coded = await unit(database, CODE)
    await unit(database, CODE)  # the same twice: districts may hold it
    await unit(database, None)
    done = await migrated(database, "linli.core.migrations")
    assert "core.0009_homes" in done
    rows = await database.query("SELECT id, name, provenance FROM core_person")
    assert [(str(row["id"]), row["name"], row["provenance"]) for row in rows] == [(str(person), "示例", None)]
    values = f"{KEPT}, '{coded}', '', '502', 'OTHER'"
    insert = f"INSERT INTO core_premises ({COMMON}, org_id, unit, number, use) VALUES ({values})"
    await database.query(insert, uuid4())
    with pytest.raises(Exception, match=r"(?i)unique"):
        await database.query(insert, uuid4())
