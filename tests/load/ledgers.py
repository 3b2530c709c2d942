"""How long a roster of 100,000 people takes, in how much memory, and how long others wait meanwhile. 台账导出。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from python_calamine import load_workbook

from linli.core.clock import monotonic
from linli.core.districts import District
from linli.schema.commands.ledgers import Wanted, written_here
from linli.schema.compose import compose

from . import search, trees
from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .processes import linli, run
from .sizes import Size
from .tables import Row, Table, figure
from .wire import WrongAnswerError

STREET = "430602001000"
HEAD = 3
TICK = 0.005
PURPOSE = "Measured"


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine and place."""
    yield Table(
        f"Exporting residents by grid, {size.ledger_rows:,} people",
        (
            "engine",
            "of",
            "rows",
            "values",
            "s",
            "of the processor, s",
            "rows/s",
            "peak memory, MB",
            "longest wait of others, ms",
        ),
        [row for engine in engines() for row in rows(engine, size)],
        "`linli ledger export` as a process of its own, from its start to its end; what others wait for is how late a "
        "task came that wakes every 5 ms while the same is written in one process.",
    )


def rows(engine: Engine, size: Size) -> list[Row]:
    """Enter the people, export them, and answer the rows; raises WrongAnswerError."""
    say(f"ledgers: {engine.name}, {size.ledger_rows:,} people")
    with deployed(engine, {"district": ()}) as deployment:
        file = deployment.folder / "orgs.csv"
        trees.write(file, size.ledger_nodes)
        run(linli(deployment.config, "import", "orgs", "--district", deployment.keys["district"], str(file)))
        asyncio.run(deployment.inside("district", lambda district: search.enter(district, size.ledger_rows)))
        found = []
        for name, at, purpose in (
            ("a street", STREET, None),
            ("the district", None, None),
            ("the district", None, PURPOSE),
        ):
            found.append(_row(deployment, name, at, purpose))
        return found


def _row(deployment: Deployment, name: str, at: str | None, purpose: str | None) -> Row:
    out = deployment.folder / "out.xlsx"
    place = () if at is None else ("--at", f"SUBDISTRICT:{at}")
    why = () if purpose is None else ("--purpose", purpose)
    where = ("--district", deployment.keys["district"])
    command = linli(deployment.config, "ledger", "export", "core.residents", "--out", str(out), *where, *place, *why)
    ended = run(command)
    count = _counted(out, whole=purpose is not None)
    out.unlink()
    wanted = Wanted("core.residents", at=None if at is None else f"SUBDISTRICT:{at}", purpose=purpose)
    wait = asyncio.run(deployment.inside("district", lambda district: _wait(district, wanted, out)))
    out.unlink()
    shown = "masked" if purpose is None else "whole"
    rate = figure(count / ended.seconds)
    return (
        deployment.engine.name,
        name,
        f"{count:,}",
        shown,
        figure(ended.seconds),
        figure(ended.processor),
        rate,
        figure(ended.peak / 1e6),
        figure(1000 * wait),
    )


def _counted(file: Path, *, whole: bool) -> int:
    """How many people stand in a workbook, each once, and as they should be shown."""
    book = load_workbook(str(file))
    lines = book.get_sheet_by_index(0).to_python()
    place = lines[HEAD - 1].index("身份证号")
    people = [line[place] for line in lines[HEAD:] if isinstance(line[0], float)]
    if any(("*" in str(number)) is whole for number in people) or (whole and len(set(people)) != len(people)):
        raise WrongAnswerError("people are shown otherwise than asked for, or twice")
    return len(people)


async def _wait(district: District, wanted: Wanted, out: Path) -> float:
    """The longest that somebody else on the loop waited beyond their turn."""
    late, schema = 0.0, compose(district)

    async def tick() -> None:
        nonlocal late
        while True:
            began = monotonic()
            await asyncio.sleep(TICK)
            late = max(late, monotonic() - began - TICK)

    ticking = asyncio.create_task(tick())
    try:
        await written_here(schema, wanted, out)
    finally:
        ticking.cancel()
    return late
