"""Cells that are merged over several rows or columns. 合并单元格。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .cells import Cell
from .workbooks import Range

_WIDE = 3


def wide_rows(merged: Sequence[Range], first: int) -> frozenset[int]:
    """The rows (from 1) from `first` on in which a cell goes over three columns and more: headings of sections."""
    return frozenset(start[0] + 1 for start, end in merged if start[0] + 1 >= first and end[1] - start[1] + 1 >= _WIDE)


class FillDown:
    """Says in every row what cells that are merged downwards say once, in their first row."""

    def __init__(self, merged: Sequence[Range], first: int) -> None:
        self._starts: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, end in merged:
            if end[0] > start[0] and start[0] + 1 >= first:
                self._starts[start[0] + 1].append((start[1], end[0] + 1))
        self._active: dict[int, tuple[int, Cell]] = {}

    def filled(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of a row, with what reaches down into it."""
        if not self._active and number not in self._starts:
            return cells
        whole = list(cells)
        for column, (last, value) in tuple(self._active.items()):
            if number > last:
                del self._active[column]
            elif column < len(whole) and whole[column] == "":
                whole[column] = value
        for column, last in self._starts.get(number, ()):
            if column < len(whole):
                self._active[column] = (last, whole[column])
        return whole
