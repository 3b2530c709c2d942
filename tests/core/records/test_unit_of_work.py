from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest
import structlog
from tortoise.exceptions import IntegrityError, OperationalError

from linli.core.graph.models import OrgNode
from linli.core.records.store import Store, StoreBusyError, WriteOutsideUnitOfWorkError, scope
from linli.core.records.unit_of_work import (
    ATTEMPTS,
    NestedUnitOfWorkError,
    UnitOfWork,
    current_client,
    current_unit,
    transact,
    unit_of_work,
)

if TYPE_CHECKING:
    from tests.core.conftest import Stores


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def nothing(_: UnitOfWork) -> None:
    pass


async def enter_another_unit() -> None:
    async with unit_of_work():
        pytest.fail("entered")


async def test_what_is_written_in_a_unit_is_there_after_it(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            await OrgNode.create(kind="DISTRICT", name="岳阳楼区", name_key="yueyanglouqu", path="a/", depth=0)
        assert await OrgNode.all().count() == 1


async def test_what_is_written_in_a_unit_is_seen_in_it_and_by_others_after_it(store: Store) -> None:
    written, seen = asyncio.Event(), asyncio.Event()

    async def look() -> list[str]:
        await written.wait()
        found = await names()
        seen.set()
        return found

    with scope(store):
        looking = asyncio.create_task(look())
        await asyncio.sleep(0)
        async with unit_of_work():
            await add("a")
            assert await names() == ["a"]
            written.set()
            await asyncio.wait_for(seen.wait(), 5)
        assert await looking == []
        assert await names() == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
async def test_a_unit_that_raises_leaves_nothing(stores: Stores, store: Store, error: type[BaseException]) -> None:
    async def work() -> None:
        async with unit_of_work():
            await add("a")
            raise error

    with scope(store):
        with pytest.raises(error):
            await work()
        assert await names() == []
    await stores.still_works(store)


async def test_units_do_not_nest(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            await add("a")
            with pytest.raises(NestedUnitOfWorkError):
                await enter_another_unit()
            with pytest.raises(NestedUnitOfWorkError):
                await transact(nothing)
            with pytest.raises(NestedUnitOfWorkError):
                await asyncio.gather(enter_another_unit())
        assert await names() == ["a"]


async def test_units_of_one_district_take_turns_or_run_side_by_side_and_all_are_kept(store: Store) -> None:
    async def work(number: int) -> None:
        async with unit_of_work():
            await add(f"{number:02}")
            await asyncio.sleep(0)

    with scope(store):
        await asyncio.wait_for(asyncio.gather(*(work(number) for number in range(30))), 20)
        assert await names() == [f"{number:02}" for number in range(30)]


async def test_work_before_the_commit_is_part_of_the_unit(store: Store) -> None:
    with scope(store):
        async with unit_of_work() as unit:

            async def first() -> None:
                assert current_unit() is unit
                await add("first")
                unit.before_commit.append(lambda: add("last"))

            unit.before_commit.append(first)
        assert await names() == ["first", "last"]


async def test_work_before_the_commit_can_undo_the_unit(stores: Stores, store: Store) -> None:
    async def veto() -> None:
        raise PermissionError

    async def work(unit: UnitOfWork) -> None:
        unit.before_commit.append(veto)
        await add("a")

    with scope(store):
        with pytest.raises(PermissionError):
            await transact(work)
        assert await names() == []
    await stores.still_works(store)


async def test_who_waits_for_the_commit_is_told_after_it_and_only_then(store: Store) -> None:
    told: list[str] = []

    async def fail(unit: UnitOfWork) -> None:
        unit.after_commit.append(lambda: told.append("failed"))
        raise ZeroDivisionError

    with scope(store):
        async with unit_of_work() as unit:
            unit.after_commit.append(lambda: told.append("over" if unit.over else "open"))
            await add("a")
            assert told == []
        assert told == ["over"]
        with pytest.raises(ZeroDivisionError):
            await transact(fail)
    assert told == ["over"]


async def test_who_fails_when_told_of_a_commit_stops_nobody_and_repeats_nothing(store: Store) -> None:
    told: list[str] = []

    def fail() -> None:
        raise StoreBusyError("in itself a reason to try again")

    async def work(unit: UnitOfWork) -> None:
        unit.after_commit.extend([fail, lambda: told.append("told")])
        await add("a")

    with scope(store), structlog.testing.capture_logs() as logs:
        await transact(work)
        assert await names() == ["a"]
    assert told == ["told"]
    assert [entry["event"] for entry in logs] == ["after_commit_failed"]


async def test_the_current_unit_knows_its_actor_and_is_demanded_by_services(store: Store) -> None:
    actor = uuid.uuid4()
    with scope(store):
        async with unit_of_work(actor) as unit:
            assert current_unit() is unit
            assert unit.actor_id == actor
            assert unit.store is store
            assert current_client() is unit.client
        async with unit_of_work() as another:
            assert another.actor_id is None
            assert another.id != unit.id
        assert current_client() is store.reader
        with pytest.raises(WriteOutsideUnitOfWorkError, match="unit_of_work"):
            current_unit()


async def test_work_is_done_anew_after_a_passing_error(stores: Stores, store: Store) -> None:
    attempts: list[UnitOfWork] = []

    async def succeed_at_last(unit: UnitOfWork) -> str:
        attempts.append(unit)
        await add("a")
        if len(attempts) < ATTEMPTS:
            raise StoreBusyError
        return "done"

    with scope(store):
        assert await transact(succeed_at_last, uuid.UUID(int=7)) == "done"
        assert await names() == ["a"]
    assert len({unit.id for unit in attempts}) == ATTEMPTS
    assert {unit.actor_id for unit in attempts} == {uuid.UUID(int=7)}
    await stores.still_works(store)


async def test_work_is_given_up_after_a_bounded_number_of_times(store: Store) -> None:
    attempts: list[UnitOfWork] = []

    async def never_succeed(unit: UnitOfWork) -> None:
        attempts.append(unit)
        raise StoreBusyError

    with scope(store), pytest.raises(StoreBusyError):
        await transact(never_succeed)
    assert len(attempts) == ATTEMPTS


@pytest.mark.parametrize("error", [ValueError, IntegrityError, OperationalError, asyncio.CancelledError, TimeoutError])
async def test_work_is_not_done_anew_after_any_other_error(store: Store, error: type[BaseException]) -> None:
    attempts: list[UnitOfWork] = []

    async def fail(unit: UnitOfWork) -> None:
        attempts.append(unit)
        raise error("for good")

    with scope(store), pytest.raises(error):
        await transact(fail)
    assert len(attempts) == 1
