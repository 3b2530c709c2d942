"""Where the rows of an import belong: which organisation each speaks of, under which parent, and whether it may."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...errors import Text, text
from .. import checks
from ..codes import code_problems
from ..kinds import Kinds
from ..paths import DEEPEST
from .places import Place, Places, added_place
from .report import ImportReport
from .rows import Row

FARTHEST = 1000
"""Steps up after which a way is too long without looking for its end."""


class Placement:
    """Gives every row its place and its parent, and notes what speaks against it.

    `refused` are the codes of rows that were refused already: what stands beneath them is not refused for it.
    """

    def __init__(self, kinds: Kinds, places: Places, refused: Collection[str], report: ImportReport) -> None:
        self._kinds, self._places, self._refused, self._report = kinds, places, refused, report

    def place(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that name an organisation for the first time, placed; the file may name parents after children."""
        kept = self._first(rows)
        for row in kept:
            self._find(row)
        for row in kept:
            self._find_parent(row)
            self._check_code(row)
        for row in kept:
            self._check_way_up(row)
        return kept

    def _first(self, rows: Iterable[Row]) -> list[Row]:
        seen: dict[tuple[str, str], Row] = {}
        for row in rows:
            first = seen.setdefault((row.kind, row.code), row)
            if first is not row:
                message = text("{found} is there already, in line {line}", found=row.code, line=first.line)
                self._report.refuse_row(row.line, "code", "CODE_TWICE", message)
        return list(seen.values())

    def _find(self, row: Row) -> None:
        row.place = self._places.by_code.get((row.kind, row.code))
        if row.place is None:
            row.place = added_place(row.kind, row.code, row.name)
            self._places.add(row.place)

    def _find_parent(self, row: Row) -> None:
        assert row.place is not None
        if row.parent_code is None:
            self._check_root(row, row.place)
        elif row.place is self._places.root:
            message = text("{found} is the district's root: leave its parent empty", found=row.code)
            self._refuse(row, "ROOT_PARENT", message)
        else:
            row.parent = self._parent(row, row.parent_code)
            row.place.wanted = row.parent or row.place.wanted

    def _check_root(self, row: Row, place: Place) -> None:
        root = self._places.root
        for problem in checks.parent_problems(self._kinds, self._kinds.org(row.kind), None):
            self._report.refuse(row.line, problem)
            return
        if root is None:
            self._places.root = place
        elif place is not root:
            allowed = root.code or root.name
            message = text(
                "{found} is not the root of this district, which is {allowed}", found=row.code, allowed=allowed
            )
            self._refuse(row, "ROOT_OTHER", message)

    def _parent(self, row: Row, code: str) -> Place | None:
        kind = self._kinds.org(row.kind)
        fitting = self._coded(code, row.parent_kind, self._kinds.parents(kind))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            several = ", ".join(sorted(f"{place.kind}:{code}" for place in fitting))
            message = text("{found} is several: write one of {allowed}", found=code, allowed=several)
            self._refuse(row, "PARENT_AMBIGUOUS", message)
            return fitting[0]
        other = next(iter(self._coded(code, row.parent_kind, self._kinds.orgs)), None)
        if other is not None:
            for problem in checks.parent_problems(self._kinds, kind, other.kind):
                self._report.refuse(row.line, problem)
        elif code not in self._refused:
            message = text("There is no {found}, neither here nor in the file", found=code)
            self._refuse(row, "PARENT_UNKNOWN", message)
        return other

    def _coded(self, code: str, kind: str | None, kinds: Iterable[str]) -> list[Place]:
        by_code = self._places.by_code
        return [place for of in kinds if kind in (None, of) and (place := by_code.get((of, code)))]

    def _check_code(self, row: Row) -> None:
        """A stored organisation keeps its code where it moves, as with a move by hand."""
        if row.place is None or row.place.stored:
            return
        parent_kind = self._kinds.orgs.get(row.parent.kind) if row.parent else None
        parent_code = row.parent.code if row.parent else None
        for problem in code_problems(self._kinds.org(row.kind), row.code, parent_kind, parent_code):
            self._report.refuse(row.line, problem)

    def _check_way_up(self, row: Row) -> None:
        assert row.place is not None
        fault = _fault(row.place)
        if fault == "CYCLE":
            self._refuse(row, fault, text("{found} would stand beneath itself", found=row.code))
        elif fault:
            message = text("{found} would stand deeper than {allowed} levels", found=row.code, allowed=DEEPEST)
            self._refuse(row, fault, message)

    def _refuse(self, row: Row, code: str, message: Text) -> None:
        self._report.refuse_row(row.line, "parent_code", code, message)


def _fault(place: Place) -> str | None:
    """What is wrong with the way up from a place. A loop further up is told where it is, not beneath it."""
    seen, here = {place}, place.wanted
    while here is not None and here not in seen and len(seen) <= FARTHEST:
        seen.add(here)
        here = here.wanted
    if here is place:
        return "CYCLE"
    too_long = len(seen) > FARTHEST or (here is None and len(seen) - 1 > DEEPEST)
    return "TOO_DEEP" if too_long else None
