from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from linli.core.graph.models import OrgNode
from linli.core.records.store import Store, TransactionFailedError, TransactionFinishedError, scope
from linli.core.records.unit_of_work import UnitOfWork, current_client, current_unit, transact, unit_of_work

if TYPE_CHECKING:
    from tests.core.conftest import Stores

Step = Callable[[], Awaitable[Any]]


async def add(name: str) -> None:
    await OrgNode.create(kind="GRID", name=name, name_key=name, path=f"{name}/", depth=0)


async def names() -> list[str]:
    return [str(name) for name in await OrgNode.all().order_by("path").values_list("name", flat=True)]


async def in_unit(*steps: Step) -> None:
    async with unit_of_work():
        for step in steps:
            await step()


async def in_savepoint(*steps: Step) -> None:
    async with in_transaction():
        for step in steps:
            await step()


async def fail() -> None:
    raise ZeroDivisionError


async def add_twice_and_carry_on() -> None:
    await add("twice")
    with pytest.raises(IntegrityError):
        await add("twice")


async def remember() -> None:
    current_unit().after_commit.append(lambda: None)


async def nothing(_: UnitOfWork) -> None:
    pass


@pytest.mark.parametrize(
    "use",
    [
        lambda: add("late"),
        OrgNode.all,
        lambda: OrgNode.all().count(),
        lambda: OrgNode.all().delete(),
        lambda: OrgNode.bulk_create([OrgNode(kind="GRID", name="late", name_key="late", path="late/", depth=0)]),
        lambda: OrgNode.get_or_create({"kind": "GRID", "name_key": "", "depth": 0, "path": "late/"}, name="late"),
        lambda: current_client().execute_query("DELETE FROM core_org_node"),
        lambda: in_savepoint(lambda: add("late")),
        in_unit,
        lambda: transact(nothing),
        remember,
    ],
)
async def test_a_task_that_outlives_its_unit_is_told_so_whatever_it_does(store: Store, use: Step) -> None:
    over = asyncio.Event()

    async def late() -> None:
        await over.wait()
        await use()

    with scope(store):
        async with unit_of_work():
            await add("a")
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        async with unit_of_work():  # the connection is in use again, by somebody else
            over.set()
            with pytest.raises(TransactionFinishedError, match="spawn"):
                await task
            await add("b")
        assert await names() == ["a", "b"]


async def test_a_statement_that_waits_for_its_turn_while_the_unit_ends_is_refused(stores: Stores, store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            strays = [asyncio.create_task(add(f"stray {number}")) for number in range(20)]
            await asyncio.sleep(0)
        async with unit_of_work():
            outcomes = await asyncio.gather(*strays, return_exceptions=True)
            await add("mine")
        refused = [outcome for outcome in outcomes if outcome is not None]
        assert {type(outcome) for outcome in refused} == {TransactionFinishedError}
        assert len(refused) >= 19  # one may have been under way when the unit ended
        assert len(await names()) == 1 + len(outcomes) - len(refused)
    await stores.still_works(store)


async def test_a_task_in_a_savepoint_that_outlives_its_unit_is_told_so_and_holds_nobody_up(store: Store) -> None:
    inside, over = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        inside.set()
        await over.wait()

    with scope(store):
        async with unit_of_work():
            task = asyncio.create_task(in_savepoint(lambda: add("early"), wait, lambda: add("late")))
            await inside.wait()
        async with unit_of_work():
            over.set()
            with pytest.raises(TransactionFinishedError):
                await task
            await add("a")
        assert await names() == ["a", "early"]


async def test_a_task_cancelled_in_a_savepoint_after_the_end_of_its_unit_stays_cancelled(store: Store) -> None:
    inside = asyncio.Event()

    async def wait() -> None:
        inside.set()
        await asyncio.Event().wait()

    with scope(store):
        async with unit_of_work():
            task = asyncio.create_task(in_savepoint(wait))
            await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_savepoint_that_is_over_takes_nothing_more(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            async with in_transaction() as savepoint:
                await add("a")
            with pytest.raises(TransactionFinishedError):
                await savepoint.execute_query("DELETE FROM core_org_node")
            await add("b")
        assert await names() == ["a", "b"]


async def test_tasks_gathered_in_a_unit_write_together(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            await asyncio.gather(*(add(f"{number:02}") for number in range(20)), *(names() for _ in range(20)))
        assert await names() == [f"{number:02}" for number in range(20)]


async def test_savepoints_of_gathered_tasks_do_not_undo_each_other(store: Store) -> None:
    async def attempt(number: int) -> None:
        steps: list[Step] = [lambda: add(f"{number}"), lambda: asyncio.sleep(0.001 * (5 - number))]
        await in_savepoint(*steps, *([fail] if number % 2 else []))

    with scope(store):
        async with unit_of_work():
            await asyncio.gather(*(attempt(number) for number in range(5)), return_exceptions=True)
            assert await names() == ["0", "2", "4"]
        assert await names() == ["0", "2", "4"]


async def test_savepoints_nest(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            async with in_transaction():
                await add("x")
                with pytest.raises(ZeroDivisionError):
                    await in_savepoint(lambda: add("y"), fail)
                assert await names() == ["x"]
            with pytest.raises(ZeroDivisionError):
                await in_savepoint(lambda: in_savepoint(lambda: add("z")), fail)
            await add("a")
        assert await names() == ["a", "x"]


async def test_an_error_caught_around_a_savepoint_does_not_end_the_unit(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            await add("a")
            with pytest.raises(IntegrityError):
                await in_savepoint(lambda: add("b"), lambda: add("a"))
            assert await names() == ["a"]
            await add("c")
        assert await names() == ["a", "c"]


async def test_an_error_caught_inside_a_savepoint_undoes_the_savepoint(store: Store) -> None:
    with scope(store):
        async with unit_of_work():
            await add("a")
            with pytest.raises(TransactionFailedError) as refused:
                await in_savepoint(lambda: add("b"), add_twice_and_carry_on)
            assert refused.value.__cause__ is not None
            await add("c")
        assert await names() == ["a", "c"]


@pytest.mark.parametrize("after", [(), (names,), (lambda: add("b"),), (lambda: in_savepoint(names),)])
async def test_a_unit_that_goes_on_after_a_failed_statement_is_refused(
    stores: Stores, store: Store, after: tuple[Step, ...]
) -> None:
    with scope(store):
        with pytest.raises(TransactionFailedError, match="failed") as refused:
            await in_unit(lambda: add("a"), add_twice_and_carry_on, *after)
        assert refused.value.__cause__ is not None
        assert await names() == []
    await stores.still_works(store)


async def test_a_unit_that_goes_on_after_a_cancelled_statement_is_refused(stores: Stores, store: Store) -> None:
    async def be_cancelled() -> None:
        task = asyncio.create_task(add("b"))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    with scope(store):
        with pytest.raises(TransactionFailedError):
            await in_unit(lambda: add("a"), be_cancelled)
        assert await names() == []
    await stores.still_works(store)


async def test_a_failing_statement_keeps_its_error_when_the_unit_is_undone(stores: Stores, store: Store) -> None:
    with scope(store), pytest.raises(IntegrityError):
        await in_unit(lambda: add("a"), lambda: add("a"))
    await stores.still_works(store)


CHILDREN = """
    CREATE TABLE parent (id int PRIMARY KEY);
    CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
"""


async def test_a_commit_that_fails_raises_undoes_and_lets_go(stores: Stores) -> None:
    store = await stores.make()
    await stores.outside(store, CHILDREN)
    told: list[str] = []

    async def work(unit: UnitOfWork) -> None:
        unit.after_commit.append(lambda: told.append("committed"))
        await add("a")
        await current_client().execute_query("INSERT INTO child VALUES (1, 7)")

    with scope(store):
        with pytest.raises(IntegrityError):
            await transact(work)
        assert await names() == []
    assert told == []
    await stores.still_works(store)


@pytest.mark.parametrize("statement", ["COMMIT", "ROLLBACK"])
async def test_a_unit_ended_by_a_statement_does_not_pretend_to_succeed(
    stores: Stores, store: Store, statement: str
) -> None:
    with scope(store):
        with pytest.raises(TransactionFailedError):
            await in_unit(lambda: current_client().execute_query(statement), lambda: add("a"))
        with pytest.raises(TransactionFailedError):
            await in_unit(lambda: current_client().execute_query(statement))
        assert await names() == []
    await stores.still_works(store)


@pytest.mark.parametrize("end", ["commit", "rollback", "begin", "savepoint", "release_savepoint"])
async def test_a_unit_cannot_be_ended_through_its_client(store: Store, end: str) -> None:
    with scope(store):
        async with unit_of_work() as unit:
            await add("a")
            with pytest.raises(NotImplementedError, match="by itself"):
                await getattr(unit.client, end)()
        assert await names() == ["a"]


async def test_a_script_is_refused_in_a_unit_since_it_would_commit_it(store: Store) -> None:
    with scope(store):
        with pytest.raises(NotImplementedError, match="one statement"):
            await in_unit(lambda: add("a"), lambda: current_client().execute_script("SELECT 1; SELECT 2"))
        assert await names() == []


async def test_tortoises_own_transactions_are_savepoints_in_a_unit(store: Store) -> None:
    defaults = {"kind": "GRID", "name_key": "", "depth": 0, "path": "a/"}
    with scope(store):
        async with unit_of_work():
            assert (await OrgNode.get_or_create(defaults, name="a"))[1]
            assert not (await OrgNode.get_or_create(defaults, name="a"))[1]
            assert not (await OrgNode.update_or_create({"name": "b"}, path="a/"))[1]
            with pytest.raises(IntegrityError):
                await OrgNode.get_or_create(defaults, name="c")
            await OrgNode.bulk_create(
                [OrgNode(kind="GRID", name=f"{number}", name_key="", path=f"{number}/", depth=0) for number in (1, 2)],
                batch_size=1,
            )
            assert await names() == ["1", "2", "b"]
        with pytest.raises(ZeroDivisionError):
            await in_unit(lambda: OrgNode.update_or_create({"name": "c"}, path="a/"), fail)
        assert await names() == ["1", "2", "b"]
