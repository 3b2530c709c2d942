"""Long jobs: done step by step, once in effect, whatever fails; taken over, given up, called off."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from linli.core import clock as clocks
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.errors import InvalidTransitionError, RejectedError, text
from linli.core.jobs import asking, leases, runner
from linli.core.jobs.job_kinds import JobKind
from linli.core.jobs.models import Job, JobState
from linli.core.jobs.runner import Runner
from linli.core.jobs.runs import Run
from linli.core.people.models import Person
from linli.core.records.event_types import Internal, Personal
from linli.core.records.events import history
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from tests.core.jobs.conftest import one_engine
from tests.core.jobs.counting import STEPS, Counting, asked, counting, job_of, left, slowly


def working(district: District, *kinds: JobKind) -> Runner:
    return Runner(district, {kind.name: kind for kind in kinds})


async def test_a_job_is_done_step_by_step_and_says_so(district: District) -> None:
    kind = counting()
    job = await asked(district, kind)
    assert (job.state, job.done) == ("QUEUED", 0)
    assert await working(district, kind).drain() == 1
    done = await job_of(district, job)
    assert (done.state, done.done, done.total, done.failure) == ("DONE", STEPS, STEPS, None)
    assert done.message is not None
    assert done.message["params"] == {"count": str(STEPS)}
    assert done.ended_at is not None
    assert await left(district) == list(range(STEPS))
    await seal_now(district.store)
    with district.scope():
        assert [event.type for event in await history(job.id)] == ["core.job_asked", "core.job_ended"]


async def test_after_a_failure_it_goes_on_from_the_last_step_and_does_none_twice(
    district: District, clock: FrozenClock
) -> None:
    failed = set[int]()

    async def now_and_then(_run: Run, place: int) -> None:
        if place % 5 == 4 and place not in failed:
            failed.add(place)
            raise ArithmeticError("broken on purpose")

    kind = counting(now_and_then, attempts=2)
    job = await asked(district, kind)
    at_work = working(district, kind)
    while (await job_of(district, job)).state != "DONE":
        assert await at_work.drain() == 1
        clock.advance(clock.now() + timedelta(seconds=61))
    assert len(failed) == 2
    assert await left(district) == list(range(STEPS))


async def test_what_a_step_wrote_goes_with_it_when_it_fails(district: District, clock: FrozenClock) -> None:
    times = 0

    async def work(run: Run) -> None:
        async def break_off(_unit: object) -> None:
            nonlocal times
            await Person.create(name="x 1", name_key="")
            run.note(7, cursor={"done": 7})
            times += 1
            raise ArithmeticError("broken on purpose")

        await run.step(break_off)

    kind = JobKind("test.break", text("Breaking"), Counting, work, "core.delivery.write", "Breaks.", attempts=3)
    job, at_work = await asked(district, kind), working(district, kind)
    for _ in range(5):
        await at_work.drain()
        clock.advance(clock.now() + timedelta(seconds=61))
    given_up = await job_of(district, job)
    assert (given_up.state, given_up.failure, given_up.done, given_up.cursor) == ("FAILED", "INTERNAL_ERROR", 0, {})
    assert times == 3
    assert await left(district) == []


@one_engine
async def test_a_refusal_ends_it_at_once_with_its_code_and_its_kind_tidies_up(district: District) -> None:
    tidied: list[str] = []

    async def refuse(_run: Run, place: int) -> None:
        if place == 3:
            raise RejectedError(text("No more"), code="NO_MORE")

    async def tidy(_district: District, job: Job) -> None:
        tidied.append(f"{job.state} {job.failure} {job.done}")

    kind = counting(refuse, ended=tidy)
    job, at_work = await asked(district, kind), working(district, kind)
    district.job_kinds  # noqa: B018  as a server has it
    district.__dict__["job_kinds"] = {kind.name: kind}
    assert await at_work.drain() == 1
    assert ((await job_of(district, job)).state, tidied) == ("FAILED", ["FAILED NO_MORE 3"])


async def test_one_that_is_called_off_stops_and_what_it_wrote_stays(district: District) -> None:
    reached = asyncio.Event()

    async def hang(_run: Run, place: int) -> None:
        if place == 2:
            reached.set()
            await asyncio.sleep(600)

    kind = counting(hang)
    district.__dict__["job_kinds"] = {kind.name: kind}
    job, at_work = await asked(district, kind), working(district, kind)
    at_work.start()
    async with asyncio.timeout(20):
        await reached.wait()
    with district.scope():
        await transact(lambda _unit: asking.cancel(district, job))
        with pytest.raises(InvalidTransitionError):
            await transact(lambda _unit: asking.cancel(district, job))
    async with asyncio.timeout(leases.RENEW_SECONDS + 5):
        while at_work.busy:
            await asyncio.sleep(0.05)
    await at_work.stop()
    ended = await job_of(district, job)
    assert (ended.state, ended.done) == ("CANCELLED", 2)
    assert await left(district) == [0, 1]


@one_engine
async def test_one_that_runs_to_its_end_is_not_called_off(district: District) -> None:
    kind = counting(cancellable=False)
    district.__dict__["job_kinds"] = {kind.name: kind}
    job = await asked(district, kind)
    with district.scope(), pytest.raises(RejectedError) as refused:
        await transact(lambda _unit: asking.cancel(district, job))
    assert refused.value.code == "NOT_CANCELLABLE"


async def test_a_runner_that_lost_its_job_writes_nothing_more_of_it(district: District) -> None:
    async def taken_over(run: Run, place: int) -> None:
        if place == 2 and run.job.attempts == 1:
            await transact(lambda _unit: Job.filter(id=run.job.id).update(runner=uuid4()))

    kind = counting(taken_over)
    await asked(district, kind)
    await working(district, kind).drain()
    assert await left(district) == [0, 1]


async def test_a_runner_that_stops_leaves_its_job_to_the_next_one_at_once(district: District) -> None:
    kind = counting(slowly)
    job, first = await asked(district, kind), working(district, kind)
    first.start()
    async with asyncio.timeout(20):
        while (await job_of(district, job)).done < 2:
            await asyncio.sleep(0.02)
    await first.stop()
    left_there = await job_of(district, job)
    assert (left_there.state, left_there.runner, left_there.attempts) == ("RUNNING", None, 0)
    assert await working(district, kind).drain() == 1
    assert await left(district) == list(range(STEPS))


@one_engine
async def test_one_that_never_comes_further_is_given_up_though_nobody_lives_to_say_why(district: District) -> None:
    kind = counting(attempts=3)
    job = await asked(district, kind)
    with district.scope():
        await transact(lambda _unit: Job.filter(id=job.id).update(attempts=3))
    await working(district, kind).drain()
    given_up = await job_of(district, job)
    assert (given_up.state, given_up.failure, await left(district)) == ("FAILED", "INTERNAL_ERROR", [])


@one_engine
async def test_jobs_of_a_plugin_that_is_off_wait_and_a_lease_of_a_clock_that_ran_ahead_counts_not(
    district: District,
) -> None:
    kind = counting()
    job = await asked(district, kind)
    assert await working(district).drain() == 0
    ahead = clocks.now() + timedelta(days=400)
    with district.scope():
        await transact(lambda _unit: Job.filter(id=job.id).update(state="RUNNING", runner=uuid4(), leased_until=ahead))
    assert await working(district, kind).drain() == 1
    assert (await job_of(district, job)).state == JobState.DONE


@one_engine
async def test_how_far_a_job_is_is_written_seldom(district: District) -> None:
    written = 0

    async def note_often(run: Run) -> None:
        nonlocal written
        ends, before = clocks.monotonic() + 1.2, (await job_of(district, run.job)).version
        while clocks.monotonic() < ends:
            run.note((run.job.done or 0) + 1)
            await asyncio.sleep(0.005)
        written = (await job_of(district, run.job)).version - before

    kind = JobKind("test.note", text("Noting"), Counting, note_often, "core.delivery.write", "Notes.")
    await asked(district, kind)
    await working(district, kind).drain()
    assert 1 <= written <= 3


def test_a_job_whose_process_died_is_taken_over_within_30_seconds() -> None:
    assert leases.LEASE_SECONDS + runner.POLL_SECONDS < 30
    assert leases.RENEW_SECONDS * 3 < leases.LEASE_SECONDS


def test_values_of_people_are_no_input_of_a_job_and_every_key_has_a_class() -> None:
    class Told(BaseModel):
        person_id: Internal[int]
        phone: Personal[str]

    class Unclassed(BaseModel):
        phone: str

    async def nothing(_run: Run) -> None:
        """Nothing."""

    for wrong, said in ((Told, "pass the record's id"), (Unclassed, "say its class")):
        with pytest.raises(ValueError, match=said):
            JobKind("test.told", text("Telling"), wrong, nothing, "core.delivery.write", "Tells.")


@one_engine
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(breaks=st.lists(st.integers(0, STEPS - 1), max_size=4))
async def test_wherever_it_breaks_off_every_step_is_there_once(
    district: District, clock: FrozenClock, breaks: list[int]
) -> None:
    still = list(breaks)

    async def break_off(_run: Run, place: int) -> None:
        if place in still:
            still.remove(place)
            raise OSError("broken on purpose")

    kind = counting(break_off, attempts=6)
    with district.scope():
        await transact(lambda _unit: Person.all().delete())
    job, at_work = await asked(district, kind), working(district, kind)
    while (await job_of(district, job)).state not in ("DONE", "FAILED"):
        await at_work.drain()
        clock.advance(clock.now() + timedelta(seconds=61))
    assert ((await job_of(district, job)).state, await left(district)) == ("DONE", list(range(STEPS)))
