"""What units of work have in common on both engines: one statement at a time, savepoints, and a certain end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from types import TracebackType
from typing import Any, NoReturn, Self

from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient, TransactionContext
from tortoise.connection import get_connections

from . import tally
from .store import TransactionFailedError, TransactionFinishedError, settle
from .watching import is_watched


class UnitState:
    """What a unit's client and the clients of its savepoints share."""

    def __init__(self) -> None:
        self.statement = asyncio.Lock()
        self.over = False
        self.failure: BaseException | None = None
        self.watched = False
        """Whether something was changed that others keep in mind."""
        self.savepoint_names = (f"linli_{number}" for number in count(1))


class UnitClient(TransactionalDBClient):
    """The model queries of one unit of work, or of a savepoint in it; poisoned when that ends.

    A statement that fails, or is cancelled, ends the unit on both engines (PostgreSQL would refuse what follows,
    SQLite would keep it): the error may be caught around a savepoint only, that is `in_transaction()`.
    """

    _lock: asyncio.Lock

    def __init__(self, outer: BaseDBAsyncClient, state: UnitState) -> None:
        super().__init__(outer)  # type: ignore[arg-type]  # Tortoise's wrappers are made from the client they wrap
        self.state = state

    def inner(self) -> Self:
        """A client for a savepoint inside this one."""
        return type(self)(self, self.state)

    def acquire_connection(self) -> _Statement:  # type: ignore[override]  # the same protocol
        return _Statement(self)

    def note(self, statement: str) -> None:
        """Look whether a statement changes what others keep in mind."""
        if not self.state.watched and is_watched(statement):
            self.state.watched = True

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        self.note(query)
        return await super().execute_insert(query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        self.note(query)
        await super().execute_many(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        self.note(query)
        return await super().execute_query(query, values)

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        self.note(query)
        return await super().execute_query_dict(query, values)

    def check(self) -> None:
        """Raise when this client may not be used any more."""
        if self._finalized or self.state.over:
            raise TransactionFinishedError("this unit of work is over; start tasks with `spawn()`")
        if self.state.failure is not None:
            raise TransactionFailedError("a statement of this unit of work failed") from self.state.failure

    @abstractmethod
    def is_open(self) -> bool:
        """Whether the connection still is in the transaction, as far as it knows."""

    async def send(self, statement: str) -> None:
        """Carry out a statement that has no values and no rows."""
        async with self.acquire_connection() as connection:
            await connection.execute(statement)

    def _in_transaction(self) -> TransactionContext:
        return Savepoint(self)

    async def execute_script(self, query: str) -> NoReturn:
        """Refused: SQLite's driver would commit the unit first."""
        raise NotImplementedError("a unit of work takes one statement per call")

    async def _refuse(self) -> NoReturn:
        raise NotImplementedError("a unit of work begins and ends by itself; a savepoint is `in_transaction()`")

    begin = commit = rollback = savepoint = savepoint_rollback = release_savepoint = _refuse


class _Statement:
    """Lends the unit's connection for one statement, and looks after the wait whether the unit is still open."""

    __slots__ = ("_began", "_client")

    def __init__(self, client: UnitClient) -> None:
        self._client = client

    async def __aenter__(self) -> Any:
        self._began = tally.begin()
        await self._client._lock.acquire()
        try:
            await self._client.state.statement.acquire()
        except BaseException:
            self._client._lock.release()
            raise
        try:
            self._client.check()
        except BaseException:
            self._release()
            raise
        return self._client._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                self._client.state.failure = error
            elif not self._client.is_open():
                self._client.state.failure = TransactionFailedError("a statement ended the unit of work from inside")
        finally:
            self._release()

    def _release(self) -> None:
        tally.count(self._began)
        self._client.state.statement.release()
        self._client._lock.release()


class Savepoint(TransactionContext):
    """A part of a unit that can be undone by itself. The outer client waits until it ends."""

    client: UnitClient

    def __init__(self, outer: UnitClient) -> None:
        self._outer = outer
        self.client = outer.inner()
        self._name = next(outer.state.savepoint_names)

    async def __aenter__(self) -> UnitClient:
        await self._outer._lock.acquire()
        try:
            await self.client.send(f"SAVEPOINT {self._name}")
        except BaseException:
            self._outer._lock.release()
            raise
        self._token = get_connections().set(self.client.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        failure = self.client.state.failure if error is None else error
        try:
            if failure is None:
                await self.client.send(f"RELEASE SAVEPOINT {self._name}")
            elif not self.client.state.over:
                self.client.state.failure = None
                await self.client.send(f"ROLLBACK TO SAVEPOINT {self._name}")
        finally:
            self.client._finalized = True
            get_connections().reset(self._token)
            self._outer._lock.release()
        if error is None and failure is not None:
            raise TransactionFailedError("a statement of this savepoint failed") from failure


class UnitTransaction(ABC):
    """A transaction that ends exactly once, even when its task is cancelled, and gives back what it held."""

    client: UnitClient
    committed: bool = False

    async def commit(self) -> None:
        """Keep what was written, or undo it and raise what stands against it."""
        await settle(self._end(self._keep))

    async def rollback(self) -> None:
        """Undo what was written."""
        await settle(self._end(self._undo))

    async def _end(self, how: Callable[[], Awaitable[None]]) -> None:
        self.client.state.over = True
        async with self.client.state.statement:  # what a stray task has under way is finished first
            try:
                await how()
            finally:
                await self._give_back()

    async def _keep(self) -> None:
        try:
            if self.client.state.failure is not None:
                raise TransactionFailedError("a statement of this unit failed") from self.client.state.failure
            await self._send_commit()
        except BaseException:
            await self._undo()
            raise
        self.committed = True

    @abstractmethod
    async def _send_commit(self) -> None: ...

    @abstractmethod
    async def _undo(self) -> None: ...

    @abstractmethod
    async def _give_back(self) -> None: ...
