"""The difference between a file and the present, and what of it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ...errors import text
from ..paths import DEEPEST, depth
from ..points import Point, stored
from .layout import Layout
from .places import Place, Places
from .renamings import renamings
from .report import Change, ImportReport, Outcome
from .rows import Row


@dataclass
class Plan:
    """What an import writes; `added` and `moved` are sorted so that parents come first."""

    places: Places
    scope: Place | None
    rows: int
    added: list[Row] = field(default_factory=list)
    renamed: list[Row] = field(default_factory=list)
    moved: list[Row] = field(default_factory=list)
    located: list[Row] = field(default_factory=list)
    gone: list[Place] = field(default_factory=list)
    layout: Layout = field(default_factory=lambda: Layout(()))

    @property
    def changed(self) -> set[Place]:
        """The stored places whose row changes."""
        return {_placed(row) for rows in (self.renamed, self.moved, self.located) for row in rows}

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.added or self.changed or self.gone)


class Comparison:
    """Compares placed rows with the present; additions are always applied, the rest where it is named."""

    def __init__(self, places: Places, scope: Place | None, apply: Collection[Outcome], report: ImportReport) -> None:
        self._places, self._scope, self._report = places, scope, report
        self._applied = frozenset({Outcome.ADDED, *apply})

    def plan(self, rows: list[Row]) -> Plan:
        """The plan; what stands against it goes to the report."""
        plan = Plan(self._places, self._scope, len(rows))
        for row in rows:
            changes = list(self._changes(row))
            self._report.changes += changes
            self._report.unchanged += not changes
            for change in changes:
                if change.applied:
                    getattr(plan, change.outcome).append(row)
        self._report.proposals += renamings(rows, self._places.all)
        plan.layout = Layout([_placed(row) for row in plan.moved])
        gone = list(self._gone(rows))
        if Outcome.GONE in self._applied:
            plan.gone = gone
            self._check_gone(plan)
        if not self._report.problem_count:
            self._check_depth(plan)
            for sorted_rows in (plan.added, plan.moved):
                sorted_rows.sort(key=lambda row: plan.layout.path(_placed(row)))
        return plan

    def _changes(self, row: Row) -> Iterator[Change]:
        place = _placed(row)
        if not place.stored:
            yield self._change(Outcome.ADDED, row)
            return
        if row.name != place.name:
            yield self._change(Outcome.RENAMED, row, place.name, row.name)
        if place.wanted is not place.parent:
            yield self._change(Outcome.MOVED, row, _label(place.parent), _label(place.wanted))
        if row.point is not None and stored(row.point) != (place.longitude, place.latitude):
            yield self._change(Outcome.LOCATED, row, None, _position(row.point))

    def _change(self, outcome: Outcome, row: Row, before: str | None = None, after: str | None = None) -> Change:
        return Change(outcome, row.line, row.kind, row.code, row.name, before, after, outcome in self._applied)

    def _gone(self, rows: list[Row]) -> Iterator[Place]:
        """What stands beneath the scope, has a code and a level of the file, and is not in it."""
        kinds, named = {row.kind for row in rows}, {row.place for row in rows}
        applied = Outcome.GONE in self._applied
        for place in self._places.all if self._scope else ():
            if place.kind in kinds and place.code and place not in named and self._is_beneath(place):
                change = Change(Outcome.GONE, None, place.kind, place.code, place.name, applied=applied)
                self._report.changes.append(change)
                yield place

    def _is_beneath(self, place: Place) -> bool:
        scope = self._scope
        return scope is not None and place is not scope and place.stored and place.path.startswith(scope.path)

    def _check_gone(self, plan: Plan) -> None:
        gone = set(plan.gone)
        for place in self._places.all if gone else ():
            parent = plan.layout.parent(place)
            if parent in gone and place not in gone:
                message = text(
                    "{found} is gone, but {child} stands beneath it", found=_label(parent), child=_label(place)
                )
                self._report.refuse_row(None, "parent_code", "HAS_CHILDREN", message)

    def _check_depth(self, plan: Plan) -> None:
        for place in self._places.all if plan.moved else ():
            if depth(plan.layout.path(place)) > DEEPEST:
                message = text("{found} would stand deeper than {allowed} levels", found=_label(place), allowed=DEEPEST)
                self._report.refuse_row(None, "parent_code", "TOO_DEEP", message)


def _placed(row: Row) -> Place:
    assert row.place is not None, "rows are compared after they were placed"
    return row.place


def _label(place: Place | None) -> str:
    return (place.code or place.name) if place else ""


def _position(point: Point) -> str:
    return f"{point.lon} {point.lat} {point.crs}"
