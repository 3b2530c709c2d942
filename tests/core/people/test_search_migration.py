"""The migration by which people are found: on a district with people in it, whose values are encrypted already."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest

from linli.core.crypto.keyring import Epoch, Keyring
from linli.core.crypto.masters import SECRET_BYTES, Masters
from linli.core.crypto.suites import INTERNATIONAL
from linli.core.records import keys
from linli.core.records.encrypted import bound_to
from linli.core.records.encrypting import BATCH
from linli.core.records.migrations import AppMigrations, upgrade
from tests.core.records.migrations.conftest import database, postgres_url
from tests.core.records.migrations.databases import Database

__all__ = ["database", "postgres_url"]

BEFORE = "0012"
MASTERS = Masters(lambda: {"k1": bytes(SECRET_BYTES)})
PHONE, NUMBER = "core_person.phone", "core_person.id_number"
INSERT = (
    "INSERT INTO core_person (id, version, created_at, updated_at, name, name_key, phone, phone_index, id_number,"
    " id_number_index) VALUES (?, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, ?, 'k', ?, ?, ?, ?)"
)


async def migrated(database: Database, package: str) -> list[str]:
    with keys.in_custody(keys.Custody("here", MASTERS, "international")):
        return list(map(str, await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", package)])))


async def test_people_who_were_there_before_are_found_by_initials_and_tails(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    package, source = f"earlier_{uuid4().hex[:8]}", Path(str(import_module("linli.core.migrations").__file__)).parent
    (tmp_path / package).mkdir()
    for file in sorted(source.glob("*.py")):
        if file.name < BEFORE or file.name == "__init__.py":
            shutil.copy(file, tmp_path / package)
    await migrated(database, package)
    (epoch,) = await database.query("SELECT identity FROM core_key_epoch")
    ring = Keyring(epoch["identity"], MASTERS, (Epoch(1, "k1", INTERNATIONAL),))
    for number in range(BATCH + 20):
        id_, phone, citizen = uuid4(), f"138{number:08d}", f"4306021952061{number:04d}X"
        kept = [ring.encrypt(phone, bound_to(PHONE, id_)), ring.blind(phone, PHONE)]
        kept += [ring.encrypt(citizen, bound_to(NUMBER, id_)), ring.blind(citizen, NUMBER)]
        await database.query(INSERT, id_, f"示例{number}", *kept)
    await database.query(INSERT, uuid4(), "欧阳试", None, None, None, None)
    assert "core.0012_search" in await migrated(database, "linli.core.migrations")
    rows = await database.query("SELECT * FROM core_person")
    assert len(rows) == BATCH + 21
    for row in rows:
        if row["phone"] is None:
            assert (row["name_initials"], row["phone_tail"], row["id_number_tail"]) == ("oys", None, None)
            continue
        phone, citizen = (
            ring.decrypt(row[name], bound_to(f"core_person.{name}", row["id"])) for name in ("phone", "id_number")
        )
        assert row["name_initials"] == f"sl{int(phone[3:])}"
        assert row["phone_tail"] == ring.blind(phone[-4:], f"{PHONE}#tail")
        assert row["id_number_tail"] == ring.blind(citizen[-4:], f"{NUMBER}#tail")
        assert (row["phone_index"], row["id_number_index"]) == (ring.blind(phone, PHONE), ring.blind(citizen, NUMBER))
