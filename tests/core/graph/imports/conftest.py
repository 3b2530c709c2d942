"""Files of organisations, made in a test, and their import."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from linli.core.graph.imports import ImportReport, Outcome, import_orgs
from tests.core.graph.conftest import Graph

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = "code,level,name,parent_code"
ROOT = "430602000000,DISTRICT,岳阳楼区,"
STREET = "430602001000,SUBDISTRICT,岳阳楼街道,430602000000"
OTHER_STREET = "430602002000,SUBDISTRICT,三眼桥街道,430602000000"
COMMUNITY = "430602001001,COMMUNITY,茶巷子社区,430602001000"
TREE = (ROOT, STREET, OTHER_STREET, COMMUNITY)


def csv_file(lines: Iterable[str], header: str = HEADER, encoding: str = "utf-8") -> bytes:
    """A file of these lines."""
    return "".join(f"{line}\n" for line in (header, *lines)).encode(encoding)


class Importing:
    """Imports files into a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def content(self, content: bytes, apply: Collection[str] = (), **options: Any) -> ImportReport:
        """Import a file as it is."""
        applied = [Outcome(outcome) for outcome in apply]
        return await import_orgs(content, self._graph.kinds, SHANGHAI, apply=applied, **options)

    async def lines(
        self, *lines: str, header: str = HEADER, apply: Collection[str] = (), **options: Any
    ) -> ImportReport:
        """Import a file of these lines."""
        return await self.content(csv_file(lines, header), apply, **options)


@pytest.fixture
def importing(graph: Graph) -> Importing:
    """Imports into the graph under test."""
    return Importing(graph)


def problems(report: ImportReport) -> list[tuple[int | None, str, str]]:
    """Line, column and code of every problem."""
    return [(problem.line, problem.column, problem.code) for problem in report.problems]


def changes(report: ImportReport) -> list[tuple[str, str, bool]]:
    """Outcome, code and whether it is applied of every change."""
    return [(change.outcome.value, change.code, change.applied) for change in report.changes]
