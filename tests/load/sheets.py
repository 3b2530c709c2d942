"""People with their homes by `linli import people` from XLSX, against calamine and `executemany` alone. 表格导入。"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from linli.core.clock import monotonic
from linli.core.people.citizen_id import CHECKS, WEIGHTS

from . import bare
from .deployments import CODE, Deployment, deployed
from .engines import Engine, engines, say
from .imports import Turns
from .processes import linli, run
from .sizes import Size
from .tables import Table, figure, ratios, spread
from .wire import WrongAnswerError

COMMUNITY = "430602001001"
DIVISIONS = f"""code,kind,name,parent_code
{CODE},DISTRICT,岳阳市岳阳楼区,
430602001000,SUBDISTRICT,示例街道,{CODE}
{COMMUNITY},COMMUNITY,示例社区,430602001000
"""
HEADINGS = ["序号", "姓名", "身份证号", "联系电话", "政治面貌", "楼栋", "单元", "房号", "居住关系", "与户主关系"]
IN_A_HOME = 3
IN_A_BUILDING = 200
_FAMILY, _GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英"
_RELATIONS = ("户主", "配偶", "子")

TABLES = ("core_person", "core_premises", "core_tenure", "core_household", "core_household_member")
"""What one would write without events and without a way back."""


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        f"Import of {size.sheet_rows:,} people with their homes from XLSX",
        ("engine", "rows/s", "`linli import`, s", "of it processor, s", "peak memory, MB", "calamine, s", "ratio"),
        [row(engine, size) for engine in engines()],
        "The whole command: reading, matching, rules, encryption, an event for each record, and what undoing needs. "
        "Against it the file read by calamine, and the same rows of people, homes, tenures and households, encrypted "
        "already, by `executemany` into a bare district.",
    )


def row(engine: Engine, size: Size) -> tuple[str, ...]:
    """What one engine took; raises WrongAnswerError where not every row of the sheet is there."""
    turns = Turns()
    for turn in range(size.sheet_turns):
        say(f"sheets: {engine.name}, {size.sheet_rows:,} rows, turn {turn + 1} of {size.sheet_turns}")
        _turn(engine, size.sheet_rows, turns)
    seconds = [one.seconds for one in turns.ours]
    return (
        engine.name,
        figure(size.sheet_rows / sorted(seconds)[len(seconds) // 2]),
        spread(seconds),
        spread([one.processor for one in turns.ours]),
        spread([one.peak / 1e6 for one in turns.ours]),
        spread(turns.theirs),
        spread(ratios(seconds, turns.theirs)),
    )


def _turn(engine: Engine, rows: int, turns: Turns) -> None:
    with deployed(engine, {"imported": (), "bare": ()}) as deployment:
        divisions, file = deployment.folder / "divisions.csv", deployment.folder / "people.xlsx"
        divisions.write_text(DIVISIONS, "utf-8")
        write(file, rows)
        run(linli(deployment.config, "import", "orgs", "--district", deployment.keys["imported"], str(divisions)))
        given = ["import", "people", str(file), "--at", COMMUNITY, "--create-places", "--yes"]
        turns.ours.append(run(linli(deployment.config, *given, "--district", deployment.keys["imported"])))
        seconds, counted = asyncio.run(_bare(deployment, file))
    if counted[0] != rows or counted[-1] != rows:
        raise WrongAnswerError(f"{counted} rows came of a sheet of {rows} people")
    turns.theirs.append(seconds)


def write(file: Path, rows: int) -> None:
    """A sheet of as many people, three in each home; the same at each call."""
    chance = random.Random(1)
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("居民花名册")
        sheet.write_row(0, 0, HEADINGS)
        for place in range(rows):
            sheet.write_row(place + 1, 0, _person(place, chance))


def _person(place: int, chance: random.Random) -> Sequence[str | int]:
    home, nth = divmod(place, IN_A_HOME)
    building, room = divmod(home, IN_A_BUILDING)
    name = chance.choice(_FAMILY) + chance.choice(_GIVEN) + chance.choice(_GIVEN)
    phone, kind = f"138{place % 100_000_000:08d}", "业主" if nth == 0 else ""
    where = (f"{building + 1}栋", f"{room % 4 + 1}单元", str(room + 101))
    return (place + 1, name, number(place), phone, "群众", *where, kind, _RELATIONS[nth])


def number(place: int) -> str:
    """An id number for each place below 30 million."""
    serial, day = place // 30_000 % 1000, place % 30_000
    body = f"430602{date(1930, 1, 1) + timedelta(days=day):%Y%m%d}{serial:03d}"
    return body + CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


async def _bare(deployment: Deployment, file: Path) -> tuple[float, list[int]]:
    """Seconds of reading the file and inserting what came of it, in one transaction; and how many rows that is."""
    began = monotonic()
    read = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    reading = monotonic() - began
    if len(read) < 2:
        raise WrongAnswerError("calamine found nothing in the sheet")
    server = deployment.engine.server
    writing, counted = await (_sqlite(deployment) if server is None else _postgres(deployment, server))
    return reading + writing, counted


async def _sqlite(deployment: Deployment) -> tuple[float, list[int]]:
    source = await bare.sqlite_connection(deployment.file("imported"))
    target = await bare.sqlite_connection(deployment.file("bare"))
    with closing(source), closing(target):
        written = [(table, source.execute(f"SELECT * FROM {table}")) for table in ("core_org_node", *TABLES)]
        rows = [(table, [one[0] for one in found.description], found.fetchall()) for table, found in written]
        target.execute("PRAGMA foreign_keys=OFF")
        target.execute("DELETE FROM core_org_node")
        table, columns, nodes = rows[0]
        target.executemany(bare.insert_sqlite(table, columns), nodes)
        target.execute("PRAGMA foreign_keys=ON")
        began = monotonic()
        target.execute("BEGIN IMMEDIATE")
        for table, columns, some in rows[1:]:
            target.executemany(bare.insert_sqlite(table, columns), some)
        target.execute("COMMIT")
        return monotonic() - began, [len(some) for _, _, some in rows[1:]]


async def _postgres(deployment: Deployment, server: str) -> tuple[float, list[int]]:
    source = await bare.postgres_connection(server, deployment.schema("imported"))
    target = await bare.postgres_connection(server, deployment.schema("bare"))
    try:
        rows = [(table, await source.fetch(f"SELECT * FROM {table}")) for table in ("core_org_node", *TABLES)]
        await target.execute("DELETE FROM core_org_state")
        await target.execute("DELETE FROM core_org_node")
        nodes = sorted(rows[0][1], key=lambda one: one["path"])
        await target.executemany(bare.insert_postgres("core_org_node", nodes[0].keys()), [tuple(one) for one in nodes])
        began = monotonic()
        async with target.transaction():
            for table, some in rows[1:]:
                await target.executemany(bare.insert_postgres(table, some[0].keys()), [tuple(one) for one in some])
        return monotonic() - began, [len(some) for _, some in rows[1:]]
    finally:
        await source.close()
        await target.close()
