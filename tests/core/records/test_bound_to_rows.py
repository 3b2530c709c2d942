"""Encrypted values are bound to their rows: exchanged in the database they do not open, however they are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from linli.core.access import identities
from linli.core.access.models import Account, Identity
from linli.core.crypto.suites import TamperedError
from linli.core.districts import District
from linli.core.districts.stewards import kept_models
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.records.encrypted import Encrypted, NoRowError, encrypt, update_row
from linli.core.records.encrypting import encrypted_columns
from linli.core.records.models import Event, PersonKey
from linli.core.records.record import new_id
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.core.records.verify_findings import FindingKind
from linli.core.records.verify_values import altered_values

ONE, OTHER = "13800000011", "13800000022"
NUMBER, OTHER_NUMBER = "11010519491231002X", "430602195206150011"
Events = Callable[[], Awaitable[list[Event]]]


@pytest.fixture
async def two(district: District) -> tuple[Person, Person]:
    """Two people with an id number and a phone each."""
    with district.scope():
        first = await transact(lambda _unit: create_person(name="示例甲", id_number=NUMBER, phone=ONE))
        return first, await transact(lambda _unit: create_person(name="示例乙", id_number=OTHER_NUMBER, phone=OTHER))


async def run(district: District, statement: str, *values: Any) -> None:
    """A statement as somebody would run it who can write to the database and has no keys."""
    if district.store.dialect == "sqlite":
        statement = statement.replace("$", "?")
    with district.scope():
        await transact(lambda unit: unit.client.execute_query(statement, [str(it) for it in values]))


async def swap(district: District, *columns: str, table: str = "core_person") -> None:
    """Exchange columns of the two rows of a table."""
    with district.scope():
        rows = await district.store.reader.execute_query_dict(f"SELECT * FROM {table} ORDER BY id")
    assert len(rows) == 2
    assignments = ", ".join(f"{name} = NULL" for name in columns)
    await run(district, f"UPDATE {table} SET {assignments}")
    for row, taken in zip(rows, reversed(rows), strict=True):
        for name in columns:
            await run(district, f"UPDATE {table} SET {name} = $1 WHERE id = $2", taken[name], row["id"])


async def altered(district: District) -> list[str]:
    """What a search for altered values finds, in words."""
    with district.scope():
        columns = encrypted_columns(await kept_models(district))
        found = [finding async for finding in altered_values(columns)]
    assert {finding.kind for finding in found} <= {FindingKind.VALUE_ALTERED}
    return [str(finding.message) for finding in found]


async def test_the_values_of_two_people_do_not_open_when_they_are_exchanged(
    district: District, two: tuple[Person, Person]
) -> None:
    assert await altered(district) == []
    await swap(district, "id_number", "id_number_index", "id_number_tail")
    with district.scope():
        first = await Person.get(id=two[0].id)
        assert first.phone is not None
        assert first.phone.decrypt() == ONE
        assert first.id_number is not None
        with pytest.raises(TamperedError, match=rf"core_person\.id_number\|{first.id}"):
            first.id_number.decrypt()
        (row,) = await Person.filter(id=first.id).values("id", "id_number")
        with pytest.raises(TamperedError):
            row["id_number"].of(first.id).decrypt()
        (raw,) = cast("list[Person]", await Person.raw(f"SELECT * FROM core_person WHERE id = '{first.id}'"))
        assert raw.id_number is not None
        with pytest.raises(TamperedError):
            raw.id_number.decrypt()


async def test_a_search_names_exchanged_values_and_indexes_and_shows_none(
    district: District, two: tuple[Person, Person]
) -> None:
    await swap(district, "phone")
    assert sorted(await altered(district)) == sorted(
        f"core_person.phone of row {person.id} does not open: it was altered, or is another row's" for person in two
    )
    await swap(district, "phone")
    await swap(district, "id_number_index")
    assert sorted(await altered(district)) == sorted(
        f"The blind index of core_person.id_number of row {person.id} is another value's" for person in two
    )
    await swap(district, "id_number_index")
    await run(district, "UPDATE core_person SET phone_tail = id_number_tail WHERE id = $1", two[0].id)
    assert await altered(district) == [f"The blind index of core_person.phone of row {two[0].id} is another value's"]


async def test_a_value_read_without_its_record_opens_when_one_says_which_row_it_is_of(
    district: District, two: tuple[Person, Person]
) -> None:
    with district.scope():
        (phone,) = cast("list[Encrypted]", await Person.filter(id=two[0].id).values_list("phone", flat=True))
        with pytest.raises(NoRowError, match=r"core_person\.phone"):
            phone.decrypt()
        assert phone.of(two[0].id).decrypt() == ONE
        with pytest.raises(TamperedError):
            phone.of(two[1].id).decrypt()
        only = await Person.filter(id=two[0].id).only("id", "phone").get()
        assert only.phone is not None
        assert only.phone.decrypt() == ONE
        await transact(lambda _unit: Account.create(username="one", person_id=two[0].id))
        joined = await Account.get(username="one").select_related("person")
        assert joined.person is not None
        assert joined.person.phone is not None
        assert joined.person.phone.decrypt() == ONE


async def test_no_way_of_writing_puts_a_value_into_another_row(district: District, two: tuple[Person, Person]) -> None:
    first, second = two
    with district.scope():
        value = encrypt(Person, "phone", "13900000033", first.id)
        made = Person(id=new_id(), name="示例丙", name_key="k", phone=value)
        ways: list[tuple[type[Exception], Callable[[], Any]]] = [
            (NoRowError, lambda: Person.all().update(phone=value)),
            (NoRowError, lambda: Person.filter(id=first.id).update(phone=value)),
            (ValueError, lambda: update_row(Person.all(), second.id, phone=value)),
            (ValueError, lambda: Person.create(id=made.id, name="示例丙", name_key="k", phone=value)),
            (ValueError, lambda: Person.bulk_create([made])),
            (ValueError, lambda: Person.bulk_update([second.update_from_dict({"phone": value})], ["phone"])),
            (ValueError, second.save),
        ]
        for error, way in ways:

            async def write(_unit: object, way: Callable[[], Any] = way) -> None:
                await way()

            with pytest.raises(error, match="row"):
                await transact(write)
        kept = await Person.get(id=second.id)
        assert kept.phone is not None
        assert kept.phone.decrypt() == OTHER
        assert await Person.all().count() == 2


async def test_every_way_of_writing_keeps_what_opens_again(district: District, two: tuple[Person, Person]) -> None:
    first, second = two

    async def write(_unit: object) -> None:
        first.phone = encrypt(Person, "phone", "13900000001", first.id)
        await first.save()
        assert await update_row(Person.filter(version=7), second.id, phone=None) == 0
        made = new_id()
        third = Person(id=made, name="示例丙", name_key="k", phone=encrypt(Person, "phone", "13900000003", made))
        await Person.bulk_create([third])
        third.phone = encrypt(Person, "phone", "13900000004", made)
        await Person.bulk_update([third], ["phone"])

    with district.scope():
        await transact(write)
        await transact(lambda _unit: update_person(second, None, phone="13900000002"))
        await second.refresh_from_db()
        phones = {one.phone.decrypt() for one in (*await Person.all(), second) if one.phone is not None}
    assert phones == {f"1390000000{number}" for number in (1, 2, 4)}


async def test_an_identity_of_another_account_is_no_way_in(district: District) -> None:
    async def bind(_unit: object) -> None:
        for name in ("one", "other"):
            account = await Account.create(username=name)
            await identities.bind(account.id, "wecom", name)

    with district.scope():
        await transact(bind)
    assert await altered(district) == []
    await swap(district, "subject", "subject_index", table="core_identity")
    assert len(await altered(district)) == 2
    with district.scope():
        found = await identities.found("wecom", "one")
        assert found is not None
        assert found.subject is not None
        with pytest.raises(TamperedError):
            found.subject.decrypt()
        assert await Identity.all().count() == 2


async def change(person: Person, phone: str) -> None:
    await transact(lambda _unit: update_person(person, None, phone=phone))


async def test_the_keys_of_two_people_do_not_open_when_they_are_exchanged(
    district: District, two: tuple[Person, Person]
) -> None:
    with district.scope():
        for person, phone in zip(two, ("13900000001", "13900000002"), strict=True):
            await change(person, phone)
        assert await PersonKey.all().count() == 2
    await swap(district, "secret", table="core_person_key")
    assert len(await altered(district)) == 2
    with district.scope():
        await seal_now(district.store)
        found = (await verify()).findings
    assert [finding.kind for finding in found] == [FindingKind.PAYLOAD_UNREADABLE] * 2
