"""Squares of a grid under which an outline is kept, so that any engine's plain index finds those at a point.

The grid has a level for each power of two. An outline is kept under the squares of the first level whose squares are
not smaller than its box: four at most. A point lies in one square of each level, so that all outlines around it are
found by one look-up per level, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from .shapes import Box

LEVELS = range(12, 32)
"""From 4,096 units, 45 metres, to half of the world."""

_WEST, _SOUTH = -1_800_000_000, -900_000_000
_BITS = 21


def cells_of(box: Box) -> list[int]:
    """The squares of the box's level that it meets."""
    extent = max(box.east - box.west, box.north - box.south)
    level = next(level for level in LEVELS if extent <= 1 << level)
    columns = range((box.west - _WEST) >> level, ((box.east - _WEST) >> level) + 1)
    rows = range((box.south - _SOUTH) >> level, ((box.north - _SOUTH) >> level) + 1)
    return [_cell(level, column, row) for column in columns for row in rows]


def cells_at(x: int, y: int, levels: Iterable[int] = LEVELS) -> list[int]:
    """The square of each level in which a point lies."""
    return [_cell(level, (x - _WEST) >> level, (y - _SOUTH) >> level) for level in levels]


def _cell(level: int, column: int, row: int) -> int:
    return (level << 2 * _BITS) | (column << _BITS) | row
