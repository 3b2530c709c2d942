"""What was kept long enough goes at night, by rules of core and of plugins, on or off; what is open stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs
from tortoise.expressions import Q, RawSQL

from linli.core.access.models import Account, AccountSession, RefreshToken, SignInTry, Token
from linli.core.access.viewer import Viewer
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.jobs import retention, timers
from linli.core.jobs.models import Timer
from linli.core.jobs.sweeper import Sweeper
from linli.core.jobs.sweepers import Sweepers
from linli.core.people.models import Person
from linli.core.privacy import requests
from linli.core.privacy.retaining import carry_out_batch, count, due
from linli.core.privacy.retention import RetentionRule
from linli.core.records.events import payloads
from linli.core.records.models import Event, Request
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import UnitOfWork, transact, unit_of_work
from linli.core.records.verify import verify
from linli.schema.testing import Tree

NIGHT = datetime.fromisoformat("2026-03-10T03:00:00+08:00")


@pytest.fixture
async def inside(district: District) -> AsyncIterator[District]:
    """The district, entered."""
    with district.scope():
        yield district


def named(name: str) -> RetentionRule:
    (rule,) = (one for one in retention.CORE_RETENTION if isinstance(one, RetentionRule) and one.name == name)
    return rule


async def sessions(clock: FrozenClock, person: Person | None, number: int) -> list[UUID]:
    """Sessions that are over now, each with its tokens."""
    made = []
    async with unit_of_work():
        account = await Account.create(username=f"a-{uuid4()}", person_id=None if person is None else person.id)
        for _ in range(number):
            session = await AccountSession.create(
                account_id=account.id, provider="password", network="10.0.0.0/24", agent="Firefox",
                last_used_at=clock.now(), expires_at=clock.now(),
            )  # fmt: skip
            await RefreshToken.create(session_id=session.id, digest=f"r-{session.id}")
            await Token.create(account_id=account.id, session_id=session.id, digest=f"t-{session.id}")
            made.append(session.id)
    return made


async def asked(at: datetime, _unit: UnitOfWork) -> None:
    """Keep a request that was carried out, so that it acts once."""
    await Request.create(account_id=uuid4(), key="k", body_hash="x", created_at=at)


async def told(district: District) -> list[dict[str, Any]]:
    """What the events say that was done, in order."""
    await seal_now(district.store)
    found = await Event.filter(type="core.retention_applied").order_by("sequence")
    values = await payloads(found, district.event_types)
    done = [values[event.id] for event in found]
    return [one.model_dump(include={"rule", "action", "rows", "kept_for"}) for one in done if one is not None]


async def batches(district: District, rule: RetentionRule, most: int) -> list[int]:
    """How many rows each batch had, until nothing is left."""

    async def batch(_unit: UnitOfWork) -> int:
        return await carry_out_batch(due(rule, district.settings, district.zone), most)

    done = []
    while rows := await transact(batch):
        done.append(rows)
    return done


async def test_what_was_kept_long_enough_goes_at_night_and_an_event_says_so(
    inside: District, clock: FrozenClock
) -> None:
    await transact(partial(asked, clock.now()))
    await transact(partial(asked, clock.now()))
    sweeper = Sweeper(inside)
    await sweeper.catch_up()
    await sweeper.catch_up()
    (waiting,) = await Timer.filter(done_at=None)
    assert (waiting.kind, waiting.due_at) == ("core.retention", NIGHT)
    await Sweepers([inside]).advance(NIGHT + timedelta(days=6))
    assert (await Request.all().count(), await told(inside)) == (2, [])
    await Sweepers([inside]).advance(NIGHT + timedelta(days=7))
    assert await Request.all().count() == 0
    done = {"rule": "core.requests", "action": "DELETED", "rows": 2, "kept_for": "7 days"}
    assert await told(inside) == [done]
    await Sweepers([inside]).advance(NIGHT + timedelta(days=9))
    assert await told(inside) == [done]
    (waiting,) = await Timer.filter(done_at=None)
    assert waiting.due_at == NIGHT + timedelta(days=10)
    assert (await verify()).ok


async def test_rows_go_in_batches_with_all_that_hangs_on_them(inside: District, clock: FrozenClock) -> None:
    await sessions(clock, None, 5)
    clock.advance(clock.now() + timedelta(days=180))
    kept = await sessions(clock, None, 1)
    rule = named("core.sessions")
    assert await batches(inside, rule, 2) == []
    clock.advance(clock.now() + timedelta(days=5))
    assert await batches(inside, rule, 2) == [2, 2, 1]
    assert await batches(inside, rule, 2) == []
    assert [one.id for one in await AccountSession.all()] == kept
    assert [one.session_id for one in await RefreshToken.all()] == kept
    assert [one.session_id for one in await Token.all()] == kept
    assert [(one["rule"], one["rows"]) for one in await told(inside)] == [("core.sessions", rows) for rows in (2, 2, 1)]


async def test_rows_of_whoever_waits_for_an_answer_stay_until_it_is_given(
    inside: District, tree: Tree, clock: FrozenClock
) -> None:
    await sessions(clock, tree.resident, 1)
    await sessions(clock, tree.neighbour, 1)
    await sessions(clock, None, 1)
    clock.advance(clock.now() + timedelta(days=200))
    filed = await transact(lambda _unit: requests.request_erasure(tree.resident, "moved away"))
    rule = named("core.sessions")
    assert await count(due(rule, inside.settings, inside.zone)) == 2
    assert await batches(inside, rule, 10) == [2]
    await transact(lambda _unit: requests.refuse(filed, Viewer(account_id=uuid4()), "still needed"))
    assert await batches(inside, rule, 10) == [1]
    clock.advance(clock.now() + timedelta(days=3 * 366))
    answered = named("core.person_requests")
    assert await batches(inside, answered, 10) == [1]
    assert await batches(inside, answered, 10) == []
    await filed.refresh_from_db()
    assert (filed.state, filed.reason, filed.answer) == ("REFUSED", None, None)
    assert filed.decided_at is not None


@pytest.mark.linli(settings={"core": {"retention": {"core": {"sessions": "1 year", "sign_in_tries": "2 days"}}}})
async def test_an_operator_may_keep_things_longer(inside: District, clock: FrozenClock) -> None:
    await sessions(clock, None, 1)
    async with unit_of_work():
        await SignInTry.create(key="k", tries=1, since=clock.now())
    clock.advance(clock.now() + timedelta(days=364))
    assert await batches(inside, named("core.sessions"), 10) == []
    assert await batches(inside, named("core.sign_in_tries"), 10) == [1]
    clock.advance(clock.now() + timedelta(days=2))
    assert await batches(inside, named("core.sessions"), 10) == [1]
    assert [one["kept_for"] for one in await told(inside)] == ["2 days", "1 year"]


async def test_a_rule_that_fails_keeps_no_other_from_its_turn(
    inside: District, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RetentionRule(
        "core.broken", Person, "created_at", "1 day", "1 day", "1 day", "Broken on purpose. 测试。",
        rows=lambda: Q(name=RawSQL("no_such_function(1)")),
    )  # fmt: skip
    monkeypatch.setattr(retention, "CORE_RETENTION", (broken, *retention.CORE_RETENTION))
    await transact(partial(asked, clock.now() - timedelta(days=8)))
    await Sweeper(inside).catch_up()
    with capture_logs() as logs:
        await Sweepers([inside]).advance(NIGHT)
    assert await Request.all().count() == 0
    (waiting,) = await Timer.filter(done_at=None, kind="core.retention_rule")
    assert waiting.subject_id == broken.id
    failures = [line for line in logs if line["log_level"] == "error"]
    assert {line["event"] for line in failures} == {"retention_rule_failed", "timer_failed"}
    assert failures[0]["rule"] == "core.broken"


async def test_timers_that_were_carried_out_go_and_those_that_wait_stay(inside: District, clock: FrozenClock) -> None:
    async def plan(kinds: Sequence[str], _unit: UnitOfWork) -> None:
        for kind in kinds:
            await timers.schedule(kind, uuid4(), clock.now())

    await transact(partial(plan, ("test.rings", "test.waits")))
    async with unit_of_work():
        await Timer.filter(kind="test.rings").update(done_at=clock.now())
    clock.advance(clock.now() + timedelta(days=31))
    assert await batches(inside, named("core.timers"), 10) == [1]
    assert [timer.kind for timer in await Timer.all()] == ["test.waits"]
