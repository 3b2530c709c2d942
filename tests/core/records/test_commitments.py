"""What an event's digest binds, and that chains of before it was so still verify."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from linli.core.crypto.keyring import Epoch, Keyring
from linli.core.crypto.suites import GM, INTERNATIONAL
from linli.core.records import commitments, digest, person_keys
from linli.core.records.events import append
from linli.core.records.models import Event, EventPayload
from linli.core.records.sealing import Head, seal_now
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.verify import Verification, verify
from linli.core.records.verify_findings import FindingKind
from tests.core.records.test_person_keys import NAME, destroy, tell_of_erasure, visit
from tests.core.records.test_verify import NOTED, Noted

BEFORE = Path(__file__).parent / "chains" / "version_1.json"
"""Rows that Linli wrote when the digest was that of the whole payload: both hashes, one of two people erased."""
KEPT = 65
"""How many characters of `secret` stay covered when its person is erased: the hash and its mark."""
TAMPERINGS = 60


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


async def change(*statements: str) -> None:
    async with unit_of_work() as unit:
        for statement in statements:
            await unit.client.execute_query(statement)


def literal(value: object) -> str:
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def found(result: Verification) -> list[tuple[FindingKind, int | None]]:
    return [(finding.kind, finding.sequence) for finding in result.findings]


@pytest.fixture
async def older(in_scope: Store) -> Store:
    """A district whose events were written by an earlier Linli."""
    in_scope.key = in_scope.place = "yueyanglou"
    for table, rows in json.loads(BEFORE.read_text("utf-8")).items():
        names = ", ".join(rows[0])
        await change(
            *(f"INSERT INTO {table} ({names}) VALUES ({', '.join(map(literal, row.values()))})" for row in rows)
        )
    return in_scope


async def test_a_chain_of_the_first_version_verifies_under_both_hashes_with_its_erased(older: Store) -> None:
    result = await verify()
    assert (result.ok, result.checked, result.erased) == (True, 11, 2)
    assert {event.suite for event in await Event.all()} == {"SHA-256", "SM3"}


async def test_a_chain_of_the_first_version_goes_on_in_the_second(older: Store) -> None:
    await visit(uuid4())
    await seal_now(older)
    result = await verify()
    assert (result.ok, result.checked) == (True, 12)
    assert [commitments.version_of(event.digest) for event in await Event.all().order_by("sequence")] == [1] * 11 + [2]


@pytest.mark.parametrize("place", [1, 4, 6, 9])
async def test_payloads_of_the_first_version_that_were_changed_are_found(older: Store, place: int) -> None:
    event = await Event.get(sequence=place)
    await change(f"""UPDATE core_event_payload SET payload = '{{"text":"x"}}' WHERE id = '{event.id}'""")
    assert found(await verify()) == [(FindingKind.PAYLOAD_CHANGED, place)]


@pytest.mark.parametrize("payload", ["[]", "7", '{"a":1.5}', "{"])
async def test_what_is_no_payload_at_all_is_a_finding_and_no_error(older: Store, payload: str) -> None:
    event = await Event.get(sequence=4)
    await change(f"UPDATE core_event_payload SET payload = '{payload}' WHERE id = '{event.id}'")
    assert [place for _, place in found(await verify())] == [4]


async def written_as_older(event_id: UUID) -> None:
    """What an insider does who wants a new event judged by the old rule: digest and payload as they were then."""
    event, row = await Event.get(id=event_id), await EventPayload.get(id=event_id)
    assert row.salt is not None
    assert row.payload is not None
    made = digest.payload_digest(event.suite, row.salt, row.payload)
    await change(f"UPDATE core_event SET digest = '{made}' WHERE id = '{event_id}'")


async def reseal(store: Store) -> None:
    """Write all of the chain anew, as whoever owns the database can."""
    rows = [dict(row) for row in await Event.all().order_by("sequence").values()]
    Head(store.key).extend(rows)
    await change(*(f"UPDATE core_event SET chain = '{row['chain']}' WHERE id = '{row['id']}'" for row in rows))


@pytest.mark.parametrize("sealed_anew", [False, True], ids=["alone", "with the chain written anew"])
async def test_a_new_event_that_was_marked_as_an_older_one_is_found(in_scope: Store, *, sealed_anew: bool) -> None:
    async with unit_of_work():
        events = [await append(NOTED, "Note", uuid4(), Noted(text="原文")) for _ in range(3)]
    await seal_now(in_scope)
    await written_as_older(events[1].id)
    if sealed_anew:
        await reseal(in_scope)
    kinds = [FindingKind.DOWNGRADED] if sealed_anew else [FindingKind.DOWNGRADED, FindingKind.CHANGED]
    assert found(await verify()) == [(kind, 2) for kind in kinds]


async def test_an_older_event_cannot_be_passed_off_as_a_new_one(older: Store) -> None:
    await change(f"UPDATE core_event SET digest = '2:{'A' * 43}' WHERE sequence = 11")
    assert (FindingKind.CHANGED, 11) in found(await verify())


def test_the_digest_is_that_of_a_list_that_can_be_made_without_linli() -> None:
    """The figures that an auditor who has a payload's row can reckon; one hash of the parts, one of the person's."""
    personal = commitments.of_person("SHA-256", "0a", {"name": "甲", "age": 7})
    told = ["linli person 2", "SHA-256", "0a", '{"age":7,"name":"甲"}']
    assert personal == hashlib.sha256(orjson.dumps(told)).hexdigest()
    bound = orjson.dumps(["linli payload 2", "SHA-256", "00", "p", personal, '{"a":1}'])
    expected = "2:" + urlsafe_b64encode(hashlib.sha256(bound).digest()).decode().rstrip("=")
    assert commitments.of_event("SHA-256", salt="00", plain='{"a":1}', person_id="p", personal=personal) == expected


def test_nothing_moves_from_one_part_of_a_digest_to_the_next() -> None:
    made = {
        commitments.of_event("SM3", salt=salt, plain=plain, person_id=person, personal=personal)
        for salt, plain, person, personal in [
            ("a", "b", None, None),
            ("ab", "", None, None),
            ("a", "b", "", None),
            ("a", "b", None, ""),
            ("a|b", "", None, None),
            ('a","b', "", None, None),
        ]
    }
    assert len(made) == 6
    assert {len(one) for one in made} == {45}


async def test_what_stays_of_an_erased_person_does_not_let_values_be_guessed(in_scope: Store) -> None:
    """The salt that stands in the table is not the one of the person's values: that one went with the key."""
    person_id = uuid4()
    event = await visit(person_id)
    row = await EventPayload.get(id=event.id)
    assert row.secret is not None
    assert row.salt is not None
    personal, closed = commitments.parted(row.secret)
    told = {"name": NAME, "illness": "哮喘"}
    secret = await _key(person_id)
    salt, values = person_keys.opened(secret, person_id, event.id, row.suite, closed)
    assert values == told
    assert commitments.of_person(event.suite, salt, told) == personal
    assert commitments.of_person(event.suite, row.salt, told) != personal
    assert salt not in str(vars(row)) + str(vars(event))


async def _key(person_id: UUID) -> bytes:
    async with unit_of_work():
        return await person_keys.secret_of(person_id)


# ---- a random chain with erasures, and any change of it ----


class Undone(Exception):  # noqa: N818  no error: it takes a tampering back
    pass


async def after(statements: list[str]) -> Verification:
    """What verification says of a district with these changes, which are then taken back."""
    result: list[Verification] = []
    with pytest.raises(Undone):
        async with unit_of_work() as unit:
            for statement in statements:
                await unit.client.execute_query(statement)
            result.append(await verify())
            raise Undone
    return result[0]


async def wander(rng: random.Random, store: Store) -> set[UUID]:
    """A chain of events about things and people, under both suites, some of the people erased; who they are."""
    assert store.keyring is not None
    people, gone = [uuid4() for _ in range(4)], set()
    for _ in range(rng.randint(12, 20)):
        store.keyring = Keyring("test", store.keyring.masters, (Epoch(1, "k1", rng.choice([INTERNATIONAL, GM])),))
        person = rng.choice([None, *(one for one in people if one not in gone)])
        if person is None:
            async with unit_of_work(uuid4()):
                await append(NOTED, "Note", uuid4(), Noted(text=rng.choice("甲乙丙")), org_id=uuid4())
        else:
            await visit(person, illness=rng.choice([None, "哮喘"]))
    for person in rng.sample(people, 2):
        await visit(person)
        await destroy(person)
        await tell_of_erasure(person)
        gone.add(person)
    await seal_now(store)
    return gone


def other(rng: random.Random, column: str, value: Any, *, first: int | None = None) -> str:
    """Another value of a column as a literal; of a text one character is another, among the first ones when told."""
    if column in ("id", "subject_id", "org_id", "actor_id", "transaction_id", "person_id"):
        return literal(
            rng.choice([uuid4(), *([None] if value is not None and column in ("org_id", "actor_id") else [])])
        )
    if column in ("at", "erased_at"):
        return literal(f"20{rng.randint(10, 20)}-03-09 00:00:00.00000{rng.randint(0, 9)}+00:00")
    if column in ("sequence", "arrival"):
        return literal(rng.randint(100, 10**6))
    if isinstance(value, int):
        return literal(value + rng.randint(1, 9))
    if value is None:
        return literal("00")
    place = rng.randrange(len(value) if first is None else first)
    changed = rng.choice([letter for letter in '0aZ+/}:"=甲' if letter != value[place]])
    return literal(value[:place] + changed + value[place + 1 :])


async def one_byte(rng: random.Random, gone: set[UUID]) -> tuple[list[str], Event]:
    """A change of one column of one row, in bytes that the chain covers."""
    event = rng.choice(await Event.all())
    table, columns = rng.choice(
        [("core_event", [*digest.ENVELOPE, "chain"]), ("core_event_payload", list(EventPayload._meta.fields_map))]
    )
    row: Any = event if table == "core_event" else await EventPayload.get(id=event.id)
    column = rng.choice(columns)
    first = KEPT if column == "secret" and row.person_id in gone else None
    value = other(rng, column, getattr(row, column), first=first)
    return [f"UPDATE {table} SET {column} = {value} WHERE id = '{event.id}'"], event


async def as_if_erased(rng: random.Random, gone: set[UUID]) -> tuple[list[str], Event]:
    """An event that is passed off as one of an erased person, with other plain values."""
    event = rng.choice(await Event.all())
    person, text = rng.choice(sorted(gone)), literal(f'{{"text":"{rng.random()}"}}')
    secret = literal(rng.choice([f"{'0' * 64}:", "", None]))
    return [
        f"UPDATE core_event_payload SET person_id = '{person}', payload = {text}, suite = 'AES-256-GCM', "
        f"secret = {secret} WHERE id = '{event.id}'"
    ], event


async def exchanged(rng: random.Random, _gone: set[UUID]) -> tuple[list[str], Event]:
    """Two payloads, each at the other's event."""
    one, two = rng.sample(await Event.all(), 2)
    steps = [(one.id, UUID(int=0)), (two.id, one.id), (UUID(int=0), two.id)]
    return [f"UPDATE core_event_payload SET id = '{new}' WHERE id = '{old}'" for old, new in steps], one


async def removed(rng: random.Random, _gone: set[UUID]) -> tuple[list[str], Event]:
    """A payload, or an event, or both, that is not there any more; not the newest, which only a checkpoint tells."""
    last = await Event.all().order_by("-sequence").first()
    assert last is not None
    event = rng.choice(await Event.exclude(id=last.id))
    tables = rng.choice([["core_event_payload"], ["core_event"], ["core_event", "core_event_payload"]])
    return [f"DELETE FROM {table} WHERE id = '{event.id}'" for table in tables], event


async def test_any_change_of_what_the_chain_covers_is_found_and_named(in_scope: Store) -> None:
    seed = random.SystemRandom().getrandbits(32)
    sys.stdout.write(f"seed {seed}\n")
    rng = random.Random(seed)
    gone = await wander(rng, in_scope)
    untouched = await verify()
    assert untouched.ok, seed
    assert untouched.erased >= 2, seed
    for tampering in rng.choices([one_byte, as_if_erased, exchanged, removed], [6, 1, 1, 1], k=TAMPERINGS):
        statements, event = await tampering(rng, gone)
        result = await after(statements)
        named = {finding.sequence for finding in result.findings} | {finding.event_id for finding in result.findings}
        assert {event.sequence, str(event.id)} & named, (seed, statements, result)
    assert await verify() == untouched, seed
