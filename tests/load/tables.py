"""Measurements as Markdown tables: medians with their spread, and ratios of what was measured side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

Row = Sequence[str]


@dataclass(frozen=True)
class Table:
    """A title, the columns, the rows, and what one must know to read them."""

    title: str
    columns: Row
    rows: Sequence[Row]
    note: str = ""

    def lines(self) -> Iterator[str]:
        """The table in Markdown, its columns aligned."""
        widths = [max(map(_width, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        yield f"### {self.title}"
        yield ""
        yield _line(self.columns, widths)
        yield _line(["-" * width for width in widths], widths)
        yield from (_line(row, widths) for row in self.rows)
        yield ""
        if self.note:
            yield self.note
            yield ""


def figure(value: float) -> str:
    """A number with three digits that count."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the greatest."""
    if len(values) == 1:
        return figure(values[0])
    return f"{figure(median(values))} ({figure(min(values))}..{figure(max(values))})"


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """How many times as much each measurement is as the one taken right after or before it."""
    return [this / that for this, that in zip(these, those, strict=True)]


def milliseconds(seconds: Sequence[float]) -> list[float]:
    """Durations in seconds, in milliseconds."""
    return [1000 * one for one in seconds]


def _line(cells: Row, widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def _width(cell: str) -> int:
    """Columns that a terminal takes for it: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in cell)
