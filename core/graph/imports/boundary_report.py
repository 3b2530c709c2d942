"""What an import of outlines found and did, feature by feature."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import FieldProblem
from ..outlines.fit import Misfit
from .report import PROBLEMS_KEPT, RowProblem


@dataclass(frozen=True, slots=True)
class Drawn:
    """An outline that the file changes: its feature (the first is 1), whose it is, its area in square metres before and
    after; None for no outline."""

    feature: int
    kind: str
    code: str
    name: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A place where outlines of one kind beneath one parent do not fit, once the file is written; `lon`, `lat` in
    degrees of CGCS2000 are in its widest part, `area` in square metres; `places` are the codes of those there."""

    misfit: Misfit
    kind: str
    parent: str
    places: tuple[str, ...]
    area: float
    lon: float
    lat: float


@dataclass
class BoundaryReport:
    """The outcome of an import of outlines. 边界导入报告。

    With any problem nothing is written; a problem's `line` is its feature. `fits` are told and keep nothing from being
    written; `unchecked` are parents beneath which no gaps were looked for, since some outlines are missing there.
    """

    features: int = 0
    unchanged: int = 0
    changes: list[Drawn] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0
    fits: list[Fit] = field(default_factory=list)
    unchecked: int = 0
    written: bool = False

    def refuse(self, feature: int | None, problem: FieldProblem) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(RowProblem(feature, problem.path, problem.code, problem.message))
