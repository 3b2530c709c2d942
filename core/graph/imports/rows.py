"""One row of an import: what its values mean, and what is wrong with them by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from ... import clock
from ...calendar.zones import local_instant
from ...errors import FieldProblem, ValidationError, text
from .. import checks
from ..codes import SYNTAX, syntax_problem
from ..kinds import Kinds
from ..points import Crs, Point, point_problems
from .places import Place
from .report import ImportReport
from .table import Record

_NUMBER = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]*)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True, eq=False)
class Row:
    """A row that can be compared; `place` is the organisation it speaks of and `parent` the one above, once known."""

    line: int
    kind: str
    code: str
    name: str
    parent_kind: str | None
    parent_code: str | None
    valid_from: datetime | None
    point: Point | None
    place: Place | None = None
    parent: Place | None = None


class RowReader:
    """Makes rows of records, for a district's kinds and time zone; `refused` are the codes of those it drops."""

    def __init__(self, kinds: Kinds, zone: tzinfo, report: ImportReport) -> None:
        self._kinds, self._zone, self._report = kinds, zone, report
        self._now = clock.now()
        self.refused: set[str] = set()

    def read(self, record: Record) -> Row | None:
        """The row; None where its code or kind will not do. Every reason goes to the report."""
        values, refused = record.values, False
        for problem in self._problems(values):
            self._report.refuse(record.line, problem)
            refused |= problem.path in ("code", "kind")
        start, point = self._start(record), self._point(record)
        if refused:
            self.refused.add(values["code"])
            return None
        kind, _, code = values["parent_code"].rpartition(":")
        return Row(
            record.line, values["kind"], values["code"], values["name"], kind or None, code or None, start, point
        )

    def _problems(self, values: dict[str, str]) -> Iterator[FieldProblem]:
        code, kind = values["code"], values["kind"]
        if not code:
            yield FieldProblem("code", "CODE_MISSING", text("A code is needed: rows are compared by it"))
        elif not SYNTAX.fullmatch(code):
            yield syntax_problem(code)
        if kind not in self._kinds.orgs:
            allowed = ", ".join(self._kinds.orgs)
            message = text("There is no kind {found}; there are: {allowed}", found=kind, allowed=allowed)
            yield FieldProblem("kind", "KIND_UNKNOWN", message)
        yield from checks.name_problems(values["name"])

    def _start(self, record: Record) -> datetime | None:
        given = record.values.get("valid_from")
        if not given:
            return None
        try:
            start = self._instant(given)
        except (ValueError, ValidationError):
            message = text(
                "{found} is no date such as 2024-01-31 and no instant such as 2024-01-31T08:00:00+08:00", found=given
            )
            self._report.refuse_row(record.line, "valid_from", "DATE_SYNTAX", message)
            return None
        for problem in checks.past_problems("valid_from", start, self._now):
            self._report.refuse(record.line, problem)
        return start

    def _instant(self, given: str) -> datetime:
        if _DAY.fullmatch(given):
            return local_instant(date.fromisoformat(given), time.min, self._zone)
        return checks.in_utc(datetime.fromisoformat(given))

    def _point(self, record: Record) -> Point | None:
        lon, lat, crs = (record.values.get(name, "") for name in ("lon", "lat", "crs"))
        if not lon and not lat:
            return None
        before = self._report.problem_count
        for name, value in (("lon", lon), ("lat", lat)):
            if not _NUMBER.fullmatch(value):
                message = text("{found} is no number of degrees such as 113.1289", found=value)
                self._report.refuse_row(record.line, name, "NUMBER_SYNTAX", message)
        if crs and crs not in Crs.__members__:
            message = text("There is no {found}; there are: {allowed}", found=crs, allowed=", ".join(Crs))
            self._report.refuse_row(record.line, "crs", "CRS_UNKNOWN", message)
        if self._report.problem_count > before:
            return None
        point = Point(float(lon), float(lat), Crs(crs) if crs else Crs.CGCS2000)
        for problem in point_problems(point):
            self._report.refuse(record.line, problem)
        return point
