"""Where the header of a sheet stands: below titles and lines of who filled it in, on one level or on two. 表头识别。"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .cells import Cell, squeezed
from .columns import Heading, is_title, joins, meaning
from .field import SheetKind
from .fields import FIELDS
from .workbooks import Range

LOOKED_AT = 30
_FEWEST = 2
_MARKERS: Mapping[SheetKind, frozenset[str]] = {
    SheetKind.PEOPLE: frozenset(
        ("person.gender", "person.birthDate", "person.partyStatus", "household.relation", "person.registeredCommunity")
    ),
    SheetKind.PREMISES: frozenset(("premises.area", "premises.use", "tenure.share")),
    SheetKind.UNITS: frozenset(("unit.creditCode", "unit.nature")),
    SheetKind.POSTS: frozenset(("post.kind",)),
}
_WORDS: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.PEOPLE: ("人口", "居民", "人员", "党员", "花名册"),
    SheetKind.PREMISES: ("房屋", "业主", "房产", "住房"),
    SheetKind.UNITS: ("单位", "企业", "商户", "机构", "店铺"),
    SheetKind.POSTS: ("任职", "网格员", "班子", "职务", "岗位"),
}
_NAMED, _REQUIRED, _JOINED = 1.5, 2.0, 0.5

Line = tuple[int, Sequence[Cell]]
"""A row of a sheet: its number from 1, and its cells."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header: the kind of its sheet, its rows (from 1), and the heading of every column."""

    kind: SheetKind
    rows: tuple[int, ...]
    headings: tuple[Heading, ...]


def find_header(
    lines: Sequence[Line], merged: Sequence[Range], kind: SheetKind | None, named: str = ""
) -> Header | None:
    """The header among the first lines of a sheet; None where no line reads like one. `named` is the sheet's name."""
    found: list[tuple[float, Header]] = []
    hint = named + "".join(_heading_text(line) for line in lines[:3])
    for at, line in enumerate(lines[:LOOKED_AT]):
        if sum(is_title(cell) for cell in line[1]) < 1:
            continue
        for headings, rows in _levels(lines, at, merged):
            for one in (kind,) if kind else tuple(SheetKind):
                score = _score(headings, one) + (_NAMED if any(word in hint for word in _WORDS[one]) else 0)
                if len(_fields(headings, one)) >= _FEWEST:
                    found.append((score, Header(one, rows, headings)))
    return _best(found)


def _best(found: Sequence[tuple[float, Header]]) -> Header | None:
    """Of the first line that will do the best reading, of two levels rather than one; else the best of all lines."""
    complete = [one for one in found if not missing(one[1].kind, _fields(one[1].headings, one[1].kind))]
    first = min((one[1].rows[0] for one in complete), default=None)
    candidates = [one for one in complete if one[1].rows[0] == first] or list(found)
    best = max(candidates, key=lambda one: (one[0], len(one[1].rows), -one[1].rows[0]), default=None)
    return best[1] if best else None


def _heading_text(line: Line) -> str:
    filled = [cell for cell in line[1] if cell != ""]
    return squeezed(filled[0]) if len(filled) == 1 else ""


def _levels(
    lines: Sequence[Line], at: int, merged: Sequence[Range]
) -> list[tuple[tuple[Heading, ...], tuple[int, ...]]]:
    number, cells = lines[at]
    single = (tuple((_text(cell),) for cell in cells), (number,))
    if at + 1 >= len(lines) or lines[at + 1][0] != number + 1:
        return [single]
    below = lines[at + 1][1]
    filled = [cell for cell in below if cell != ""]
    if 2 * sum(is_title(cell) for cell in filled) < len(filled) or not all(isinstance(cell, str) for cell in filled):
        return [single]
    upper = _spread(number, cells, below, merged)
    width = max(len(upper), len(below))
    joined = tuple((_at(upper, index), _text(_at(below, index))) for index in range(width))
    return [single, (joined, (number, number + 1))]


def _spread(number: int, cells: Sequence[Cell], below: Sequence[Cell], merged: Sequence[Range]) -> list[str]:
    """The upper level with what is written once over several columns above each of them."""
    upper = [_text(cell) for cell in cells] + [""] * (len(below) - len(cells))
    here = [(first, last) for first, last in merged if first[0] <= number - 1 <= last[0]]
    for first, last in here:
        for column in range(first[1] + 1, min(last[1] + 1, len(upper))):
            upper[column] = upper[column] or upper[first[1]]
    if not merged:  # text files and OpenDocument do not tell: an empty cell continues where something is below it
        for column in range(1, len(upper)):
            if not upper[column] and column < len(below) and below[column] != "" and not is_title(upper[column - 1]):
                upper[column] = upper[column - 1]
    return upper


def _at(values: Sequence[Cell], index: int) -> str:
    return _text(values[index]) if index < len(values) else ""


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else squeezed(cell)


def _fields(headings: Sequence[Heading], kind: SheetKind) -> set[str]:
    found = (meaning(heading, kind).field for heading in headings if any(heading))
    return {key for key in found if key is not None}


def _score(headings: Sequence[Heading], kind: SheetKind) -> float:
    keys = _fields(headings, kind)
    told = _JOINED * sum(joins(heading, kind) for heading in headings)
    return len(keys) + len(keys & _MARKERS[kind]) + told - _REQUIRED * len(missing(kind, keys))


def missing(kind: SheetKind, fields: Collection[str]) -> tuple[str, ...]:
    """The fields that a kind cannot do without and that are not there; an address does for a room."""
    wanted = [one.key for one in FIELDS.values() if kind in one.required and one.key not in fields]
    if "place.address" in fields and "place.number" in wanted:
        wanted.remove("place.number")
    return tuple(wanted)
