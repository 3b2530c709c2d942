"""The only door to writing: one transaction, its events, and what is to happen after the commit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TypeVar
from uuid import UUID

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connections

from .. import tracing
from . import together, watching
from .record import new_id
from .store import Store, TransactionFinishedError, WriteOutsideUnitOfWorkError, current_store

T = TypeVar("T")
log = structlog.get_logger(__name__)

ATTEMPTS = 5


class NestedUnitOfWorkError(RuntimeError):
    """A unit of work was begun inside another: one root mutation field is one transaction."""


class UnitOfWork:
    """An open transaction: its id, who acts in it, its client, and what waits for its end.

    `before_commit` is awaited inside the transaction and may undo it by raising. `closing` are changes that go with
    whatever is written last. `after_commit` is told of a commit that is certain; a failure there is logged and undoes
    nothing.
    """

    def __init__(self, store: Store, client: TransactionalDBClient, actor_id: UUID | None) -> None:
        self.id: UUID = new_id()
        self.actor_id = actor_id
        self.store = store
        self.client = client
        self.over = False
        self.before_commit: list[Callable[[], Awaitable[None]]] = []
        self.closing: list[together.Change] = []
        self.after_commit: list[Callable[[], None]] = []

    async def write(self, *changes: together.Change) -> None:
        """Make changes together with those that wait for it."""
        closing, self.closing = self.closing, []
        await together.carry_out(self.client, self.store.dialect, [*changes, *closing])

    async def close(self) -> None:
        """Make the changes that are still to be made; to be called once, before the commit."""
        await self.write()
        state = getattr(self.client, "state", None)  # a migrator's session has none
        if state is not None and state.watched:
            await self.write(watching.counted(self.store.dialect))


_active: ContextVar[UnitOfWork | None] = ContextVar("linli_unit_of_work", default=None)


def _open_unit() -> UnitOfWork | None:
    unit = _active.get()
    if unit is not None and unit.over:
        raise TransactionFinishedError("this unit of work is over; start tasks with `spawn()`")
    return unit


def current_unit() -> UnitOfWork:
    """The unit of work that this code runs in; services that write call it and so demand one.

    Raises WriteOutsideUnitOfWorkError without one, TransactionFinishedError in a task that outlived it.
    """
    unit = _open_unit()
    if unit is None:
        raise WriteOutsideUnitOfWorkError("this writes and must run inside `async with unit_of_work():`")
    return unit


def in_unit() -> bool:
    """Whether this code runs in a unit of work, where what it reads may be held until the commit."""
    return _open_unit() is not None


def act_as(account_id: UUID | None) -> None:
    """Let the events that follow in this unit of work name another actor: who signs in is known by signing in."""
    current_unit().actor_id = account_id


def current_client() -> BaseDBAsyncClient:
    """The client of the unit of work, or the district's reader outside of one. For statements written by hand."""
    return get_connections().get("default")


@asynccontextmanager
async def unit_of_work(actor_id: UUID | None = None) -> AsyncIterator[UnitOfWork]:
    """Everything written inside is kept together or not at all; its events name `actor_id`, an account.

    Raises NestedUnitOfWorkError inside another unit, TransactionFailedError when it goes on to its end although a
    statement failed, and what the store raises when it cannot begin or commit. Cancelled while it commits, it is
    committed or undone entirely.
    """
    if _open_unit() is not None:
        raise NestedUnitOfWorkError("a unit of work is open already")
    store = current_store()
    with tracing.span("unit of work", **{"linli.district": store.key}) as span:
        async with _unit(store, actor_id) as unit:
            yield unit
        span.set(**{"linli.committed": True})


@asynccontextmanager
async def _unit(store: Store, actor_id: UUID | None) -> AsyncIterator[UnitOfWork]:
    transaction = await store.begin()
    connections = get_connections()
    token = connections.set("default", transaction.client)
    unit = UnitOfWork(store, transaction.client, actor_id)
    active = _active.set(unit)
    try:
        yield unit
        for work in unit.before_commit:
            await work()
        await unit.close()
    except BaseException:
        unit.over = True
        await transaction.rollback()
        raise
    else:
        unit.over = True
        await transaction.commit()
    finally:
        _active.reset(active)
        connections.reset(token)
        if transaction.committed:
            _tell(unit)


def _tell(unit: UnitOfWork) -> None:
    for tell in unit.after_commit:
        try:
            tell()
        except Exception as error:
            log.error("after_commit_failed", transaction_id=str(unit.id), exc_info=error)


async def transact(work: Callable[[UnitOfWork], Awaitable[T]], actor_id: UUID | None = None) -> T:
    """Do `work` in a unit of work, anew when the store says that trying again may help, ATTEMPTS times at most."""
    store = current_store()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with unit_of_work(actor_id) as unit:
                return await work(unit)
        except Exception as error:
            if attempt == ATTEMPTS or not store.is_transient(error):
                raise
        await asyncio.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)  # noqa: S311  spreads the rivals
    raise AssertionError
