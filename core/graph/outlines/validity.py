"""Whether a shape is an area (OGC 06-103r4, 6.1.11): rings that neither cross nor touch themselves, holes within.

Rings may touch each other in positions that both have; everything is computed on whole numbers, without rounding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from ...errors import FieldProblem, Text, text
from ..points import UNITS_PER_DEGREE
from .segments import Segment, TooIntricateError, crosses, near, segments_of, touching, turn
from .shapes import Position, Ring, Shape, box_of

Touches = dict[tuple[int, int], set[Position]]


def doubled_area(ring: Ring) -> int:
    """Twice the plane area of a ring in square units; negative where it runs clockwise."""
    ends = [*ring[1:], ring[0]]
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ends, strict=True))


def outline_problems(shape: Shape, path: str = "boundary") -> Iterator[FieldProblem]:
    """What is wrong with a shape: SELF_INTERSECTION, RINGS_CROSS or TOO_INTRICATE; then where its rings lie:
    HOLE_OUTSIDE, HOLES_OVERLAP, POLYGONS_OVERLAP. The first of a sort is told, with a position."""
    lines = [line for number, ring in enumerate(shape.rings) for line in segments_of(ring, number)]
    touches: Touches = defaultdict(set)
    try:
        for one, other in near(lines):
            if problem := _meeting(one, other, touches, path):
                yield problem
                return
    except TooIntricateError:
        yield FieldProblem(path, "TOO_INTRICATE", text("This outline winds about too much to be checked: simplify it"))
        return
    yield from _Nesting(shape, touches, path).problems()


def _meeting(one: Segment, other: Segment, touches: Touches, path: str) -> FieldProblem | None:
    """What is wrong where two lines come near each other; where rings touch is kept."""
    if one.ring == other.ring:
        if _meets_itself(one, other):
            message = text("The outline meets itself at {place}", place=_near(one, other))
            return FieldProblem(path, "SELF_INTERSECTION", message)
        return None
    shared = touching(one, other)
    corners = {one.start, one.end} & {other.start, other.end}
    if crosses(one, other) or len(shared) > 1 or shared - corners:
        message = text("Two rings cross or run along each other at {place}", place=_near(one, other))
        return FieldProblem(path, "RINGS_CROSS", message)
    touches[one.ring, other.ring] |= shared
    touches[other.ring, one.ring] |= shared
    return None


def _meets_itself(one: Segment, other: Segment) -> bool:
    if other.follows(one):
        return _doubles_back(one, other) or (one.follows(other) and _doubles_back(other, one))
    if one.follows(other):
        return _doubles_back(other, one)
    return crosses(one, other) or bool(touching(one, other))


def _doubles_back(one: Segment, then: Segment) -> bool:
    """Whether the way goes back along the line by which it came."""
    (ax, ay), (bx, by), (cx, cy) = one.start, one.end, then.end
    return turn(one.start, one.end, then.end) == 0 and (bx - ax) * (cx - bx) + (by - ay) * (cy - by) < 0


def _near(one: Segment, other: Segment) -> str:
    x, y = min(touching(one, other), default=one.start)
    return f"{x / UNITS_PER_DEGREE}, {y / UNITS_PER_DEGREE}"


class _Nesting:
    """Where rings lie that do not cross: asked for one place of every stretch between two touches."""

    def __init__(self, shape: Shape, touches: Touches, path: str) -> None:
        self._shape, self._touches, self._path = shape, touches, path
        self._rings: list[Ring] = list(shape.rings)
        self._boxes = [box_of(ring) for ring in self._rings]
        self._places: list[list[int]] = []
        for polygon in shape.polygons:
            start = sum(map(len, self._places))
            self._places.append(list(range(start, start + len(polygon))))

    def problems(self) -> Iterator[FieldProblem]:
        """The first of each sort."""
        for outer, *holes in self._places:
            area = _doubled([self._rings[outer]])
            if not all(area.contains(*place) for hole in holes for place in self._stretches(hole, [outer])):
                yield self._told("HOLE_OUTSIDE", text("A hole does not lie within its polygon"))
                return
            pairs = combinations(holes, 2)
            if any(self._some_within(a, [b]) or self._some_within(b, [a]) for a, b in pairs):
                yield self._told("HOLES_OVERLAP", text("Two holes lie in each other"))
                return
        for one, other in combinations(self._places, 2):
            if self._some_within(one[0], other) or self._some_within(other[0], one):
                yield self._told("POLYGONS_OVERLAP", text("Two polygons lie over each other"))
                return

    def _told(self, code: str, message: Text) -> FieldProblem:
        return FieldProblem(self._path, code, message)

    def _some_within(self, ring: int, others: Sequence[int]) -> bool:
        """Whether a stretch of a ring lies within the area that others enclose, the first of them the outer one."""
        if not self._boxes[ring].meets(self._boxes[others[0]]):
            return False
        shape = _doubled([self._rings[other] for other in others])
        return any(shape.contains(*place) for place in self._stretches(ring, others))

    def _stretches(self, ring: int, others: Sequence[int]) -> Iterator[Position]:
        """A place on each stretch of a ring between where it touches the others, in half units."""
        shared = set[Position]().union(*(self._touches.get((ring, other), ()) for other in others))
        corners = self._rings[ring]
        if not shared:
            x, y = corners[0]
            yield 2 * x, 2 * y
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
            if (x1, y1) in shared:
                yield x1 + x2, y1 + y2


def _doubled(rings: Sequence[Ring]) -> Shape:
    return Shape([[[(2 * x, 2 * y) for x, y in ring] for ring in rings]])
