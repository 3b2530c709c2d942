"""The server's store: one PostgreSQL schema per district over a pool that the process shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContext
from tortoise.backends.base_postgres.client import translate_exceptions

from . import tally
from .postgres_connections import (
    DistrictConnection,
    acquire,
    acquire_to_read,
    give_back,
    is_lost,
    open_pool,
    roll_back,
    usage,
)
from .rounds import Rounds
from .store import (
    PATIENCE_SECONDS,
    Dialect,
    NoDistrict,
    PoolUsage,
    ScopeError,
    StoreBusyError,
    TransactionFailedError,
    WriteOutsideUnitOfWorkError,
    check_reader,
    driver_error,
    settle,
)
from .transaction import UnitClient, UnitState, UnitTransaction
from .watching import NUMBER, glanced

if TYPE_CHECKING:
    from ..crypto.keyring import Keyring

__all__ = ["DistrictConnection", "PostgresReader", "PostgresStore", "PostgresTransaction", "open_pool"]

TRANSIENT = (
    StoreBusyError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.InvalidCachedStatementError,
)
SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class NoDistrictPostgres(AsyncpgDBClient):
    """Stands where no district is entered: knows the dialect, refuses everything."""

    def acquire_connection(self) -> NoReturn:
        raise NoDistrict("no district is entered here: use `with district.scope():`")

    def _in_transaction(self) -> NoReturn:
        self.acquire_connection()


client_class = NoDistrictPostgres


@lru_cache(maxsize=4096)
def _marked(query: str, schema: str) -> str:
    if "search_path" in query.lower():
        raise ScopeError("search_path follows the district that is entered; no statement changes it")
    return f"{query}\n/* {schema} */"


class _OfSchema(AsyncpgDBClient):
    """Marks each statement with the schema it is for.

    The drivers' prepared statements are kept by text. One prepared for another district's tables costs an analysis
    at each change of district, and inside a transaction an error when a migration made the tables differ.
    """

    district_schema: str

    def _marked(self, query: str) -> str:
        return _marked(query, self.district_schema)

    async def execute_insert(self, query: str, values: list[Any]) -> asyncpg.Record | None:
        return await super().execute_insert(self._marked(query), values)

    async def execute_many(self, query: str, values: list[Any]) -> None:
        await super().execute_many(self._marked(query), values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[dict[str, Any]]]:
        return await super().execute_query(self._marked(query), values)  # type: ignore[no-any-return]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return await super().execute_query_dict(self._marked(query), values)  # type: ignore[no-any-return]


class _Borrowed:
    """Lends a connection for one statement."""

    __slots__ = ("_began", "_client", "_connection")

    def __init__(self, client: PostgresReader) -> None:
        self._client = client

    async def __aenter__(self) -> PoolConnectionProxy:
        client = self._client
        self._began = tally.begin()
        self._connection = await acquire_to_read(client.pool, client.district_schema, client.patience)
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await give_back(self._client.pool, self._connection)
        tally.count(self._began)
        if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
            raise WriteOutsideUnitOfWorkError("write inside `async with unit_of_work():`") from error


class PostgresReader(_OfSchema):
    """Answers queries outside units of work; refuses to write."""

    def __init__(self, pool: asyncpg.Pool, schema: str, *, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(connection_name="default")
        self.pool = pool
        self.district_schema = schema
        self.patience = patience

    def acquire_connection(self) -> _Borrowed:  # type: ignore[override]  # the same protocol, our search_path
        check_reader(self)
        return _Borrowed(self)

    @translate_exceptions
    async def fetch_value(self, statement: str, values: Sequence[Any]) -> Any:
        """The first value of a statement's first row."""
        async with self.acquire_connection() as connection:
            return await connection.fetchval(self._marked(statement), *values)

    def _in_transaction(self) -> TransactionContext:
        raise WriteOutsideUnitOfWorkError("write inside `async with unit_of_work():`")

    async def execute_script(self, query: str) -> NoReturn:
        self._in_transaction()
        raise AssertionError

    async def close(self) -> None:
        """Nothing of its own is open: the pool belongs to the process."""


class PostgresTransactionClient(UnitClient, _OfSchema, TransactionWrapper):  # type: ignore[misc]  # lends the same way
    """The model queries of one unit of work; poisoned when it ends."""

    def __init__(self, outer: PostgresReader | PostgresTransactionClient, state: UnitState) -> None:
        super().__init__(outer, state)
        self.district_schema = outer.district_schema

    def is_open(self) -> bool:
        return not is_lost(self._connection) and bool(self._connection.is_in_transaction())

    @translate_exceptions
    async def send_commit(self) -> str:
        """Commit and return what PostgreSQL says it did; for the transaction itself."""
        return await self._connection.execute("COMMIT")  # type: ignore[no-any-return]


class PostgresTransaction(UnitTransaction):
    """A transaction on a pooled connection, which it holds until it ends."""

    client: PostgresTransactionClient

    def __init__(self, pool: asyncpg.Pool, reader: PostgresReader, connection: PoolConnectionProxy) -> None:
        self._pool, self.connection = pool, connection
        self.client = PostgresTransactionClient(reader, UnitState())
        self.client._connection = connection

    async def _send_commit(self) -> None:
        done = await self.client.send_commit()
        if done != "COMMIT":
            raise TransactionFailedError(f"PostgreSQL answered COMMIT with {done}")

    async def _undo(self) -> None:
        await roll_back(self.connection)

    async def _give_back(self) -> None:
        await self._pool.release(self.connection)


class PostgresStore:
    """One district's schema. `patience` is how long a connection is waited for, in seconds.

    `key` is the district's; without one the schema is named after it.
    """

    dialect: Dialect = "postgres"

    def __init__(
        self, pool: asyncpg.Pool, schema: str, *, key: str | None = None, patience: float = PATIENCE_SECONDS
    ) -> None:
        if not SCHEMA_NAME.fullmatch(schema):
            raise ValueError(f"not a schema's name: {schema!r}; expected {SCHEMA_NAME.pattern}")
        self.pool = pool
        self.schema = schema
        self.place = schema.removeprefix("d_")
        self.key = key or self.place
        self.keyring: Keyring | None = None
        self.reader = PostgresReader(pool, schema, patience=patience)
        self._stamps = Rounds(self._look_at_stamp, f"stamp of {self.key}")

    async def stamp(self) -> int:
        """How often who may do what was changed; many who ask at once share a look that began after they asked."""
        return await self._stamps.ask()

    async def _look_at_stamp(self) -> int:
        connection = await acquire(self.pool, self.schema, self.reader.patience)
        try:
            return glanced(await connection.fetch(NUMBER.format(place=f'"{self.schema}".')))
        finally:
            await self.pool.release(connection)

    @property
    def usage(self) -> PoolUsage:
        """How busy the pool is that the districts of a database share."""
        return usage(self.pool)

    async def begin(self) -> PostgresTransaction:
        """Begin READ WRITE; raises StoreBusyError when the pool has no connection in time."""
        connection = await acquire(self.pool, self.schema, self.reader.patience)
        try:
            await settle(connection.begin(self.schema))
        except BaseException:
            await settle(self._abandon(connection))
            raise
        return PostgresTransaction(self.pool, self.reader, connection)

    async def _abandon(self, connection: PoolConnectionProxy) -> None:
        try:
            await roll_back(connection)
        finally:
            await self.pool.release(connection)

    def is_transient(self, error: BaseException) -> bool:
        return isinstance(driver_error(error), TRANSIENT)

    async def close(self) -> None:
        """Nothing of its own is open: the pool belongs to the process."""
