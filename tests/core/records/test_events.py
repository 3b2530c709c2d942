from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from linli.core import clock
from linli.core.graph.models import OrgNode
from linli.core.records import commitments, digest
from linli.core.records.event_types import EventType, EventTypes, Internal, Public
from linli.core.records.events import append, history, payloads, sealed_events
from linli.core.records.models import Event, EventPayload
from linli.core.records.sealing import seal_now
from linli.core.records.store import Store, WriteOutsideUnitOfWorkError, scope
from linli.core.records.unit_of_work import current_unit, unit_of_work
from linli.core.records.verify import verify


class Renamed(BaseModel):
    name: Internal[str]
    count: Public[Any] = 0


RENAMED = EventType("core.renamed", 1, Renamed, "A record got another name")
NOTED = EventType("core.noted", 1, Renamed, "Something was noted")


@pytest.fixture
def in_scope(store: Store) -> Iterator[Store]:
    with scope(store):
        yield store


async def test_an_event_names_what_happened_to_what_by_whom_and_when(in_scope: Store) -> None:
    subject, org, actor, before = uuid4(), uuid4(), uuid4(), clock.now()
    async with unit_of_work(actor) as unit:
        event = await append(RENAMED, "OrgNode", subject, Renamed(name="甲"), org_id=org)
    found = await Event.get(id=event.id)
    assert (found.type, found.schema_version, found.subject_type, found.subject_id) == (
        "core.renamed",
        1,
        "OrgNode",
        subject,
    )
    assert (found.org_id, found.actor_id, found.transaction_id, found.ordinal) == (org, actor, unit.id, 0)
    assert before <= found.at == event.at <= clock.now()


async def test_a_payload_is_kept_apart_as_canonical_json_bound_by_salt_and_digest(in_scope: Store) -> None:
    async with unit_of_work():
        event = await append(RENAMED, "OrgNode", uuid4(), Renamed(name="乙", count=3))
    kept = await EventPayload.get(id=event.id)
    assert kept.payload == '{"count":3,"name":"乙"}'
    assert kept.suite == "PLAIN"
    assert kept.salt is not None
    assert len(bytes.fromhex(kept.salt)) == 16
    assert event.digest == commitments.of_event("SHA-256", salt=kept.salt, plain=kept.payload)


async def test_equal_payloads_have_different_digests(in_scope: Store) -> None:
    async with unit_of_work():
        first, second = [await append(RENAMED, "OrgNode", uuid4(), Renamed(name="丙")) for _ in range(2)]
    assert first.digest != second.digest


async def test_a_unit_that_is_undone_leaves_no_event(in_scope: Store) -> None:
    async def fail() -> None:
        async with unit_of_work():
            await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await Event.all().count() == 0
    assert await EventPayload.all().count() == 0


async def test_events_of_one_unit_keep_their_order(in_scope: Store) -> None:
    subject = uuid4()
    async with unit_of_work():
        for place in range(20):
            await append(RENAMED, "OrgNode", subject, Renamed(name=str(place)))
    await seal_now(in_scope)
    events = await history(subject)
    catalogue = EventTypes()
    catalogue.register("core", RENAMED)
    read = await payloads(events, catalogue)
    assert [read[event.id] for event in events] == [Renamed(name=str(place)) for place in range(20)]
    assert [event.ordinal for event in events] == list(range(20))


async def test_a_step_before_the_commit_may_append_more(in_scope: Store) -> None:
    subject = uuid4()

    async def react() -> None:
        await append(NOTED, "OrgNode", subject, Renamed(name="3"))

    async def react_later() -> None:
        current_unit().before_commit.append(react)

    async with unit_of_work() as unit:
        await append(RENAMED, "OrgNode", subject, Renamed(name="1"))
        unit.before_commit.append(react_later)
        await append(RENAMED, "OrgNode", subject, Renamed(name="2"))
    await seal_now(in_scope)
    assert [(event.type, event.ordinal) for event in await history(subject)] == [
        ("core.renamed", 0),
        ("core.renamed", 1),
        ("core.noted", 2),
    ]
    assert len({event.arrival for event in await history(subject)}) == 1
    assert (await verify()).ok


async def test_many_events_of_a_unit_are_written_in_few_statements(
    in_scope: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Counter[str] = Counter()
    async with unit_of_work() as unit:
        for name in ("execute_insert", "execute_many", "execute_query", "execute_query_dict"):
            monkeypatch.setattr(unit.client, name, _counted(getattr(unit.client, name), seen))
        for _ in range(200):
            await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲"))
    assert 1 <= seen.total() <= 3
    assert await Event.all().count() == 200


def _counted(call: Any, seen: Counter[str]) -> Any:
    async def counted(*args: Any) -> Any:
        seen["statements"] += 1
        return await call(*args)

    return counted


async def test_an_event_and_its_record_are_kept_together(in_scope: Store) -> None:
    async with unit_of_work():
        node = await OrgNode.create(
            kind="DISTRICT", name="岳阳楼区", name_key="yueyanglouqu", name_initials="yylq", path="a/", depth=0
        )
        await append(RENAMED, "OrgNode", node.id, Renamed(name="岳阳楼区"))
    await seal_now(in_scope)
    assert await history(node.id).count() == await OrgNode.filter(id=node.id).count() == 1


async def test_nothing_is_told_outside_a_unit_of_work(in_scope: Store) -> None:
    with pytest.raises(WriteOutsideUnitOfWorkError):
        await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲"))


async def test_a_payload_of_another_type_is_refused(in_scope: Store) -> None:
    class Other(Renamed):
        pass

    async with unit_of_work():
        with pytest.raises(TypeError, match=r"core\.renamed carries Renamed, not Other"):
            await append(RENAMED, "OrgNode", uuid4(), Other(name="甲"))


async def test_a_float_that_slipped_into_a_payload_is_refused(in_scope: Store) -> None:
    async with unit_of_work():
        with pytest.raises(digest.NotCanonicalError, match=r"\$\.count"):
            await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲", count=0.5))
        assert not current_unit().before_commit


async def test_history_is_of_one_record_and_of_sealed_events_only(
    in_scope: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = uuid4(), uuid4()
    for subject, event_type in ((mine, RENAMED), (other, RENAMED), (mine, NOTED)):
        async with unit_of_work():
            await append(event_type, "OrgNode", subject, Renamed(name="甲"))
    if in_scope.dialect == "postgres":
        assert await history(mine) == []
        assert await sealed_events() == []
    await seal_now(in_scope)
    assert [(event.sequence, event.type) for event in await history(mine)] == [(1, "core.renamed"), (3, "core.noted")]
    assert [event.sequence for event in await history(mine, after=1)] == [3]
    assert [event.sequence for event in await sealed_events(types=["core.renamed"])] == [1, 2]
    assert [event.sequence for event in await sealed_events(after=1)] == [2, 3]
    assert await sealed_events(types=[]) == []


async def test_the_time_of_an_event_is_the_clocks_and_may_run_backwards(in_scope: Store) -> None:
    start = datetime(2026, 1, 5, 1, 2, 3, 400000, tzinfo=UTC)
    frozen = clock.FrozenClock(start)
    before = clock.use(frozen)
    try:
        for step in (0, -5, 3):
            frozen.advance(start + timedelta(days=step))
            async with unit_of_work():
                await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲"))
            await seal_now(in_scope)
        assert [(event.at - start).days for event in await sealed_events()] == [0, -5, 3]
        assert (await verify()).ok
    finally:
        clock.use(before)


async def test_old_payloads_are_read_in_the_present_shape(in_scope: Store) -> None:
    class Newer(BaseModel):
        full_name: Internal[str]

    subject, catalogue = uuid4(), EventTypes()
    newer = EventType("core.renamed", 2, Newer, "x", {1: lambda old: {"full_name": old["name"]}})
    catalogue.register("core", newer)
    async with unit_of_work():
        first = await append(RENAMED, "OrgNode", subject, Renamed(name="甲"))
        second = await append(newer, "OrgNode", subject, Newer(full_name="乙"))
    assert await payloads([first, second], catalogue) == {
        first.id: Newer(full_name="甲"),
        second.id: Newer(full_name="乙"),
    }


async def test_a_missing_payload_is_told(in_scope: Store) -> None:
    async with unit_of_work():
        event = await append(RENAMED, "OrgNode", uuid4(), Renamed(name="甲"))
    async with unit_of_work():
        await EventPayload.all().delete()
    with pytest.raises(LookupError, match=str(event.id)):
        await payloads([event], EventTypes())


async def test_payload_text_that_needs_escapes_survives_both_engines(in_scope: Store) -> None:
    name = 'a"\\\n\t\u0001\u2028😀'
    async with unit_of_work():
        event = await append(RENAMED, "OrgNode", uuid4(), Renamed(name=name))
    await seal_now(in_scope)
    kept = await EventPayload.get(id=event.id)
    assert kept.payload is not None
    assert json.loads(kept.payload)["name"] == name
    assert (await verify()).ok
