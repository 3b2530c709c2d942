"""Encrypted columns of a district: on disk, across a migration, while keys rotate, on both engines."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from linli.core.crypto.keyring import Epoch, Keyring
from linli.core.crypto.masters import SECRET_BYTES, MasterKeyError, Masters
from linli.core.crypto.suites import INTERNATIONAL, TamperedError
from linli.core.districts import District, Platform
from linli.core.districts.custody import FIRST_ENCRYPTING, custody_of
from linli.core.districts.stewards import kept_models
from linli.core.errors import ConflictError
from linli.core.people import services
from linli.core.people.event_types import PersonUpdated, PersonValues
from linli.core.people.models import Person, Post
from linli.core.records import keys
from linli.core.records.encrypted import blind_tails, blinds, bound_to, encrypt
from linli.core.records.encrypting import encrypted_columns
from linli.core.records.events import payloads
from linli.core.records.migrations import AppMigrations, upgrade
from linli.core.records.models import Event, EventPayload, KeyEpoch
from linli.core.records.record import new_id
from linli.core.records.rotation import Rotated, RotationUnderWayError, rotate, with_suite
from linli.core.records.unit_of_work import current_client, transact
from linli.core.records.verify import verify
from tests.core.records.migrations.conftest import database, postgres_url
from tests.core.records.migrations.databases import Database, SqliteDatabase

__all__ = ["database", "postgres_url"]

NUMBER, PHONE = "11010519491231002X", "13800000011"
Events = Callable[[], Awaitable[list[Event]]]


async def enter(district: District, **values: Any) -> Person:
    with district.scope():
        return await transact(lambda _unit: services.create_person(**values))


async def stored(district: District, person: Person) -> dict[str, Any]:
    """The person's row as it is in the database."""
    place = "?" if district.store.dialect == "sqlite" else "$1"
    statement = f"SELECT id_number, id_number_index, phone, phone_index FROM core_person WHERE id = {place}"
    with district.scope():
        (row,) = await current_client().execute_query_dict(statement, [str(person.id)])
    return dict(row)


async def exchange(platform: Platform, district: District, suite: str | None = None) -> Rotated:
    custody = custody_of(platform.configuration, platform.installed, district.key)
    with district.scope():
        models = await kept_models(district)
    chosen = custody if suite is None else with_suite(custody, suite)
    return await rotate(district.store, chosen, models, heard_seconds=0)


async def test_an_id_number_and_a_phone_are_unreadable_in_the_database(district: District) -> None:
    person = await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE)
    row = await stored(district, person)
    assert row["id_number"].startswith("AES-256-GCM:k1.1:")
    assert row["phone"].startswith("AES-256-GCM:k1.1:")
    assert not any(secret in str(value) for value in row.values() for secret in (NUMBER, PHONE, "19491231", "0011"))
    with district.scope():
        again = await Person.get(id=person.id)
        assert again.phone is not None
        assert again.phone.decrypt() == PHONE


@pytest.mark.linli(settings={"core": {"crypto_suite": "gm"}})
async def test_the_configured_suite_encrypts_from_the_start(district: District) -> None:
    row = await stored(district, await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE))
    assert row["id_number"].startswith("SM4-GCM:k1.1:")


async def test_a_record_shows_nothing_of_an_encrypted_value_by_mistake(district: District) -> None:
    person = await enter(district, name="示例甲", phone=PHONE)
    assert repr(person.phone) == "<encrypted core_person.phone>"
    assert PHONE not in f"{person.phone} {vars(person)}"


async def test_equal_values_are_found_by_their_index(district: District) -> None:
    person = await enter(district, name="示例甲", phone=PHONE)
    await enter(district, name="示例乙", phone="13800000012")
    with district.scope():
        found = await Person.filter(phone_index__in=blinds(Person, "phone", PHONE))
    assert [it.id for it in found] == [person.id]


async def test_a_plain_text_is_never_written_into_an_encrypted_column(district: District) -> None:
    person = await enter(district, name="示例甲")
    with district.scope(), pytest.raises(TypeError, match=r"core_person\.phone is encrypted"):
        await transact(lambda _unit: Person.filter(id=person.id).update(phone=PHONE))


async def test_a_value_of_another_column_is_refused(district: District) -> None:
    person = await enter(district, name="示例甲")
    with district.scope():
        other = encrypt(Person, "id_number", NUMBER, person.id)
        with pytest.raises(ValueError, match="does not open in core_person"):
            await transact(lambda _unit: Person.filter(id=person.id).update(phone=other))


async def test_a_value_that_was_exchanged_in_the_database_does_not_open(district: District) -> None:
    person = await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE)
    place = "?" if district.store.dialect == "sqlite" else "$1"
    with district.scope():
        await transact(
            lambda unit: unit.client.execute_query(
                f"UPDATE core_person SET phone = id_number WHERE id = {place}", [str(person.id)]
            )
        )
        again = await Person.get(id=person.id)
        assert again.phone is not None
        with pytest.raises(TamperedError):
            again.phone.decrypt()


def test_only_an_encrypted_column_can_be_encrypted_for() -> None:
    with pytest.raises(TypeError, match=r"Post\.kind is no EncryptedText"):
        encrypt(Post, "kind", "x", new_id())


async def test_a_rotation_encrypts_every_value_anew_and_tells_of_it(
    platform: Platform, district: District, events: Events
) -> None:
    people = [await enter(district, name=f"示例{n}", phone=f"138000{n:05}") for n in range(3)]
    done = await exchange(platform, district)
    assert (done.values, done.resumed, done.keyring.present.key_id) == (3, False, "k1.2")
    rows = [await stored(district, person) for person in people]
    assert all(row["phone"].startswith("AES-256-GCM:k1.2:") for row in rows)
    assert all(row["phone_index"].startswith("k1.2:") for row in rows)
    with district.scope():
        assert await Person.filter(phone_index__in=blinds(Person, "phone", "13800000001")).count() == 1
        assert [bool(it.retired_at) for it in await KeyEpoch.all().order_by("number")] == [True, False]
    assert [it.type for it in await events()][-1] == "core.keys_rotated"


async def test_a_live_district_changes_to_the_national_suite(platform: Platform, district: District) -> None:
    person = await enter(district, name="示例甲", id_number=NUMBER)
    await exchange(platform, district, "gm")
    assert (await stored(district, person))["id_number"].startswith("SM4-GCM:k1.2:")
    with district.scope():
        again = await Person.get(id=person.id)
        assert again.id_number is not None
        assert again.id_number.decrypt() == NUMBER


async def change(district: District, person: Person, **values: Any) -> None:
    with district.scope():
        await transact(lambda _unit: services.update_person(person, None, **values))


async def test_what_changed_of_a_person_is_told_under_the_persons_key_in_every_suite(
    platform: Platform, district: District, events: Events
) -> None:
    person = await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE)
    await change(district, person, phone="13800000099")
    updated = (await events())[-1]
    for suite, cipher in (("international", "AES-256-GCM"), ("gm", "SM4-GCM"), ("gm", "SM4-GCM")):
        await exchange(platform, district, suite)
        with district.scope():
            kept = await EventPayload.get(id=updated.id)
            assert (kept.suite, kept.person_id) == (cipher, person.id)
            assert "138000000" not in str(vars(kept))
            told = (await payloads([updated], district.event_types))[updated.id]
            assert isinstance(told, PersonUpdated)
            assert (told.fields, told.before, told.after) == (
                ("phone",),
                PersonValues(phone=PHONE),
                PersonValues(phone="13800000099"),
            )
            assert (await verify()).ok


async def test_an_event_of_before_told_only_which_values_changed(district: District) -> None:
    told = district.event_types.get("core.person_updated").read(1, {"fields": ["phone"]})
    assert told == PersonUpdated(fields=("phone",), before=None, after=None)


async def test_tails_are_found_before_and_after_keys_are_exchanged(platform: Platform, district: District) -> None:
    """Also that of a value which is shorter than a tail: an exchange comes to an end."""
    person = await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE)
    await enter(district, name="示例乙", phone="--")

    async def found() -> tuple[str, list[Person]]:
        with district.scope():
            tails = blind_tails(Person, "phone", PHONE[-4:])
            return tails[-1].partition(":")[0], await Person.filter(phone_tail__in=tails)

    assert await found() == ("k1.1", [person])
    await exchange(platform, district)
    assert await found() == ("k1.2", [person])


async def test_people_are_entered_and_found_while_keys_rotate(platform: Platform, district: District) -> None:
    """An id number stays unique across the old and the new index, and no value is left under the old key."""
    first = await enter(district, name="示例甲", id_number=NUMBER, phone=PHONE)
    refused: list[Exception] = []

    async def write(n: int) -> None:
        await enter(district, name=f"示例{n}", phone=f"139{n:08}")
        try:
            await enter(district, name="重复", id_number=NUMBER)
        except ConflictError as error:
            refused.append(error)

    rotations = asyncio.create_task(exchange(platform, district))
    await asyncio.gather(*(write(n) for n in range(40)))
    await rotations
    await exchange(platform, district)
    assert len(refused) == 40
    with district.scope():
        phones = await Person.all().values_list("phone", "phone_index")
        assert len(phones) == 41
        assert {index.split(":")[0] for _, index in phones} == {"k1.3"}
        found = await Person.filter(id_number_index__in=blinds(Person, "id_number", NUMBER))
    assert [it.id for it in found] == [first.id]


async def test_a_rotation_that_was_cut_off_is_carried_on(platform: Platform, district: District) -> None:
    await enter(district, name="示例甲", phone=PHONE)
    custody = custody_of(platform.configuration, platform.installed, district.key)
    with district.scope():
        await transact(lambda unit: keys.begin_epoch(unit.client, custody, keys.current_keyring()))
        await keys.refresh(district.store)
    done = await exchange(platform, district)
    assert (done.resumed, done.values, done.keyring.present.number) == (True, 1, 2)
    assert len(done.keyring.epochs) == 1


async def test_two_rotations_at_once_begin_one_epoch(platform: Platform, district: District) -> None:
    """The second is refused, or helps the first to its end where it came a moment later."""
    person = await enter(district, name="示例甲", phone=PHONE)
    results = await asyncio.gather(exchange(platform, district), exchange(platform, district), return_exceptions=True)
    assert all(isinstance(it, Rotated | RotationUnderWayError) for it in results)
    assert any(isinstance(it, Rotated) for it in results)
    assert (await stored(district, person))["phone"].startswith("AES-256-GCM:k1.2:")
    with district.scope():
        assert [epoch.number for epoch in await KeyEpoch.all().order_by("number")] == [1, 2]


async def test_another_master_key_of_the_same_name_is_noticed(platform: Platform, district: District) -> None:
    wrong = Masters(lambda: {"k1": b"\x01" * SECRET_BYTES})
    with pytest.raises(MasterKeyError, match="'k1' is not the one"):
        await keys.read_epochs(district.store.reader, wrong)


def test_encrypted_columns_are_found_with_their_indexes() -> None:
    found = {column.place: column.index for column in encrypted_columns([Person, Post])}
    assert found == {"core_person.id_number": "id_number_index", "core_person.phone": "phone_index"}


async def plain_district(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A district as it was before values were encrypted, with two people in it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    package = f"earlier_{uuid4().hex[:8]}"
    (tmp_path / package).mkdir()
    source = Path(str(import_module("linli.core.migrations").__file__)).parent
    (tmp_path / package / "__init__.py").write_text('"""Core\'s first migration."""\n')
    shutil.copy(source / "0001_initial.py", tmp_path / package)
    await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", package)])
    for name, number, phone in (("示例甲", NUMBER, PHONE), ("示例乙", None, None)):
        await database.query(
            "INSERT INTO core_person (id, version, created_at, updated_at, name, name_key, id_number, phone)"
            " VALUES (?, 1, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, ?, 'k', ?, ?)",
            uuid4(),
            name,
            number,
            phone,
        )


async def test_a_migration_encrypts_what_was_plain_and_leaves_no_trace_in_the_file(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plain_district(database, tmp_path, monkeypatch)
    masters = Masters(lambda: {"k1": bytes(SECRET_BYTES)})
    with keys.in_custody(keys.Custody("here", masters, "international")):
        done = await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", "linli.core.migrations")])
    assert FIRST_ENCRYPTING in map(str, done)
    rows = await database.query("SELECT id, id_number, id_number_index, phone FROM core_person ORDER BY name DESC")
    assert [bool(row["id_number"]) for row in rows] == [True, False]
    assert rows[0]["phone"].startswith("AES-256-GCM:k1.1:")
    assert rows[0]["id_number_index"].startswith("k1.1:")
    (epoch,) = await database.query("SELECT identity FROM core_key_epoch")
    ring = Keyring(epoch["identity"], masters, (Epoch(1, "k1", INTERNATIONAL),))
    assert ring.decrypt(rows[0]["phone"], bound_to("core_person.phone", rows[0]["id"])) == PHONE
    with pytest.raises(TamperedError):
        ring.decrypt(rows[0]["phone"], bound_to("core_person.phone", rows[1]["id"]))
    if isinstance(database, SqliteDatabase):
        for file in database.path.parent.iterdir():
            assert PHONE.encode() not in file.read_bytes(), file
            assert NUMBER.encode() not in file.read_bytes(), file


async def test_a_migration_without_master_keys_changes_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plain_district(database, tmp_path, monkeypatch)
    with pytest.raises(keys.NoKeysError, match="knows the master keys"):
        await upgrade(database.namespace, [AppMigrations("core", "linli.core.models", "linli.core.migrations")])
    (row, _) = await database.query("SELECT phone FROM core_person ORDER BY name DESC")
    assert row["phone"] == PHONE
