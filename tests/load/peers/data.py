"""The district that all servers are asked about: always the same, whatever its size. 对比数据。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.core import clock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.graph.sql import execute, execute_many
from linli.core.records.store import current_store
from linli.core.records.unit_of_work import transact

from ..deployments import CODE
from ..incidents.models import IncidentStatus

CATEGORIES = ("LITTER", "NOISE", "PARKING", "SAFETY", "REPAIR", "DISPUTE", "WELFARE", "OTHER")
SHARES = (IncidentStatus.REPORTED,) * 2 + (IncidentStatus.DISPATCHED,) * 3 + (IncidentStatus.RESOLVED,) * 5
"""Of twenty incidents two are new, three dispatched, five resolved, and the rest are closed."""
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
BATCH = 5_000
COLUMNS = "id, version, created_at, updated_at, org_id, title, category, status, reported_at, reporter"

Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Extent:
    """Subdistricts, how many organisations each has beneath it on every further level, and how many incidents."""

    streets: int
    each: int
    incidents: int

    @property
    def organisations(self) -> int:
        """All beneath the root."""
        return self.streets * (1 + self.each + self.each**2 + self.each**3)


def write_organisations(file: Path, extent: Extent) -> None:
    """Write the file of organisations."""
    lines = [",".join(row) for row in (("code", "level", "name", "parent_code"), *_streets(extent))]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _streets(extent: Extent) -> Iterator[Row]:
    for street in range(1, extent.streets + 1):
        code = f"{CODE[:6]}{street:03d}000"
        yield code, "SUBDISTRICT", f"{street}号街道", CODE
        for community in range(1, extent.each + 1):
            yield from _community(f"{code[:9]}{community:03d}", code, community, extent.each)


def _community(code: str, street: str, number: int, each: int) -> Iterator[Row]:
    yield code, "COMMUNITY", f"{number}号社区", street
    for grid in range(1, each + 1):
        yield f"{code}-G{grid:02d}", "GRID", f"第{grid}网格", code
        for place in range(1, each + 1):
            yield f"{code}-G{grid:02d}-M{place:02d}", "MICRO_GRID", f"{place}号微网格", f"{code}-G{grid:02d}"


async def enter_incidents(_district: District, extent: Extent) -> None:
    """Enter the incidents; to be called in the district's scope."""
    grids = [row.id for row in await OrgNode.filter(kind="GRID").order_by("code")]
    columns = ", ".join(f"${place}" for place in range(1, COLUMNS.count(",") + 2))
    statement = f"INSERT INTO incidents_incident ({COLUMNS}) VALUES ({columns})"
    for first in range(0, extent.incidents, BATCH):
        rows = [_incident(number, extent, grids) for number in range(first, min(first + BATCH, extent.incidents))]
        await transact(lambda _unit, rows=rows: execute_many(statement, rows))  # type: ignore[misc]
    if current_store().dialect == "postgres":
        await transact(lambda _unit: execute("ANALYZE"))  # what autovacuum would do within minutes


def _incident(number: int, extent: Extent, grids: list[UUID]) -> tuple[Any, ...]:
    mixed = ((number * 2_654_435_761) % 2**32) >> 8
    part = mixed // 7 % 20
    status = SHARES[part] if part < len(SHARES) else IncidentStatus.CLOSED
    at = BEGAN + timedelta(seconds=number * 7_919 % extent.incidents * 150)
    category = CATEGORIES[mixed % len(CATEGORIES)]
    grid = grids[mixed // 20 % len(grids)]
    now = clock.now()
    title = f"第{number}件：{category}"
    return UUID(int=number + 1), 1, now, now, grid, title, category, status.value, at, f"网格员{mixed % 5_000}"
