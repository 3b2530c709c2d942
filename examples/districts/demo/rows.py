"""The rows of an organisations file, as `linli import orgs` reads it, and of the relations between them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple


class Org(NamedTuple):
    """A row of an organisations file."""

    code: str
    level: str
    name: str
    parent_code: str


class Relation(NamedTuple):
    """A relation by the codes of its ends, each written KIND:CODE."""

    kind: str
    source: str
    target: str


def read(file: Path) -> list[Org]:
    """The rows of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [Org(**row) for row in csv.DictReader(lines)]


def write(file: Path, rows: Iterable[Org]) -> None:
    """Write a file of rows."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(Org._fields)
        writer.writerows(rows)


def communities(divisions: Iterable[Org]) -> list[Org]:
    """The communities and villages of a district's divisions, in order of their codes."""
    return sorted(row for row in divisions if row.level == "COMMUNITY")


def shares(total: int, parts: int) -> list[int]:
    """`parts` whole numbers that differ by one at most and add up to `total`."""
    return [total * (part + 1) // parts - total * part // parts for part in range(parts)]


def spread(total: int, over: Sequence[Org]) -> dict[str, int]:
    """How many of `total` each of these organisations gets, by code."""
    return dict(zip((org.code for org in over), shares(total, len(over)), strict=True))
