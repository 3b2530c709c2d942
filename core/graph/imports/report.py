"""What an import found and did, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ...errors import FieldProblem, Text

PROBLEMS_KEPT = 1000


class Outcome(StrEnum):
    """What a row, or its absence, means for an organisation."""

    ADDED = "added"
    RENAMED = "renamed"
    MOVED = "moved"
    LOCATED = "located"
    GONE = "gone"


class Stage(StrEnum):
    """What an import is busy with."""

    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"


Progress = Callable[[Stage, int, int], None]
"""Told the stage, how many rows are done and of how many."""


def silent(stage: Stage, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in a row: its line in the file (the header's is 1), the column, a stable code, and in words.

    `line` is None for what concerns an organisation that no row names.
    """

    line: int | None
    column: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between the file and the present. `applied` tells whether it is written with this import."""

    outcome: Outcome
    line: int | None
    kind: str
    code: str
    name: str
    before: str | None = None
    after: str | None = None
    applied: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file adds and what it lacks beneath the same parent, by names that are alike: perhaps one organisation.

    `old_*` stands in the district and not in the file, `code` and `name` in the file only.
    """

    line: int
    kind: str
    old_code: str
    old_name: str
    code: str
    name: str


_COLUMNS = {"parentId": "parent_code", "location.lon": "lon", "location.lat": "lat"}


@dataclass
class ImportReport:
    """The outcome of an import. 导入报告。

    With any problem nothing is written. `problems` holds the first PROBLEMS_KEPT of `problem_count`; `changes` those
    that were written and those that were only listed; `proposals` are told and never carried out; `written` is False
    for a dry run too.
    """

    encoding: str = ""
    rows: int = 0
    unchanged: int = 0
    changes: list[Change] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    problem_count: int = 0
    written: bool = False

    def count(self, outcome: Outcome, *, applied: bool = True) -> int:
        """How many changes of this outcome are applied; or, with applied=False, only listed."""
        return self._counts[outcome, applied]

    @property
    def _counts(self) -> Counter[tuple[Outcome, bool]]:
        return Counter((change.outcome, change.applied) for change in self.changes)

    def refuse(self, line: int | None, problem: FieldProblem) -> None:
        """Note a problem."""
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            column = _COLUMNS.get(problem.path, problem.path)
            self.problems.append(RowProblem(line, column, problem.code, problem.message))

    def refuse_row(self, line: int | None, column: str, code: str, message: Text) -> None:
        """Note a problem of an import's own."""
        self.refuse(line, FieldProblem(column, code, message))
