"""What a district's database offers to the floors above, whichever engine it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.connection import get_connections
from tortoise.exceptions import BaseORMException

from ..tasks import within

if TYPE_CHECKING:
    from ..crypto.keyring import Keyring

T = TypeVar("T")
Dialect = Literal["sqlite", "postgres"]

PATIENCE_SECONDS = 30.0


class NoDistrict(RuntimeError):  # noqa: N818  names a state, in the words of whoever reads the traceback
    """A record was read or written outside `District.scope()`."""


class ScopeError(RuntimeError):
    """A district was entered, or a query of another one used, where it must not be."""


class TransactionFinishedError(RuntimeError):
    """A record was used through a unit of work that is already over: its task outlived it."""


class TransactionFailedError(RuntimeError):
    """A unit of work went on after one of its statements had failed; `__cause__` is that failure."""


class WriteOutsideUnitOfWorkError(RuntimeError):
    """A record was written outside `unit_of_work()`."""


class StoreBusyError(RuntimeError):
    """A connection, or the right to write, did not become free in time; trying again may help."""


class StoreClosedError(RuntimeError):
    """A store was used before it was opened or after it was closed."""


@dataclass(frozen=True)
class PoolUsage:
    """How many connections are open in a pool, how many of them are lent, and who waits for one; `name` is no secret.

    Districts that share a pool say so by its name.
    """

    name: str
    open: int
    in_use: int
    waiting: int


def waiters(lock: asyncio.Lock) -> int:
    """How many wait for a lock; asyncio tells only in its own attribute."""
    waiting = getattr(lock, "_waiters", None) or ()
    return sum(not waiter.done() for waiter in waiting)


class Transaction(Protocol):
    """One open transaction on a connection of its own; `committed` once that is certain."""

    committed: bool

    @property
    def client(self) -> TransactionalDBClient: ...

    async def commit(self) -> None: ...
    async def rollback(self) -> None: ...


class Store(Protocol):
    """A district's database: a client for reading and a way to begin transactions.

    `key` is the district's, from which its chain of events starts. `place` is the name of the file or schema without
    its decoration: where a file is not named after its district, chains begun by versions that knew no key start
    from that.
    """

    dialect: Dialect
    key: str
    place: str
    keyring: Keyring | None

    @property
    def reader(self) -> BaseDBAsyncClient: ...

    @property
    def usage(self) -> PoolUsage:
        """How busy the connections are in this process."""
        ...

    async def begin(self) -> Transaction: ...
    async def stamp(self) -> int:
        """How often who may do what was changed (`watching`), as of an instant after the call."""
        ...

    def is_transient(self, error: BaseException) -> bool:
        """Whether the same work may succeed when it is done again (BUSY, 40001, 40P01 ..)."""
        ...

    async def close(self) -> None: ...


_current: ContextVar[Store | None] = ContextVar("linli_store", default=None)


def current_store() -> Store:
    """The store of the district that this task has entered."""
    store = _current.get()
    if store is None:
        raise NoDistrict("no district is entered here: use `with district.scope():`")
    return store


def current_dialect() -> Dialect | None:
    """The dialect of the district that this task has entered; None where it has entered none."""
    store = _current.get()
    return None if store is None else store.dialect


@contextmanager
def scope(store: Store) -> Iterator[None]:
    """Make `store` the database of this task: every model query inside goes there.

    Raises ScopeError while a unit of work is open in this task or in the one that started it: with two districts
    in one transaction the queries of one would be answered by the other.
    """
    connections = get_connections()
    if isinstance(connections.get("default"), TransactionalDBClient):
        raise ScopeError("a district cannot be entered inside an open unit of work")
    client_token, store_token = connections.set("default", store.reader), _current.set(store)
    try:
        yield
    finally:
        _current.reset(store_token)
        connections.reset(client_token)


def check_reader(reader: BaseDBAsyncClient) -> None:
    """Raise ScopeError where a query would be answered by a reader that is not this task's.

    Tortoise's querysets keep the client that they were first awaited with: used again in another district they
    would show the first one's rows, and inside a unit of work not what the unit wrote.
    """
    if _current.get() is not None and get_connections().get("default") is not reader:
        raise ScopeError("this query was first used in another district or outside this unit of work: build it anew")


def driver_error(error: BaseException) -> BaseException:
    """What the database said, beneath the wrapping of Tortoise and of TransactionFailedError."""
    if isinstance(error, TransactionFailedError) and error.__cause__ is not None:
        return driver_error(error.__cause__)
    if isinstance(error, BaseORMException) and error.args and isinstance(error.args[0], BaseException):
        return error.args[0]
    return error


async def in_time(work: Awaitable[T], seconds: float, wanted: str) -> T:
    """Await `work`; raises StoreBusyError when it takes longer than `seconds`."""
    try:
        return await within(work, seconds)
    except TimeoutError as error:
        raise StoreBusyError(f"{wanted} did not become free within {seconds:g} s") from error


async def settle(work: Awaitable[T]) -> T:
    """Await `work` to its end even when this task is cancelled meanwhile; then let the cancellation go on.

    Beginning, committing and rolling back must not be left half done: nobody would know who holds the lock.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # marks it as seen; the cancellation is what the caller gets
        raise
