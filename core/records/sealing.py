"""Sealing: committed events get their sequence and their place in the chain. 事件封存。

On SQLite a unit of work seals its own events as it writes them, there being one writer. On PostgreSQL transactions
commit side by side, so a `Sealer` follows behind, in every process that serves the district; a lock lets one at a
time do the work, and what a killed process left unsealed is sealed by whichever comes next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from tortoise.backends.base.client import BaseDBAsyncClient

from ..tasks import spawn
from . import digest, outbox, sealed
from .store import Store, scope
from .unit_of_work import UnitOfWork, transact

BATCH = 500
GATHER_SECONDS = 0.01
POLL_SECONDS = 2.0
RETRY_SECONDS = 0.2

HEAD = "SELECT sequence, chain FROM core_event WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('linli.seal.' || current_schema(), 0))"
# WITH TIES: a transaction's events share their arrival, so no batch ends in the midst of one.
UNSEALED = (
    "SELECT unsealed.*, head.sequence AS head_sequence, head.chain AS head_chain "  # noqa: S608  names of ours
    f"FROM (SELECT {', '.join(digest.ENVELOPE)} FROM core_event WHERE sequence IS NULL "
    f"ORDER BY arrival FETCH FIRST {BATCH} ROWS WITH TIES) AS unsealed LEFT JOIN ({HEAD}) AS head ON TRUE"
)
"""What is to be sealed, each with the end of the chain."""
BROUGHT = (
    f"SELECT {', '.join(digest.ENVELOPE)} FROM core_event WHERE sequence IS NULL "  # noqa: S608  names of ours
    f"ORDER BY arrival, transaction_id, ordinal LIMIT {BATCH}"
)
SEAL_ONE = "UPDATE core_event SET sequence = ?, chain = ? WHERE id = ?"
CHANNEL = "linli_sealed"
"""On which PostgreSQL tells other processes of a sealing: the schema and the newest sequence, and nothing else."""
SEAL = (
    "WITH done AS (UPDATE core_event SET sequence = sealed.sequence, chain = sealed.chain "  # noqa: S608  names of ours
    "FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS sealed(id, sequence, chain) "
    f"WHERE core_event.id = sealed.id), numbered AS ({outbox.NUMBER} RETURNING 1) "
    "SELECT count(*) AS numbered FROM numbered"
)
# A statement of its own: with a table in it, Citus would tell the listeners of the worker that has the table.
TELL = f"SELECT pg_notify('{CHANNEL}', current_schema() || ' ' || $1::text)"

log = structlog.get_logger(__name__)


@dataclass
class Head:
    """The end of a chain: the newest sealed event's sequence and chain, or 0 and nothing."""

    district: str
    sequence: int = 0
    chain: str | None = None

    def extend(self, rows: Iterable[dict[str, Any]]) -> None:
        """Give each row its `sequence` and `chain`, in the order given."""
        for row in rows:
            previous = self.chain or digest.genesis(row["suite"], self.district)
            row["sequence"] = self.sequence = self.sequence + 1
            row["chain"] = self.chain = digest.link(previous, row)


async def _head(client: BaseDBAsyncClient, store: Store) -> Head:
    found = await client.execute_query_dict(HEAD)
    return Head(store.key, **found[0]) if found else Head(store.key)


async def seal_as_written(unit: UnitOfWork, rows: Iterable[dict[str, Any]]) -> None:
    """Seal the rows that this unit of work is about to write. Only where nobody else can be writing: on SQLite."""
    (await _head(unit.client, unit.store)).extend(rows)
    unit.after_commit.append(partial(sealed.tell, unit.store))


async def seal_now(store: Store) -> int:
    """Seal every committed event of a district, and tell how many there were. For commands that end, and for tests.

    Raises ScopeError inside a unit of work.
    """
    total = 0
    with scope(store):
        while store.dialect == "postgres":
            found = await transact(_seal_batch)
            total += found
            if found < BATCH:
                break
    return total


async def _seal_batch(unit: UnitOfWork) -> int:
    # A statement of its own: what is read after it must see what the sealer before us has committed.
    await unit.client.execute_query(LOCK)
    rows = await unit.client.execute_query_dict(UNSEALED)
    if rows:
        rows.sort(key=lambda row: (row["arrival"] or 0, row["transaction_id"], row["ordinal"]))
        Head(unit.store.key, rows[0]["head_sequence"] or 0, rows[0]["head_chain"]).extend(rows)
        columns = [[row[name] for row in rows] for name in ("id", "sequence", "chain")]
        [told] = await unit.client.execute_query_dict(SEAL, columns)
        await unit.client.execute_query(TELL, [str(rows[-1]["sequence"])])
        outbox.numbered(unit, told["numbered"])
        unit.after_commit.append(partial(sealed.tell, unit.store))
    return len(rows)


async def seal_brought(store: Store) -> None:
    """Seal what was not sealed where it comes from: on SQLite, whose own events are sealed as they are written."""

    async def batch(unit: UnitOfWork) -> int:
        rows = await unit.client.execute_query_dict(BROUGHT)
        (await _head(unit.client, unit.store)).extend(rows)
        if rows:
            await unit.client.execute_many(SEAL_ONE, [[row["sequence"], row["chain"], row["id"]] for row in rows])
            await unit.client.execute_many(outbox.NUMBER_ONE, [[row["sequence"], row["id"]] for row in rows])
        return len(rows)

    with scope(store):
        while await transact(batch):
            pass


class Sealer:
    """Seals one district's events soon after their commit, until it is stopped. Several processes may run one each."""

    def __init__(self, store: Store, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to seal in the background; from now on this process's commits wake it."""
        _sealers[self._store] = self
        self._task = spawn(self._run, name=f"sealer of {self._store.key}")

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    async def stop(self) -> None:
        """Seal what is committed, then end."""
        if _sealers.get(self._store) is self:
            del _sealers[self._store]
        self._stopping = True
        self.wake()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        last = False
        while not last:
            last = self._stopping
            self._woken.clear()
            try:
                await seal_now(self._store)
            except Exception as error:  # a database that restarts must not end sealing for good
                log.error("sealing_failed", district=self._store.key, exc_info=error)
                await asyncio.sleep(RETRY_SECONDS)
            if not last:
                await self._rest()

    async def _rest(self) -> None:
        """Until a commit of this process, or the poll: events of processes that died are found by it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._woken.wait()
                await asyncio.sleep(GATHER_SECONDS)  # one sealing for the commits that come close together


_sealers: WeakKeyDictionary[Store, Sealer] = WeakKeyDictionary()


def wake(store: Store) -> None:
    """Tell the sealer that this process runs for the district, if it runs one, of a commit."""
    sealer = _sealers.get(store)
    if sealer is not None:
        sealer.wake()
