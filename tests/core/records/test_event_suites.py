"""Which hash events have, and chains of both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.districts import District, Platform
from linli.core.districts.custody import custody_of
from linli.core.districts.stewards import kept_models
from linli.core.people.services import create_person
from linli.core.records.models import Event
from linli.core.records.rotation import rotate, with_suite
from linli.core.records.unit_of_work import transact, unit_of_work
from linli.core.records.verify import verify
from linli.core.records.verify_findings import FindingKind

Events = Callable[[], Awaitable[list[Event]]]

gm = pytest.mark.linli(settings={"core": {"crypto_suite": "gm"}})


async def enter(district: District) -> None:
    with district.scope():
        await transact(lambda _unit: create_person(name="示例甲"))


async def exchange(platform: Platform, district: District, suite: str) -> None:
    custody = with_suite(custody_of(platform.configuration, platform.installed, district.key), suite)
    with district.scope():
        models = await kept_models(district)
    await rotate(district.store, custody, models, heard_seconds=0)


async def findings(district: District) -> set[FindingKind]:
    with district.scope():
        return {finding.kind for finding in (await verify()).findings}


@gm
async def test_events_of_a_district_under_gm_are_hashed_with_sm3(district: District, events: Events) -> None:
    await enter(district)
    assert {event.suite for event in await events()} == {"SM3"}
    assert await findings(district) == set()


async def test_a_chain_of_both_hashes_verifies(platform: Platform, district: District, events: Events) -> None:
    await enter(district)
    for suite in ("gm", "international"):
        await exchange(platform, district, suite)
        await enter(district)
    suites = [event.suite for event in await events()]
    assert [suite for place, suite in enumerate(suites) if [suite] != suites[place - 1 : place]] == [
        "SHA-256",
        "SM3",
        "SHA-256",
    ]
    assert await findings(district) == set()


CHANGES: list[tuple[str, Any]] = [
    ("UPDATE core_event SET type = 'core.forged' WHERE sequence = 3", FindingKind.CHANGED),
    ("UPDATE core_event SET suite = 'SHA-256' WHERE sequence = 3", FindingKind.CHANGED),
    ("DELETE FROM core_event WHERE sequence = 3", FindingKind.REMOVED),
    ("UPDATE core_event SET sequence = -sequence WHERE sequence = 3", FindingKind.REMOVED),
    ("UPDATE core_event_payload SET payload = '{}'", FindingKind.PAYLOAD_CHANGED),
    ("UPDATE core_event_payload SET payload = NULL, salt = NULL", FindingKind.PAYLOAD_CHANGED),
    ("DELETE FROM core_event_payload", FindingKind.PAYLOAD_MISSING),
]


@gm
@pytest.mark.parametrize(("change", "kind"), CHANGES, ids=[change for change, _ in CHANGES])
async def test_what_is_done_to_such_a_chain_is_named(
    district: District, events: Events, change: str, kind: FindingKind
) -> None:
    for _ in range(4):
        await enter(district)
    assert len(await events()) > 3
    with district.scope():
        async with unit_of_work() as unit:
            await unit.client.execute_query(change)
    assert kind in await findings(district)
