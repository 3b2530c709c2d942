from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from linli.core import clock
from linli.core.records import digest, verify_order
from linli.core.records import verify as verify_module
from linli.core.records.event_types import EventType, Internal
from linli.core.records.events import append, sealed_events
from linli.core.records.models import Event, EventPayload
from linli.core.records.sealing import Head, seal_now
from linli.core.records.store import Store, current_store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.verify import UNSEALED_LIMIT, Verification, verify
from linli.core.records.verify_findings import Anchor, FindingKind
from linli.core.records.verify_order import Link, Suspect, misplaced


class Noted(BaseModel):
    text: Internal[str]


NOTED = EventType("core.noted", 1, Noted, "Something was noted")
OTHER_ID = "01900000-0000-7000-8000-000000000000"

CHANGED, REMOVED, REORDERED = FindingKind.CHANGED, FindingKind.REMOVED, FindingKind.REORDERED
PAYLOAD_CHANGED = FindingKind.PAYLOAD_CHANGED

EVENT_COLUMNS = {
    "id": f"'{OTHER_ID}'",
    "sequence": "100",
    "type": "'core.forged'",
    "schema_version": "2",
    "subject_type": "'Person'",
    "subject_id": f"'{OTHER_ID}'",
    "org_id": f"'{OTHER_ID}'",
    "actor_id": f"'{OTHER_ID}'",
    "at": "'2020-01-01 00:00:00+00:00'",
    "transaction_id": f"'{OTHER_ID}'",
    "ordinal": "7",
    "arrival": "1",
    "suite": "'NONE'",
    "digest": "'00'",
    "chain": "'00'",
}
PAYLOAD_COLUMNS = {
    "id": (f"'{OTHER_ID}'", {FindingKind.PAYLOAD_MISSING, FindingKind.PAYLOAD_WITHOUT_EVENT}),
    "salt": ("'00'", {PAYLOAD_CHANGED}),
    "suite": ("'NONE'", {FindingKind.PAYLOAD_UNREADABLE}),
    "payload": ("""'{"text":"x"}'""", {PAYLOAD_CHANGED}),
    "secret": ("'AES-256-GCM:AAAA'", {PAYLOAD_CHANGED}),
    "person_id": (f"'{OTHER_ID}'", {PAYLOAD_CHANGED}),
    "erased_at": ("'2020-01-01 00:00:00+00:00'", {PAYLOAD_CHANGED}),
}


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


@pytest.fixture
async def ten_events(in_scope: Store) -> list[Event]:
    """Events 1 to 10, sealed, of units of different sizes."""
    for size in (1, 3, 1, 2, 3):
        async with unit_of_work(uuid4()):
            for _ in range(size):
                await append(NOTED, "Note", uuid4(), Noted(text="原文"), org_id=uuid4())
    await seal_now(in_scope)
    return await sealed_events()


async def tamper(*statements: str) -> None:
    async with unit_of_work() as unit:
        for statement in statements:
            await unit.client.execute_query(statement)


def kinds(result: Verification) -> set[FindingKind]:
    return {finding.kind for finding in result.findings}


async def test_an_empty_district_verifies(in_scope: Store) -> None:
    assert await verify() == Verification(checked=0, erased=0, findings=(), head=None)


async def test_what_was_sealed_verifies(ten_events: list[Event]) -> None:
    last = ten_events[-1]
    assert last.sequence == 10
    assert last.chain is not None
    assert await verify() == Verification(checked=10, erased=0, findings=(), head=Anchor(10, last.chain))


async def test_more_events_than_a_batch_verify(in_scope: Store) -> None:
    async with unit_of_work():
        for _ in range(verify_module.BATCH + 5):
            await append(NOTED, "Note", uuid4(), Noted(text="a"))
    await seal_now(in_scope)
    result = await verify()
    assert result.ok
    assert result.checked == verify_module.BATCH + 5


def test_every_column_is_tampered_with_below() -> None:
    assert set(EVENT_COLUMNS) == {*Event._meta.fields_map, "org_id"} - Event._meta.fk_fields
    assert set(PAYLOAD_COLUMNS) == set(EventPayload._meta.fields_map)


@pytest.mark.parametrize("column", EVENT_COLUMNS)
async def test_a_changed_column_of_an_event_is_found(ten_events: list[Event], column: str) -> None:
    await tamper(f"UPDATE core_event SET {column} = {EVENT_COLUMNS[column]} WHERE sequence = 5")
    result = await verify()
    assert (REMOVED if column == "sequence" else CHANGED) in kinds(result)
    assert {finding.sequence for finding in result.findings} - {None} <= {5, 11}


@pytest.mark.parametrize(("place", "expected"), [(1, FindingKind.WRONG_GENESIS), (2, CHANGED), (10, CHANGED)])
async def test_a_changed_event_is_found_wherever_it_stands(
    ten_events: list[Event], place: int, expected: FindingKind
) -> None:
    await tamper(f"UPDATE core_event SET type = 'core.forged' WHERE sequence = {place}")
    assert [(finding.kind, finding.sequence) for finding in (await verify()).findings] == [(expected, place)]


@pytest.mark.parametrize("column", PAYLOAD_COLUMNS)
async def test_a_changed_column_of_a_payload_is_found(ten_events: list[Event], column: str) -> None:
    value, expected = PAYLOAD_COLUMNS[column]
    await tamper(f"UPDATE core_event_payload SET {column} = {value} WHERE id = '{ten_events[4].id}'")
    result = await verify()
    assert kinds(result) == expected
    assert {finding.sequence for finding in result.findings} - {None} == {5}


@pytest.mark.parametrize("columns", ["payload = NULL", "salt = NULL", "payload = NULL, salt = NULL"])
async def test_a_payload_that_was_emptied_but_not_erased_is_found(ten_events: list[Event], columns: str) -> None:
    await tamper(f"UPDATE core_event_payload SET {columns} WHERE id = '{ten_events[4].id}'")
    assert kinds(await verify()) == {PAYLOAD_CHANGED}


async def test_a_payload_that_was_written_in_another_way_is_found(ten_events: list[Event]) -> None:
    await tamper("UPDATE core_event_payload SET payload = replace(payload, ':', ': ')")
    result = await verify()
    assert [(finding.kind, finding.sequence) for finding in result.findings] == [
        (PAYLOAD_CHANGED, place) for place in range(1, 11)
    ]


async def test_payloads_that_were_exchanged_are_found(ten_events: list[Event]) -> None:
    one, other = ten_events[3].id, ten_events[7].id
    await tamper(
        f"UPDATE core_event_payload SET id = '{OTHER_ID}' WHERE id = '{one}'",
        f"UPDATE core_event_payload SET id = '{one}' WHERE id = '{other}'",
        f"UPDATE core_event_payload SET id = '{other}' WHERE id = '{OTHER_ID}'",
    )
    result = await verify()
    assert [(finding.kind, finding.sequence) for finding in result.findings] == [
        (PAYLOAD_CHANGED, 4),
        (PAYLOAD_CHANGED, 8),
    ]


@pytest.mark.parametrize(("first", "last"), [(1, 1), (5, 5), (2, 4), (1, 9)])
async def test_removed_events_are_found(ten_events: list[Event], first: int, last: int) -> None:
    await tamper(
        "DELETE FROM core_event_payload WHERE id IN (SELECT id FROM core_event "
        f"WHERE sequence BETWEEN {first} AND {last})",
        f"DELETE FROM core_event WHERE sequence BETWEEN {first} AND {last}",
    )
    result = await verify()
    assert [(finding.kind, finding.sequence) for finding in result.findings] == [(REMOVED, first)]
    assert result.findings[0].message.params == {"first": first, "last": last}


async def test_a_removed_event_whose_followers_moved_up_is_found(ten_events: list[Event]) -> None:
    await tamper(
        "DELETE FROM core_event WHERE sequence = 5",
        *(f"UPDATE core_event SET sequence = {place - 1} WHERE sequence = {place}" for place in range(6, 11)),
    )
    assert {CHANGED, FindingKind.PAYLOAD_WITHOUT_EVENT} <= kinds(await verify())


async def test_a_removed_newest_event_is_told_by_its_payload(ten_events: list[Event]) -> None:
    await tamper("DELETE FROM core_event WHERE sequence = 10")
    result = await verify()
    assert [(finding.kind, finding.event_id) for finding in result.findings] == [
        (FindingKind.PAYLOAD_WITHOUT_EVENT, str(ten_events[9].id))
    ]


async def test_an_anchor_tells_when_the_newest_events_were_cut_off(ten_events: list[Event]) -> None:
    anchor = (await verify()).head
    assert (await verify(anchor=anchor)).ok
    await tamper(
        "DELETE FROM core_event_payload WHERE id IN (SELECT id FROM core_event WHERE sequence > 8)",
        "DELETE FROM core_event WHERE sequence > 8",
    )
    assert (await verify()).ok
    assert kinds(await verify(anchor=anchor)) == {FindingKind.ANCHOR_MISSED}


async def test_an_anchor_tells_when_the_whole_chain_was_made_anew(ten_events: list[Event]) -> None:
    anchor = (await verify()).head
    async with unit_of_work() as unit:
        await unit.client.execute_query("UPDATE core_event SET type = 'core.forged' WHERE sequence = 5")
    await reseal()
    assert (await verify()).ok
    assert kinds(await verify(anchor=anchor)) == {FindingKind.ANCHOR_MISSED}


async def reseal() -> None:
    """What an attacker does who knows how the chain is made and may write to the database."""
    events = [dict(row) for row in await sealed_events().values()]
    Head(current_store().key).extend(events)
    await tamper(*(f"UPDATE core_event SET chain = '{row['chain']}' WHERE id = '{row['id']}'" for row in events))


async def test_a_forged_event_with_a_chain_of_its_own_is_told_by_the_next(ten_events: list[Event]) -> None:
    row: dict[str, Any] = dict((await sealed_events().filter(sequence=5).values())[0]) | {"type": "core.forged"}
    chain = digest.link(ten_events[3].chain or "", row)
    await tamper(f"UPDATE core_event SET type = 'core.forged', chain = '{chain}' WHERE sequence = 5")
    assert [(finding.kind, finding.sequence) for finding in (await verify()).findings] == [(CHANGED, 6)]


@pytest.mark.parametrize("with_chain", [False, True], ids=["sequence", "sequence and chain"])
@pytest.mark.parametrize(("one", "other"), [(1, 2), (5, 6), (2, 9), (1, 10), (9, 10)])
async def test_two_exchanged_events_are_found(
    ten_events: list[Event], one: int, other: int, *, with_chain: bool
) -> None:
    first, second = ten_events[one - 1], ten_events[other - 1]
    chains = (f", chain = '{second.chain}'", f", chain = '{first.chain}'") if with_chain else ("", "")
    await tamper(
        f"UPDATE core_event SET sequence = NULL WHERE id = '{first.id}'",
        f"UPDATE core_event SET sequence = {one}{chains[1]} WHERE id = '{second.id}'",
        f"UPDATE core_event SET sequence = {other}{chains[0]} WHERE id = '{first.id}'",
    )
    result = await verify()
    found = [(finding.kind, finding.sequence, finding.message.params) for finding in result.findings]
    assert found == [(REORDERED, one, {"place": other}), (REORDERED, other, {"place": one})]


async def test_an_inserted_event_is_found(ten_events: list[Event]) -> None:
    await tamper(
        *(f"UPDATE core_event SET sequence = {place + 1} WHERE sequence = {place}" for place in range(10, 4, -1)),
    )
    async with unit_of_work():
        event = await append(NOTED, "Note", uuid4(), Noted(text="补记"))
    await tamper(f"UPDATE core_event SET sequence = 5, chain = '{'0' * 64}' WHERE id = '{event.id}'")
    assert CHANGED in kinds(await verify())


async def test_events_of_another_district_are_found(ten_events: list[Event]) -> None:
    store = current_store()
    store.key = store.place = "junshan"
    assert [(finding.kind, finding.sequence) for finding in (await verify()).findings] == [
        (FindingKind.WRONG_GENESIS, 1)
    ]


async def test_a_chain_begun_under_the_name_of_its_file_verifies_and_goes_on(ten_events: list[Event]) -> None:
    store = current_store()
    assert store.key == store.place
    store.key = "junshan"
    assert (await verify()).ok
    async with unit_of_work():
        await append(NOTED, "Note", uuid4(), Noted(text="after"))
    await seal_now(store)
    assert [(await verify()).checked, (await verify()).ok] == [11, True]


async def test_a_chain_starts_from_the_key_wherever_the_database_lies(in_scope: Store) -> None:
    in_scope.key = "junshan"
    async with unit_of_work():
        await append(NOTED, "Note", uuid4(), Noted(text="first"))
    await seal_now(in_scope)
    in_scope.place = "moved"
    assert await verify() == Verification(1, 0, (), (await verify()).head)
    in_scope.key = "yueyanglou"
    assert kinds(await verify()) == {FindingKind.WRONG_GENESIS}


async def test_an_event_that_stays_unsealed_is_found_after_a_minute(ten_events: list[Event]) -> None:
    now = clock.now()
    before = clock.use(clock.FrozenClock(now))
    try:
        await tamper("UPDATE core_event SET sequence = NULL, chain = NULL WHERE sequence = 10")
        assert (await verify()).ok
        clock.current().advance(now + UNSEALED_LIMIT + timedelta(seconds=1))
        result = await verify()
    finally:
        clock.use(before)
    assert [(finding.kind, finding.event_id) for finding in result.findings] == [
        (FindingKind.UNSEALED, str(ten_events[9].id))
    ]


async def test_a_missing_payload_is_not_taken_for_an_erased_one(ten_events: list[Event]) -> None:
    await tamper(f"DELETE FROM core_event_payload WHERE id = '{ten_events[4].id}'")
    result = await verify()
    assert [(finding.kind, finding.sequence) for finding in result.findings] == [(FindingKind.PAYLOAD_MISSING, 5)]
    assert result.erased == 0


@pytest.mark.parametrize("sequence", ["0", "-3"])
async def test_a_sequence_below_one_is_found(ten_events: list[Event], sequence: str) -> None:
    await tamper(f"UPDATE core_event SET sequence = {sequence} WHERE sequence = 5")
    assert kinds(await verify()) == {CHANGED, REMOVED}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "columns", ["sequence = 'x'", "sequence = 5.5", "sequence = x'00'", "at = 'yesterday'", "at = 5", "ordinal = 0.5"]
)
async def test_values_of_a_wrong_type_are_found_where_the_engine_takes_them(
    ten_events: list[Event], columns: str
) -> None:
    await tamper(f"UPDATE core_event SET {columns} WHERE sequence = 5")
    assert CHANGED in kinds(await verify())


async def test_the_reading_stops_when_there_is_too_much_to_tell(
    ten_events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_module, "MOST_FINDINGS", 4)
    await tamper("UPDATE core_event SET subject_type = 'Person'")
    result = await verify()
    assert not result.ok
    assert result.checked == 4


def _rows(count: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        dict.fromkeys(digest.ENVELOPE) | {"id": UUID(int=place), "suite": digest.SUITE} for place in range(count)
    ]
    Head("yueyanglou").extend(rows)
    return rows


def _suspects(rows: list[dict[str, Any]]) -> list[Suspect]:
    """The rows that do not follow the row before them, as the verification would suspect them."""
    found: list[Suspect] = []
    previous = frozenset({digest.genesis(digest.SUITE, "yueyanglou")})
    for row in rows:
        computed = Link(row).after(previous)
        if row["chain"] not in computed:
            found.append(Suspect(Link(row), previous))
        previous = computed | {row["chain"]}
    return found


@given(st.permutations(range(8)))
@settings(max_examples=50)
def test_whatever_the_new_order_those_that_moved_are_told_and_nobody_else(order: list[int]) -> None:
    rows = _rows(8)
    moved = [{**rows[old], "sequence": new} for new, old in enumerate(order, start=1)]
    judged = {suspect.sequence: place for suspect, place in misplaced(_suspects(moved))}
    for new, old in enumerate(order, start=1):
        assert judged.get(new, new) == old + 1


def test_with_very_many_suspects_all_count_as_changed() -> None:
    rows = _rows(verify_order.MOST_COMPARED + 1)
    forged = [{**row, "chain": f"{row['sequence']:064}"} for row in rows]
    suspects = [Suspect(Link(row), frozenset({"0" * 64})) for row in forged]
    assert {place for _, place in misplaced(suspects)} == {None}
