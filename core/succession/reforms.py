"""A reform as a file tells it: organisations that are merged, split and renamed, in order. 区划调整方案。

CSV with the columns `change, code, into, name, under, heir`. `merge` (合并): a row for each that ends, those with one
`into` are one change. `split` (拆分): a row for each successor, `heir` marks the one that takes what names no part;
after them `child` (划入) says into which successor what stands beneath goes. `rename` (更名): the new `name`. A
successor with a `name` is made, `under` that or where the first of those that end stands; without one it is there.
Codes are `[KIND:]CODE`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from ..decoding import decoded
from ..errors import FieldProblem, ValidationError, text

COLUMNS = ("change", "code", "into", "name", "under", "heir")
NEEDED = ("change", "code")
WORDS = {"合并": "merge", "拆分": "split", "划入": "child", "更名": "rename"}
YES = frozenset({"yes", "true", "1", "是"})


@dataclass(frozen=True)
class Target:
    """A successor by its code; a new one where it has a name."""

    code: str
    name: str | None = None
    under: str | None = None


@dataclass
class Merge:
    """Several organisations become one."""

    target: Target
    sources: list[str] = field(default_factory=list)


@dataclass
class Split:
    """One organisation becomes several; `children` are pairs of a code and the code of a successor."""

    source: str
    targets: list[Target] = field(default_factory=list)
    children: list[tuple[str, str]] = field(default_factory=list)
    heir: str | None = None


@dataclass(frozen=True)
class Rename:
    """An organisation gets another name."""

    code: str
    name: str


Change = Merge | Split | Rename


def reform(content: bytes) -> list[Change]:
    """The changes of a file in their order; raises ValidationError with every problem, at `line <n>.<column>`."""
    source = decoded(content)
    reader = csv.DictReader(StringIO(source.text, newline=""))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    unknown = [str(name) for name in reader.fieldnames or () if name not in COLUMNS]
    problems = [_problem(1, name, "COLUMN_MISSING") for name in missing]
    problems += [_problem(1, name, "COLUMN_UNKNOWN") for name in unknown]
    if problems:
        raise ValidationError(*problems)
    changes = _Changes()
    for row in reader:
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if any(values.values()):
            problems += changes.take(reader.line_num, values)
    problems += changes.unfinished()
    if problems:
        raise ValidationError(*problems)
    return changes.found


class _Changes:
    """The changes so far; what stands in one row may belong to one that an earlier row began."""

    def __init__(self) -> None:
        self.found: list[Change] = []
        self._merges: dict[str, Merge] = {}
        self._splits: dict[str, Split] = {}
        self._lines: dict[str, int] = {}
        self._split: Split | None = None

    def take(self, line: int, row: Mapping[str, str]) -> Iterator[FieldProblem]:
        """Take in a row; what is wrong with it."""
        change = WORDS.get(row["change"], row["change"].lower())
        wanted = {"merge": ("into",), "split": ("into",), "child": ("into",), "rename": ("name",)}.get(change)
        if wanted is None:
            told = text("There is no change {found}; there are: merge, split, child, rename", found=row["change"])
            yield FieldProblem(f"line {line}.change", "UNKNOWN", told)
            return
        empty = [name for name in ("code", *wanted) if not row[name]]
        yield from (_problem(line, name, "EMPTY") for name in empty)
        if not empty:
            yield from self._taken(line, change, row)

    def _taken(self, line: int, change: str, row: Mapping[str, str]) -> Iterator[FieldProblem]:
        target = Target(row["into"], row["name"] or None, row["under"] or None)
        if change == "rename":
            self.found.append(Rename(row["code"], row["name"]))
        elif change == "merge":
            self._merge(target).sources.append(row["code"])
        elif change == "split":
            split = self._split = self._splitting(row["code"], line)
            split.targets.append(target)
            split.heir = target.code if row["heir"].lower() in YES else split.heir
        elif self._split is None:
            told = text("A child follows the rows of the split that it belongs to")
            yield FieldProblem(f"line {line}.change", "NO_SPLIT", told)
        else:
            self._split.children.append((row["code"], row["into"]))

    def _merge(self, target: Target) -> Merge:
        if target.code not in self._merges:
            self._merges[target.code] = Merge(target)
            self.found.append(self._merges[target.code])
        return self._merges[target.code]

    def _splitting(self, source: str, line: int) -> Split:
        if source not in self._splits:
            self._splits[source], self._lines[source] = Split(source), line
            self.found.append(self._splits[source])
        return self._splits[source]

    def unfinished(self) -> Iterator[FieldProblem]:
        """Splits whose children go to none of their successors."""
        for source, split in self._splits.items():
            known = {target.code for target in split.targets}
            for child, into in split.children:
                if into not in known:
                    told = text("{child} goes to {into}, which is no successor here", child=child, into=into)
                    yield FieldProblem(f"line {self._lines[source]}.into", "NO_SUCCESSOR", told)


def _problem(line: int, name: str, code: str) -> FieldProblem:
    told = {
        "COLUMN_MISSING": text("The column {name} is missing", name=name),
        "COLUMN_UNKNOWN": text("There is no column {name}", name=name),
        "EMPTY": text("The column {name} is empty", name=name),
    }
    return FieldProblem(f"line {line}.{name}", code, told[code])
