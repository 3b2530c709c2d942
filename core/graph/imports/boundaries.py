"""The use case: a GeoJSON file of outlines is read, compared with what is there, looked at as a whole, and drawn."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ... import clock
from ...errors import FieldProblem, text
from ...records.unit_of_work import UnitOfWork, transact
from ..checks import past_problems, settle
from ..kinds import Kinds
from ..models import OrgBoundary, OrgNode
from ..outlines import written
from ..outlines.segments import TooIntricateError
from ..outlines.shapes import unpacked
from ..points import Crs
from ..queries import boundaries_at
from ..services.boundaries import set_boundary
from ..unset import UNSET, Unset
from .boundary_report import BoundaryReport, Drawn
from .features import Feature, FeatureReader, codes_of, features_of
from .fitting import look_at_fits
from .report import Progress, Stage, silent

TOLD_EVERY = 20


class BoundaryImport:
    """One file. 边界导入。

    Each feature names its organisation by `code`, and by `kind` where several have the code, in `properties`; a feature
    without a geometry takes the outline away. Every feature is checked first, and with any problem nothing is written;
    outlines that are there already are left as they are. `earlier` is what the written ones replaced, as a file that
    brings it back. To be used within a district's scope and outside of units of work.
    """

    def __init__(
        self,
        kinds: Kinds,
        *,
        crs: Crs = Crs.CGCS2000,
        valid_from: datetime | Unset | None = UNSET,
        progress: Progress = silent,
    ) -> None:
        self._kinds, self._crs, self._since, self._progress = kinds, crs, valid_from, progress
        self.report = BoundaryReport()
        self.earlier: dict[str, Any] = {"type": "FeatureCollection", "features": []}

    async def run(self, content: bytes, *, dry_run: bool = False, actor_id: UUID | None = None) -> BoundaryReport:
        """Import the file. Raises ValidationError for a file that is none and an instant in the future, and what
        `set_boundary` raises where the outline changed after that instant or the organisation meanwhile."""
        if isinstance(self._since, datetime):
            settle(past_problems("validFrom", self._since, clock.now()))
        changed = await self._compare(await self._features(features_of(content)))
        if self.report.problem_count or not changed:
            return self.report
        await self._fit(changed)
        if not dry_run and not self.report.problem_count:
            await transact(lambda unit: self._write(unit, changed), actor_id)
            self.report.written = True
        return self.report

    async def _features(self, given: list[Any]) -> list[Feature]:
        nodes: dict[str, list[OrgNode]] = defaultdict(list)
        codes = sorted(set(codes_of(given)))
        for start in range(0, len(codes), 500):
            rows = OrgNode.filter(code__in=codes[start : start + 500], valid_to=None, kind__in=list(self._kinds.orgs))
            for node in await rows.order_by("depth", "id"):
                nodes[node.code or ""].append(node)
        self.report.features = len(given)
        reader, found = FeatureReader(self._kinds, self._crs, nodes, self.report), []
        for number, one in enumerate(given, start=1):
            feature = await asyncio.to_thread(reader.read, number, one)
            found += [] if feature is None else [feature]
            if number % TOLD_EVERY == 0:
                self._progress(Stage.READING, number, len(given))
        return found

    async def _compare(self, features: Sequence[Feature]) -> list[Feature]:
        """The features that change something."""
        kept = await boundaries_at([feature.node.id for feature in features], clock.now())
        changed = []
        for feature in features:
            before = kept.get(feature.node.id)
            after = feature.outline.columns if feature.outline else {}
            if (before.shape if before else None) == after.get("shape"):
                self.report.unchanged += 1
                continue
            changed.append(feature)
            node = feature.node
            area = before.area if before else None
            self.report.changes.append(
                Drawn(feature.number, node.kind, node.code or "", node.name, area, after.get("area"))
            )
            self.earlier["features"].append(_feature(node, before))
        return changed

    async def _fit(self, changed: Sequence[Feature]) -> None:
        try:
            await look_at_fits({one.node.id: one.shape for one in changed}, self.report, self._progress)
        except TooIntricateError:
            told = text("These outlines wind about each other too much to be compared: simplify them")
            self.report.refuse(None, FieldProblem("features", "TOO_INTRICATE", told))

    async def _write(self, _: UnitOfWork, changed: Sequence[Feature]) -> None:
        for done, feature in enumerate(changed, start=1):
            await set_boundary(self._kinds, feature.node.id, feature.outline, valid_from=self._since)
            if done % TOLD_EVERY == 0:
                self._progress(Stage.WRITING, done, len(changed))


def _feature(node: OrgNode, before: OrgBoundary | None) -> dict[str, Any]:
    """What an organisation has now, as a feature of a file."""
    geometry = None if before is None else written(unpacked(before.shape))
    return {
        "type": "Feature",
        "properties": {"code": node.code, "kind": node.kind, "name": node.name},
        "geometry": geometry,
    }
