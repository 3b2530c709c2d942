from __future__ import annotations

from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from linli.core.graph.outlines.areas import square_metres
from linli.core.graph.outlines.fit import Misfit, misfits
from linli.core.graph.outlines.shapes import Position, Shape

UNIT, X, Y = 100_000, 1_131_000_000, 293_000_000


def at(*corners: Position) -> list[Position]:
    return [(X + x * UNIT, Y + y * UNIT) for x, y in corners]


def area(*corners: Position) -> Shape:
    return Shape([[at(*corners)]])


def box(x: int, y: int, width: int, height: int) -> Shape:
    return area((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def cells(shape: Shape, side: int) -> set[Position]:
    """The squares in the middle of which a shape lies."""
    half = UNIT // 2
    return {
        (x, y) for x, y in product(range(side), repeat=2) if shape.contains(X + x * UNIT + half, Y + y * UNIT + half)
    }


def test_areas_that_fit_leave_nothing_to_tell() -> None:
    parent, children = box(0, 0, 4, 4), [area((0, 0), (4, 0), (1, 3)), area((0, 0), (1, 3), (4, 0), (4, 4), (0, 4))]
    assert misfits(parent, children, tiling=True) == []


def test_gaps_overlaps_and_what_lies_outside_are_found_with_place_and_area() -> None:
    parent = box(0, 0, 10, 10)
    children = [box(0, 0, 6, 10), box(5, 0, 3, 10), box(8, 0, 4, 4)]
    found = misfits(parent, children, tiling=True)
    gap, overlap, outside = (next(it for it in found if it.misfit is kind) for kind in Misfit)
    assert len(found) == 3
    assert (gap.children, overlap.children, outside.children) == ((), (0, 1), (2,))
    for region, expected in ((gap, box(8, 4, 2, 6)), (overlap, box(5, 0, 1, 10)), (outside, box(10, 0, 2, 4))):
        assert abs(region.area - square_metres(expected)) < 1
        assert expected.contains(region.x, region.y)
    without = misfits(parent, children, tiling=False)
    assert {it.misfit for it in without} == {Misfit.OVERLAP, Misfit.OUTSIDE}
    assert {it.misfit for it in misfits(None, children, tiling=True)} == {Misfit.OVERLAP}


def test_gaps_that_do_not_hang_together_are_told_apart_and_those_that_do_are_one() -> None:
    parent, middle = box(0, 0, 9, 9), box(3, 0, 1, 9)
    assert len(misfits(parent, [middle], tiling=True)) == 2
    island = box(3, 3, 3, 3)
    (around,) = misfits(parent, [island], tiling=True)
    assert abs(around.area - square_metres(parent) + square_metres(island)) < 1
    cross = area((3, 0), (6, 0), (4, 5), (6, 9), (3, 9), (4, 5))
    assert cross.contains(around.x, around.y) is False


boxes = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))
triangles = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=3, unique=True)


@given(st.lists(boxes, min_size=1, max_size=5), st.booleans())
def test_areas_are_those_of_the_squares_that_lie_so(given_: list[tuple[int, int, int, int]], tiling: bool) -> None:
    side = 12
    parent, children = box(1, 1, 8, 8), [box(*one) for one in given_]
    inside, covered = cells(parent, side), [cells(child, side) for child in children]
    counts = {cell: sum(cell in one for one in covered) for cell in product(range(side), repeat=2)}
    expected = {
        Misfit.GAP: sum(count == 0 and cell in inside for cell, count in counts.items()) if tiling else 0,
        Misfit.OVERLAP: sum(count > 1 for count in counts.values()),
        Misfit.OUTSIDE: sum(count == 1 and cell not in inside for cell, count in counts.items()),
    }
    found = misfits(parent, children, tiling=tiling)
    square = square_metres(box(5, 5, 1, 1))
    for misfit, count in expected.items():
        total = sum(region.area for region in found if region.misfit is misfit)
        assert abs(total / square - count) < 0.001 * (count + 1)


@given(triangles, triangles)
def test_what_two_triangles_share_and_what_is_left_make_up_each(one: list[Position], other: list[Position]) -> None:
    first, second = area(*one), area(*other)
    assume(square_metres(first) and square_metres(second))
    shared = sum(it.area for it in misfits(None, [first, second], tiling=False))
    beyond = sum(it.area for it in misfits(first, [second], tiling=True) if it.misfit is Misfit.OUTSIDE)
    left = sum(it.area for it in misfits(first, [second], tiling=True) if it.misfit is Misfit.GAP)
    tolerance = 10  # of 100 km²
    assert abs(shared + beyond - square_metres(second)) < tolerance
    assert abs(shared + left - square_metres(first)) < tolerance
