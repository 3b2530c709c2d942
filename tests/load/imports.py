"""A large tree by `linli import`, against `executemany` of the same rows into the same tables. 批量导入。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from linli.core.clock import monotonic
from linli.core.graph.imports.writing import NODE_COLUMNS, STATE_COLUMNS

from . import bare, trees
from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .processes import Ended, linli, run
from .sizes import Size
from .tables import Table, ratios, spread
from .wire import WrongAnswerError

TABLES = (("core_org_node", NODE_COLUMNS, "path"), ("core_org_state", STATE_COLUMNS, "id"))
"""What an import writes: table, columns, and by what its rows are in the order of the file, parents first."""

ROOT = tuple(f"DELETE FROM {table}" for table, _, _ in reversed(TABLES))
"""Empties the tables of a new district: the rows bring their own root."""


@dataclass
class Turns:
    """What the turns of one engine took."""

    ours: list[Ended] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        f"Import of {size.nodes:,} organisations",
        ("engine", "`linli import`, s", "of it processor, s", "peak memory, MB", "`executemany`, s", "ratio"),
        [_row(engine, _turns(engine, size)) for engine in engines()],
        "The whole command, from its start to the end of its report, against the bare rows; target: at most 5 times.",
    )


def _row(engine: Engine, turns: Turns) -> tuple[str, ...]:
    seconds = [one.seconds for one in turns.ours]
    return (
        engine.name,
        spread(seconds),
        spread([one.processor for one in turns.ours]),
        spread([one.peak / 1e6 for one in turns.ours]),
        spread(turns.theirs),
        spread(ratios(seconds, turns.theirs)),
    )


def _turns(engine: Engine, size: Size) -> Turns:
    turns = Turns()
    for turn in range(size.import_turns):
        say(f"imports: {engine.name}, {size.nodes:,} nodes, turn {turn + 1} of {size.import_turns}")
        with deployed(engine, {"imported": (), "bare": ()}) as deployment:
            file = deployment.folder / "organisations.csv"
            trees.write(file, size.nodes)
            command = ["import", "orgs", "--district", deployment.keys["imported"], str(file)]
            turns.ours.append(run(linli(deployment.config, *command)))
            turns.theirs.append(asyncio.run(_bare(deployment, size.nodes)))
    return turns


async def _bare(deployment: Deployment, nodes: int) -> float:
    """Seconds of inserting what the import wrote into an empty district, in one transaction."""
    server = deployment.engine.server
    seconds, counted = await (_sqlite(deployment) if server is None else _postgres(deployment, server))
    if counted != [nodes + 1] * len(TABLES):
        raise WrongAnswerError(f"{counted} rows were imported from a file of {nodes} organisations")
    return seconds


async def _sqlite(deployment: Deployment) -> tuple[float, list[int]]:
    source = await bare.sqlite_connection(deployment.file("imported"))
    target = await bare.sqlite_connection(deployment.file("bare"))
    with closing(source), closing(target):
        written = [source.execute(_written(*table)).fetchall() for table in TABLES]
        for statement in ROOT:
            target.execute(statement)
        began = monotonic()
        target.execute("BEGIN IMMEDIATE")
        for (table, columns, _), rows in zip(TABLES, written, strict=True):
            target.executemany(bare.insert_sqlite(table, columns), rows)
        target.execute("COMMIT")
        return monotonic() - began, [len(rows) for rows in written]


async def _postgres(deployment: Deployment, server: str) -> tuple[float, list[int]]:
    source = await bare.postgres_connection(server, deployment.schema("imported"))
    target = await bare.postgres_connection(server, deployment.schema("bare"))
    try:
        written = [list(map(tuple, await source.fetch(_written(*table)))) for table in TABLES]
        for statement in ROOT:
            await target.execute(statement)
        began = monotonic()
        async with target.transaction():
            for (table, columns, _), rows in zip(TABLES, written, strict=True):
                await target.executemany(bare.insert_postgres(table, columns), rows)
        return monotonic() - began, [len(rows) for rows in written]
    finally:
        await source.close()
        await target.close()


def _written(table: str, columns: Sequence[str], order: str) -> str:
    return f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"
