"""The rows of one mutation, inserted without Linli: what a mutation costs the database at the least. 基准写入。"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from linli.core.clock import monotonic
from linli.core.records.record import new_id

from . import bare
from .deployments import Deployment

# For the organisation whose id is $1: its row, its state, the event and its payload, the request that is remembered.
ROWS = {
    "core_org_node": "id = $1",
    "core_org_state": "node_id = $1",
    "core_event": "subject_id = $1",
    "core_event_payload": "id IN (SELECT id FROM core_event WHERE subject_id = $1)",
    "core_request": "outcome_id = $1",
}

Row = dict[str, Any]


async def rows_of(deployment: Deployment, name: str, org_id: UUID) -> dict[str, Row]:
    """The rows that creating an organisation wrote in a district, by table; just one in each."""
    server = deployment.engine.server
    if server is None:
        connection = await bare.sqlite_connection(deployment.file(name))
        connection.row_factory = sqlite3.Row
        with closing(connection):
            found = {
                table: connection.execute(f"SELECT * FROM {table} WHERE {where}", {"1": str(org_id)}).fetchall()
                for table, where in ROWS.items()
            }
    else:
        other = await bare.postgres_connection(server, deployment.schema(name))
        found = {
            table: await other.fetch(f"SELECT * FROM {table} WHERE {where}", org_id) for table, where in ROWS.items()
        }
        await other.close()
    return {table: dict(row) for table, [row] in found.items()}


def anew(written: Mapping[str, Row]) -> Iterator[dict[str, Row]]:
    """The same rows again and again, each time with ids, path, code, sequence and key of their own."""
    node = written["core_org_node"]
    above = node["path"].rstrip("/").rpartition("/")[0]
    for number in count(1_000_000):  # beyond the sequences that Linli gives
        org, state, event, request = (_kept(new_id(), node["id"]) for _ in range(4))
        changes: dict[str, Row] = {
            "core_org_node": {"id": org, "path": f"{above}/{number:012}/", "code": f"B{number}"},
            "core_org_state": {"id": state, "node_id": org, "code": f"B{number}"},
            "core_event": {"id": event, "subject_id": org, "org_id": org, "sequence": number},
            "core_event_payload": {"id": event},
            "core_request": {"id": request, "key": f"bare {number}", "outcome_id": org},
        }
        yield {table: {**row, **changes[table]} for table, row in written.items()}


def _kept(id_: UUID, like: object) -> object:
    """An id as the engine keeps it."""
    return str(id_) if isinstance(like, str) else id_


async def rate(
    deployment: Deployment, name: str, written: Iterator[dict[str, Row]], clients: int, seconds: float
) -> float:
    """Transactions per second that insert these rows into a district, on so many connections.

    On SQLite it is one connection always: there is one writer, and waiting for it would only add to it.
    """
    server = deployment.engine.server
    if server is None:
        with closing(await bare.sqlite_connection(deployment.file(name))) as connection:
            return _sqlite(connection, written, seconds)
    opened = [await bare.postgres_connection(server, deployment.schema(name)) for _ in range(clients)]
    try:
        return await _postgres(opened, written, seconds)
    finally:
        for one in opened:
            await one.close()


def _sqlite(connection: sqlite3.Connection, written: Iterator[dict[str, Row]], seconds: float) -> float:
    began, done = monotonic(), 0
    while monotonic() - began < seconds:
        connection.execute("BEGIN IMMEDIATE")
        for table, row in next(written).items():
            connection.execute(bare.insert_sqlite(table, row), tuple(row.values()))
        connection.execute("COMMIT")
        done += 1
    return done / (monotonic() - began)


async def _postgres(opened: list[asyncpg.Connection], written: Iterator[dict[str, Row]], seconds: float) -> float:
    began = monotonic()

    async def insert(connection: asyncpg.Connection) -> int:
        done = 0
        while monotonic() - began < seconds:
            async with connection.transaction():
                for table, row in next(written).items():
                    await connection.execute(bare.insert_postgres(table, row), *row.values())
            done += 1
        return done

    done = await asyncio.gather(*map(insert, opened))
    return sum(done) / (monotonic() - began)
