"""How areas fit together: where they leave gaps in their parent's, lie over each other, or reach beyond it.

The plane is cut from north to south at every corner and crossing. Within such a strip no two lines cross, so that the
areas between neighbouring lines are trapezoids, each of which lies in the same outlines all over. Crossings are
computed from whole numbers and rounded once; what a rounding misplaces is far below a square millimetre.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from .areas import strip_beneath
from .segments import Segment, crosses, near, segments_of
from .shapes import Shape

LEAST_AREA = 1.0
"""Square metres: smaller ones come from the rounding of positions."""
MOST_STEPS = 100_000_000

Line = tuple[int, int, int, int, int]
"""Western end, eastern end, and whose it is: 0 the parent's, from 1 on its children's."""
Piece = tuple[float, float, int]
"""Where a trapezoid ends in the east, and the number of its region."""


class Misfit(StrEnum):
    """How areas do not fit. 缝隙、重叠、越界。"""

    GAP = "gap"
    OVERLAP = "overlap"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Region:
    """A connected area that does not fit; `children` are the places in the list of those that lie there; `x`, `y` are
    a point in its widest part, `area` is in square metres."""

    misfit: Misfit
    children: tuple[int, ...]
    area: float
    x: int
    y: int


def misfits(parent: Shape | None, children: Sequence[Shape], *, tiling: bool) -> list[Region]:
    """The regions of LEAST_AREA at least, the largest first; gaps only where the children are to cover the parent.

    Raises TooIntricateError for outlines that wind about each other without end.
    """
    shapes = [parent or Shape([]), *children]
    segments = [line for owner, shape in enumerate(shapes) for ring in shape.rings for line in segments_of(ring, owner)]
    sweep = _Sweep(parent is not None, tiling)
    sweep.over(_lines(segments), _cuts(segments))
    found = [region for region in sweep.regions() if region.area >= LEAST_AREA]
    return sorted(found, key=lambda region: -region.area)


def _lines(segments: list[Segment]) -> list[Line]:
    """The lines from west to east, by their western end; those that run from north to south bound no trapezoid."""
    lines = [(*min(one.start, one.end), *max(one.start, one.end), one.ring) for one in segments]
    return sorted(line for line in lines if line[0] != line[2])


def _cuts(segments: list[Segment]) -> list[float]:
    xs: set[float] = {float(one.start[0]) for one in segments}
    for one, other in near(segments, MOST_STEPS):
        if one.ring != other.ring and crosses(one, other):
            xs.add(_crossing(one, other))
    return sorted(xs)


def _crossing(one: Segment, other: Segment) -> float:
    """The longitude at which two lines cross."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = one.start, one.end, other.start, other.end
    base = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    along = (cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)
    return float(ax + Fraction(along * (bx - ax), base))


@dataclass(slots=True)
class _Found:
    """A region while it is put together."""

    misfit: Misfit
    children: tuple[int, ...]
    area: float = 0.0
    widest: float = 0.0
    place: tuple[float, float] = (0.0, 0.0)
    joined: int | None = None


class _Sweep:
    """Goes over the strips from west to east."""

    def __init__(self, has_parent: bool, tiling: bool) -> None:
        self._has_parent, self._tiling = has_parent, tiling and has_parent
        self._found: list[_Found] = []
        self._before: list[Piece] = []

    def over(self, lines: list[Line], cuts: list[float]) -> None:
        """Look at each strip between two cuts."""
        active: list[Line] = []
        coming = 0
        for west, east in pairwise(cuts):
            active = [line for line in active if line[2] >= east]
            while coming < len(lines) and lines[coming][0] <= west:
                active.append(lines[coming])
                coming += 1
            self._strip(active, west, east)

    def _strip(self, active: list[Line], west: float, east: float) -> None:
        heights = sorted((_height(line, west), _height(line, east), line[4]) for line in active)
        heights.sort(key=lambda it: it[0] + it[1])
        inside: set[int] = set()
        pieces: list[Piece] = []
        for (w1, e1, owner), (w2, e2, _) in pairwise(heights):
            inside ^= {owner}
            told = self._told(inside)
            if told is not None and w1 + e1 < w2 + e2:
                number = self._region(told, w1, w2)
                self._add(number, (east - west) * (strip_beneath(w2, e2) - strip_beneath(w1, e1)))
                self._place(number, (west + east) / 2, (w1 + e1) / 2, (w2 + e2) / 2)
                pieces.append((e1, e2, number))
        self._before = pieces

    def _told(self, inside: set[int]) -> tuple[Misfit, tuple[int, ...]] | None:
        """What is to be told of the places that lie in these outlines."""
        children = tuple(sorted(owner - 1 for owner in inside if owner))
        if len(children) > 1:
            return Misfit.OVERLAP, children
        if self._tiling and inside == {0}:
            return Misfit.GAP, ()
        if self._has_parent and children and 0 not in inside:
            return Misfit.OUTSIDE, children
        return None

    def _region(self, told: tuple[Misfit, tuple[int, ...]], low: float, high: float) -> int:
        """The region in the strip before with which this trapezoid has a border, or a new one; several become one."""
        number: int | None = None
        first = max(0, bisect_left(self._before, low, key=lambda piece: piece[1]))
        for south, _, other in self._before[first:]:
            if south >= high:
                break
            other = self._root(other)  # noqa: PLW2901
            if (self._found[other].misfit, self._found[other].children) == told and other != number:
                if number is not None:
                    self._join(other, number)
                else:
                    number = other
        if number is None:
            self._found.append(_Found(*told))
            number = len(self._found) - 1
        return number

    def _root(self, number: int) -> int:
        while (joined := self._found[number].joined) is not None:
            number = joined
        return number

    def _join(self, number: int, to: int) -> None:
        gone, kept = self._found[number], self._found[to]
        gone.joined = to
        kept.area += gone.area
        if gone.widest > kept.widest:
            kept.widest, kept.place = gone.widest, gone.place

    def _add(self, number: int, area: float) -> None:
        self._found[number].area += area

    def _place(self, number: int, x: float, low: float, high: float) -> None:
        if high - low > self._found[number].widest:
            self._found[number].widest, self._found[number].place = high - low, (x, (low + high) / 2)

    def regions(self) -> Iterator[Region]:
        """What was found."""
        for it in self._found:
            if it.joined is None:
                yield Region(it.misfit, it.children, it.area, round(it.place[0]), round(it.place[1]))


def _height(line: Line, x: float) -> float:
    x1, y1, x2, y2, _ = line
    return y1 + (x - x1) * (y2 - y1) / (x2 - x1)
