"""An area as whole numbers of 1e-7 degree, its box, and the bytes in which it is kept."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeAlias

Position: TypeAlias = tuple[int, int]
"""Longitude and latitude in CGCS2000, whole numbers of 1e-7 degree."""

Ring: TypeAlias = Sequence[Position]
"""A closed line; the first position is not repeated at the end."""

Polygon: TypeAlias = Sequence[Ring]
"""The outer ring, then its holes."""


@dataclass(frozen=True, slots=True)
class Box:
    """The least rectangle around an area; its sides belong to it."""

    west: int
    south: int
    east: int
    north: int

    def meets(self, other: Box) -> bool:
        """Whether the two have a position in common."""
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )


def box_of(ring: Ring) -> Box:
    """The box around a ring."""
    longitudes, latitudes = [x for x, _ in ring], [y for _, y in ring]
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


@dataclass(frozen=True)
class Shape:
    """One polygon or several, each with its holes. 面。"""

    polygons: Sequence[Polygon]

    @property
    def rings(self) -> Iterator[Ring]:
        """All rings, outer and holes."""
        return chain.from_iterable(self.polygons)

    @cached_property
    def box(self) -> Box:
        """The box around all."""
        boxes = [box_of(polygon[0]) for polygon in self.polygons]
        return Box(
            min(box.west for box in boxes),
            min(box.south for box in boxes),
            max(box.east for box in boxes),
            max(box.north for box in boxes),
        )

    @property
    def positions(self) -> int:
        """How many corners it has."""
        return sum(map(len, self.rings))

    def contains(self, x: int, y: int) -> bool:
        """Whether a point lies in it, exactly, each point of a line between two areas in one of the two.

        A point on an outline belongs to what lies right east of it; where the outline runs from east to west, to what
        lies north. As nothing is rounded, areas that leave no gap along a common line leave none for a point either.
        """
        inside = False
        for ring in self.rings:
            x1, y1 = ring[-1]
            for x2, y2 in ring:
                if (y1 > y) != (y2 > y):
                    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
                    if side > 0 if y2 > y1 else side < 0:
                        inside = not inside
                x1, y1 = x2, y2
        return inside


def packed(shape: Shape) -> bytes:
    """The bytes of a shape: numbers of 32 bits, little-endian: how many polygons; for each how many rings and how many
    positions in each ring; then all longitudes and latitudes in turn."""
    numbers = array("i", [len(shape.polygons)])
    for polygon in shape.polygons:
        numbers.extend([len(polygon), *map(len, polygon)])
    for ring in shape.rings:
        numbers.extend(chain.from_iterable(ring))
    return _little_endian(numbers).tobytes()


def unpacked(content: bytes) -> Shape:
    """The shape in these bytes."""
    numbers = array("i")
    numbers.frombytes(content)
    given = iter(_little_endian(numbers))
    lengths = [[next(given) for _ in range(next(given))] for _ in range(next(given))]
    corners = list(zip(given, given, strict=True))
    polygons, start = [], 0
    for rings in lengths:
        polygon = []
        for length in rings:
            polygon.append(corners[start : start + length])
            start += length
        polygons.append(polygon)
    return Shape(polygons)


def _little_endian(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
