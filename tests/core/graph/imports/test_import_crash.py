from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from linli.core.graph.models import OrgNode, OrgState
from linli.core.records.models import Event
from linli.core.records.postgres import PostgresStore
from linli.core.records.sqlite import SqliteStore
from linli.core.records.store import Store
from tests.core.conftest import POSTGRES
from tests.core.graph.conftest import Graph
from tests.core.graph.imports.conftest import COMMUNITY, ROOT, STREET, Importing, csv_file, problems

PROCESS = Path(__file__).with_name("importing_process.py")
ROWS = 1500


async def killed_at(store: Store, file: Path, stage: str, step: int) -> None:
    """Start an import in a process of its own and kill it at a step; "done" is after its end."""
    place = str(store.path) if isinstance(store, SqliteStore) else ""
    place = store.schema if isinstance(store, PostgresStore) else place
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROCESS), place, str(file), stage, str(step)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LINLI_TEST_POSTGRES": POSTGRES},
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"here\n"
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


@pytest.mark.parametrize("at", ["checking 2", "writing 1", "writing 2", "writing 3", "done 1"])
async def test_an_import_that_is_killed_leaves_all_or_nothing(
    store: Store, graph: Graph, importing: Importing, tmp_path: Path, at: str
) -> None:
    stage, step = at.split()
    whole = stage == "done"
    await graph.root()
    grids = (f"G{number},GRID,第{number}网格,430602001001" for number in range(ROWS - 3))
    content = csv_file([ROOT, STREET, COMMUNITY, *grids])
    (tmp_path / "orgs.csv").write_bytes(content)
    await killed_at(store, tmp_path / "orgs.csv", stage, int(step))
    assert await OrgNode.all().count() == await OrgState.all().count() == (ROWS if whole else 1)
    assert await Event.filter(type="core.orgs_imported").count() == whole
    report = await importing.content(content)
    assert (problems(report), report.written) == ([], not whole)
    assert await OrgNode.all().count() == await OrgState.all().count() == ROWS
