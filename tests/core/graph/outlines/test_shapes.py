from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from linli.core.graph.outlines.areas import square_metres
from linli.core.graph.outlines.cells import cells_at, cells_of
from linli.core.graph.outlines.shapes import Box, Position, Shape, packed, unpacked

SIDE, WEST, SOUTH = 8, 1_131_000_000, 293_000_000
corners = st.tuples(st.integers(720_000_000, 1_378_000_000), st.integers(8_000_000, 558_000_000))
rings = st.lists(corners, min_size=3, max_size=40)
shapes = st.lists(st.lists(rings, min_size=1, max_size=3), min_size=1, max_size=3).map(Shape)
steps = st.lists(st.tuples(st.integers(0, SIDE), st.integers(0, SIDE)), min_size=1, max_size=6)


@given(shapes)
def test_what_is_packed_is_unpacked_as_the_same_shape(shape: Shape) -> None:
    again = unpacked(packed(shape))
    assert [list(map(list, polygon)) for polygon in again.polygons] == [
        list(map(list, polygon)) for polygon in shape.polygons
    ]
    assert (again.box, again.positions) == (shape.box, shape.positions)
    assert len(packed(shape)) == 4 * (1 + sum(1 + len(polygon) for polygon in shape.polygons) + 2 * shape.positions)


@given(steps, st.integers(0, SIDE - 1), st.integers(0, SIDE - 1))
def test_each_point_belongs_to_one_of_the_areas_along_a_common_line(line: list[Position], x: int, y: int) -> None:
    way = [(0, 0), *sorted(set(line) - {(0, 0), (SIDE, SIDE)}), (SIDE, SIDE)]
    above = Shape([[[*way, (0, SIDE)]]])
    below = Shape([[[*way[::-1], (SIDE, 0)][::-1]]])
    square = Shape([[[(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)]]])
    assert square.contains(x, y)
    assert above.contains(x, y) + below.contains(x, y) == 1


def test_a_point_on_a_line_belongs_to_the_east_or_to_the_north() -> None:
    quarters = {(x, y): Shape([[[(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)]]]) for x in (-2, 0) for y in (-2, 0)}
    asked = {(0, 1): (0, 0), (0, -1): (0, -2), (1, 0): (0, 0), (-1, 0): (-2, 0), (0, 0): (0, 0)}
    for point, quarter in asked.items():
        assert [at for at, shape in quarters.items() if shape.contains(*point)] == [quarter]


def test_a_hole_is_outside_and_an_island_in_it_inside() -> None:
    outer, hole = [(0, 0), (90, 0), (90, 90), (0, 90)], [(10, 10), (10, 80), (80, 80), (80, 10)]
    island = [(40, 40), (50, 40), (50, 50), (40, 50)]
    shape = Shape([[outer, hole], [island]])
    found = [shape.contains(x, x) for x in (5, 10, 20, 45, 60, 80, 85, 90)]
    assert found == [True, False, False, True, False, True, True, False]


@given(corners, corners, corners)
def test_an_outline_is_kept_under_four_squares_at_most_and_found_at_each_of_its_points(
    one: Position, other: Position, point: Position
) -> None:
    (west, east), (south, north) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    box = Box(west, south, east, north)
    kept = cells_of(box)
    assert 1 <= len(kept) <= 4
    x, y = min(max(point[0], west), east), min(max(point[1], south), north)
    assert set(kept) & set(cells_at(x, y))
    assert len(set(cells_at(x, y))) == len(cells_at(x, y))
    assert all(0 < cell < 2**63 for cell in kept)


def test_areas_are_those_on_the_ellipsoid() -> None:
    degree = 10_000_000
    square = Shape([[[(1130000000, 290000000), (1130000000 + degree, 290000000),
                      (1130000000 + degree, 290000000 + degree), (1130000000, 290000000 + degree)]]])  # fmt: skip
    # a quadrangle of one degree at 29 to 30 degrees north is 10,736 km² (Smithsonian Geographical Tables, table 41)
    assert abs(square_metres(square) / 1e6 - 10_736) < 15
    hole = [(1131000000, 291000000), (1131000000, 292000000), (1132000000, 292000000), (1132000000, 291000000)]
    with_hole = Shape([[square.polygons[0][0], hole]])
    alone = square_metres(Shape([[hole[::-1]]]))
    assert square_metres(with_hole) == square_metres(square) - alone


def test_parts_have_the_area_of_the_whole() -> None:
    ys = [WEST % 7 + SOUTH + n * 1_000_000 for n in range(11)]
    whole = Shape([[[(WEST, ys[0]), (WEST + 100, ys[0]), (WEST + 100, ys[-1]), (WEST, ys[-1])]]])
    parts = [Shape([[[(WEST, a), (WEST + 100, a), (WEST + 100, b), (WEST, b)]]]) for a, b in pairwise(ys)]
    assert abs(square_metres(whole) - sum(map(square_metres, parts))) <= len(parts)
