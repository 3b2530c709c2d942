"""A backup of many people and what it takes to restore it, as commands. 备份与恢复。"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator

from linli.core.districts import District
from linli.core.graph.queries import district_root
from linli.core.people.models import Person
from linli.schema.testing.engines import drop

from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .processes import Ended, linli, run
from .search import populate
from .sizes import Size
from .tables import Table, figure
from .wire import WrongAnswerError

NAME = "kept"


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        f"Backup of {size.kept_people:,} people",
        ("engine", "rows", "MB", "`backup`, s", "rows/s", "peak, MB", "`restore`, s", "rows/s", "peak, MB"),
        [row(engine, size) for engine in engines()],
        "The whole commands, from their start to the end of their report; nothing else is at work in the district.",
    )


def row(engine: Engine, size: Size) -> tuple[str, ...]:
    """What one engine took there and back. Raises WrongAnswerError where rows are lost."""
    say(f"backups: {engine.name}, {size.kept_people:,} people")
    with deployed(engine, {NAME: ()}) as deployment:
        asyncio.run(deployment.inside(NAME, lambda district: _fill(district, size.kept_people)))
        before = asyncio.run(deployment.inside(NAME, _rows))
        file = deployment.folder / "kept.zip"
        made = run(linli(deployment.config, "backup", "--district", deployment.keys[NAME], str(file)))
        asyncio.run(_empty(deployment))
        restored = run(linli(deployment.config, "restore", "--district", deployment.keys[NAME], str(file)))
        if asyncio.run(deployment.inside(NAME, _rows)) != before:
            raise WrongAnswerError("a backup brought back other rows than there were")
        megabytes = figure(file.stat().st_size / 1e6)
        return (engine.name, f"{before:,}", megabytes, *_taken(made, before), *_taken(restored, before))


def _taken(ended: Ended, rows: int) -> tuple[str, str, str]:
    return figure(ended.seconds), figure(rows / ended.seconds), figure(ended.peak / 1e6)


async def _fill(_: District, people: int) -> None:
    root = await district_root()
    if root is None:
        raise WrongAnswerError("the district has no root")
    await populate(people, [root.id])


async def _rows(_: District) -> int:
    return await Person.all().count()


async def _empty(deployment: Deployment) -> None:
    """Take the district away."""
    server = deployment.engine.server
    if server is None:
        shutil.rmtree(deployment.folder / "data")
    else:
        await drop(server, deployment.schema(NAME))
