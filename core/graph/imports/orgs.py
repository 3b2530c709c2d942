"""The use case: a file of organisations is read, compared with the present, and applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from uuid import UUID

from ...decoding import Decoded, decoded
from ...errors import ConflictError, invalid, text
from ...records.unit_of_work import UnitOfWork, transact
from ..kinds import Kinds
from ..locks import hold_tree
from .placement import Placement
from .places import Place, Places, present_places, revision
from .plan import Comparison, Plan
from .report import ImportReport, Outcome, Progress, Stage, silent
from .rows import Row, RowReader
from .table import records
from .writing import Writer

ATTEMPTS = 3
TOLD_EVERY = 5000


async def import_orgs(
    content: bytes,
    kinds: Kinds,
    zone: tzinfo,
    *,
    scope: str | None = None,
    apply: Collection[Outcome] = (),
    dry_run: bool = False,
    progress: Progress = silent,
    actor_id: UUID | None = None,
) -> ImportReport:
    """Import a CSV file with the columns code, level or kind, name, parent_code [, valid_from, lon, lat, crs].

    Rows speak of the valid organisation with their kind and code; `parent_code` may be written KIND:CODE. What the file
    adds is written; what it renames, moves or locates anew only where `apply` names it; so too what is gone, which is
    looked for beneath `scope` ([KIND:]CODE) among the levels in the file. Dates are days in `zone`. Every row is
    checked before anything is written, in one transaction, and with any problem nothing is. To be called within a
    district's scope and outside of units of work.

    Raises ValidationError for a scope that is missing or unknown and for a file that is no text, ConflictError when
    others keep changing the tree meanwhile.
    """
    if Outcome.GONE in apply and scope is None:
        raise invalid("scope", "SCOPE_REQUIRED", "What is gone is only ended beneath a scope: name its code")
    task = _Import(decoded(content), kinds, zone, scope, frozenset(apply), progress)
    for _ in range(ATTEMPTS):
        report = ImportReport(encoding=task.source.encoding)
        plan = await task.compare(report)
        if dry_run or report.problem_count or plan.empty:
            return report
        report.written = await transact(partial(_write, plan, Writer(plan, progress)), actor_id)
        if report.written:
            return report
    raise ConflictError(text("Others keep changing organisations meanwhile: try again later"))


@dataclass(frozen=True)
class _Import:
    source: Decoded
    kinds: Kinds
    zone: tzinfo
    scope: str | None
    apply: frozenset[Outcome]
    progress: Progress

    async def compare(self, report: ImportReport) -> Plan:
        reader = RowReader(self.kinds, self.zone, report)
        rows = self._read(reader, report)
        self.progress(Stage.CHECKING, 0, report.rows)
        places = await present_places()
        scope = self._scope(places)
        placed = Placement(self.kinds, places, reader.refused, report).place(rows)
        plan = Comparison(places, scope, self.apply, report).plan(placed)
        report.problems.sort(key=lambda problem: problem.line or 0)
        self.progress(Stage.CHECKING, report.rows, report.rows)
        return plan

    def _read(self, reader: RowReader, report: ImportReport) -> list[Row]:
        rows = []
        for record in records(self.source, report):
            report.rows += 1
            if (row := reader.read(record)) is not None:
                rows.append(row)
            if report.rows % TOLD_EVERY == 0:
                self.progress(Stage.READING, report.rows, 0)
        return rows

    def _scope(self, places: Places) -> Place | None:
        if self.scope is None:
            return None
        found = places.named(self.scope)
        if found is None:
            raise invalid("scope", "SCOPE_UNKNOWN", "There is no organisation with the code {found}", found=self.scope)
        return found


async def _write(plan: Plan, writer: Writer, _: UnitOfWork) -> bool:
    """Write the plan; False, and nothing written, when the tree changed after it was compared with the file."""
    await hold_tree(alone=True)
    if await revision() != plan.places.revision:
        return False
    await writer.write()
    return True
