from __future__ import annotations

import math
import random
import time
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from linli.core.errors import ValidationError
from linli.core.graph.outlines import read, written
from linli.core.graph.outlines.segments import Segment, near, segments_of
from linli.core.graph.outlines.shapes import Position, Ring, Shape
from linli.core.graph.outlines.validity import outline_problems
from linli.core.graph.points import Crs

few = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7, unique=True)


def codes(*polygons: list[Ring]) -> list[str]:
    return [problem.code for problem in outline_problems(Shape(polygons))]


def box(x: int, y: int, side: int) -> list[Position]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def meets(one: Segment, other: Segment) -> bool:
    """Whether two lines have a point in common, in fractions."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = one.start, one.end, other.start, other.end
    base = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if base == 0:
        if (bx - ax) * (cy - ay) != (by - ay) * (cx - ax):
            return False
        key = 0 if ax != bx else 1
        first, second = sorted((one.start[key], one.end[key])), sorted((other.start[key], other.end[key]))
        return first[0] <= second[1] and second[0] <= first[1]
    t = Fraction((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx), base)
    u = Fraction((cx - ax) * (by - ay) - (cy - ay) * (bx - ax), base)
    return 0 <= t <= 1 and 0 <= u <= 1


def simple(ring: Ring) -> bool:
    """Whether a ring meets itself nowhere but where one line follows another; every pair looked at."""
    lines = segments_of(ring, 0)
    for one, other in combinations(lines, 2):
        if not (one.follows(other) or other.follows(one)):
            if meets(one, other):
                return False
        else:
            first, then = (one, other) if other.follows(one) else (other, one)
            (ax, ay), (bx, by), (cx, cy) = first.start, first.end, then.end
            straight = (bx - ax) * (cy - by) == (by - ay) * (cx - bx)
            if straight and (bx - ax) * (cx - bx) + (by - ay) * (cy - by) < 0:
                return False
    return True


@given(few)
def test_a_ring_is_refused_exactly_where_it_meets_itself(ring: list[Position]) -> None:
    assert (codes([ring]) == []) == simple(ring)


@given(st.integers(0, 2**32))
def test_no_two_lines_that_meet_are_overlooked(seed: int) -> None:
    note(f"seed {seed}")
    chance = random.Random(seed)
    ring = [(chance.randrange(300), chance.randrange(300)) for _ in range(chance.randrange(3, 60))]
    lines = segments_of(ring, 0)
    found = {frozenset((one.number, other.number)) for one, other in near(lines)}
    assert all(
        frozenset((one.number, other.number)) in found for one, other in combinations(lines, 2) if meets(one, other)
    )


@pytest.mark.parametrize(
    ("polygons", "expected"),
    [
        ([[box(0, 0, 9), box(2, 2, 3)]], []),
        ([[box(0, 0, 9), box(0, 2, 3)]], ["RINGS_CROSS"]),  # runs along
        ([[box(0, 0, 9), [(0, 0), (4, 2), (2, 4)]]], []),  # touches in a corner
        ([[box(0, 0, 9), [(0, 4), (4, 2), (4, 6)]]], ["RINGS_CROSS"]),  # touches where the other has no corner
        ([[[(0, 0), (9, 0), (9, 9), (4, 4)], [(0, 0), (4, 4), (0, 9)]]], ["RINGS_CROSS"]),
        ([[[(0, 0), (9, 0), (9, 9), (0, 9), (4, 4)], [(0, 0), (1, 4), (0, 9)]]], ["HOLE_OUTSIDE"]),  # through corners
        ([[box(0, 0, 9), box(20, 20, 3)]], ["HOLE_OUTSIDE"]),
        ([[box(0, 0, 9), box(-5, -5, 30)]], ["HOLE_OUTSIDE"]),
        ([[box(0, 0, 20), box(2, 2, 9), box(4, 4, 3)]], ["HOLES_OVERLAP"]),
        ([[box(0, 0, 20), box(4, 4, 3), box(2, 2, 9)]], ["HOLES_OVERLAP"]),
        ([[box(0, 0, 20), box(2, 2, 3), box(9, 9, 3)]], []),
        ([[box(0, 0, 9)], [box(9, 9, 9)]], []),
        ([[box(0, 0, 9)], [box(9, 0, 9)]], ["RINGS_CROSS"]),  # one polygon drawn as two
        ([[box(0, 0, 9)], [box(2, 2, 3)]], ["POLYGONS_OVERLAP"]),
        ([[box(2, 2, 3)], [box(0, 0, 9)]], ["POLYGONS_OVERLAP"]),
        ([[box(0, 0, 20), box(2, 2, 9)], [box(4, 4, 3)]], []),  # an island
        ([[box(4, 4, 3)], [box(0, 0, 20), box(2, 2, 9)]], []),
        ([[box(0, 0, 9)], [box(5, 5, 9)]], ["RINGS_CROSS"]),
        ([[[(0, 0), (4, 0), (8, 0), (2, 0), (4, 4)]]], ["SELF_INTERSECTION"]),  # back along the line it came by
        ([[[(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)]]], ["SELF_INTERSECTION"]),  # touches itself
    ],
)
def test_rings_lie_as_they_should(polygons: Any, expected: list[str]) -> None:
    assert codes(*polygons) == expected


def star(corners: int, *, wild: float) -> list[list[float]]:
    chance = random.Random(7)
    ring = []
    for n in range(corners):
        radius, angle = 0.2 * (1 - wild * chance.random()), 2 * math.pi * n / corners
        ring.append([round(113 + radius * math.cos(angle), 7), round(29 + radius * math.sin(angle), 7)])
    return [*ring, ring[0]]


@pytest.mark.parametrize("wild", [0.01, 0.9])
def test_ten_thousand_positions_are_checked_within_seconds(wild: float) -> None:
    drawn = {"type": "Polygon", "coordinates": [star(9_999, wild=wild)]}
    began = time.perf_counter()
    try:
        shape = read(drawn)
    except ValidationError as refused:
        assert [problem.code for problem in refused.problems] == ["TOO_INTRICATE"]  # noqa: PT017
    else:
        assert shape.positions == 9_999
        assert written(shape)["coordinates"][0] == drawn["coordinates"][0]
    assert time.perf_counter() - began < 20


def test_an_outline_in_another_datum_comes_back_within_a_centimetre() -> None:
    drawn = {"type": "Polygon", "coordinates": [star(50, wild=0.5)]}
    for crs in Crs:
        shown = written(read(drawn), crs)
        again = written(read(shown, crs))
        pairs = zip(again["coordinates"][0], drawn["coordinates"][0], strict=True)
        assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)) < 3e-7
