"""GeoJSON (RFC 7946) to shapes and back: `Polygon` and `MultiPolygon`, in any of the four datums.

RFC 7946 knows WGS84 alone, which CGCS2000 equals for this use; another datum is said beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...errors import FieldProblem, ValidationError, invalid
from ..points import SHIFTED, UNITS_PER_DEGREE, Crs, Point, in_china, shown, stored
from .segments import turn
from .shapes import Polygon, Position, Ring, Shape
from .validity import doubled_area, outline_problems

MOST_POSITIONS, MOST_RINGS = 10_000, 500
PROBLEMS_TOLD = 20

_LEAST = 4
_DIGITS = 7


def read(given: Any, crs: Crs = Crs.CGCS2000, *, path: str = "boundary") -> Shape:
    """The shape that a GeoJSON geometry draws, outer rings anticlockwise, holes clockwise.

    Raises ValidationError: GEOMETRY, POSITION, OUTSIDE_CHINA, TOO_MANY_POSITIONS, RING_TOO_SHORT, RING_OPEN,
    RING_FLAT, and the codes of `validity`. It takes a while for many positions: about a second for 10,000.
    """
    reader = _Reader(crs, path)
    shape = reader.shape(given)
    if not reader.problems and shape is not None:
        reader.problems += outline_problems(shape, path)
    if reader.problems or shape is None:
        raise ValidationError(*reader.problems)
    return shape


class _Reader:
    """Reads one geometry and notes what is wrong in it."""

    def __init__(self, crs: Crs, path: str) -> None:
        self._crs, self._path = crs, path
        self.problems: list[FieldProblem] = []

    def shape(self, given: Any) -> Shape | None:
        """The shape; None where there are problems."""
        try:
            polygons = _polygons(given, self._path)
            _check_size(polygons, self._path)
        except ValidationError as refused:
            self.problems += refused.problems
            return None
        single = given["type"] == "Polygon"
        drawn = [self._polygon(polygon, "" if single else f".{n}") for n, polygon in enumerate(polygons)]
        return None if self.problems else Shape(drawn)

    def _polygon(self, rings: list[Any], place: str) -> Polygon:
        drawn = []
        for number, given in enumerate(rings):
            try:
                ring = _ring(given, self._crs, f"{self._path}.coordinates{place}.{number}")
            except ValidationError as refused:
                self.problems += refused.problems if len(self.problems) < PROBLEMS_TOLD else ()
            else:
                anticlockwise = doubled_area(ring) > 0
                drawn.append(ring if anticlockwise == (number == 0) else [ring[0], *ring[:0:-1]])
        return drawn


def _polygons(given: Any, path: str) -> list[Any]:
    """The polygons of a geometry, each a list of rings, each a list."""
    kind = given.get("type") if isinstance(given, dict) else None
    coordinates = given.get("coordinates") if isinstance(given, dict) else None
    polygons: Any = [coordinates] if kind == "Polygon" else coordinates
    if kind not in ("Polygon", "MultiPolygon") or not _nested(polygons):
        raise invalid(path, "GEOMETRY", "A GeoJSON geometry is expected: a Polygon or a MultiPolygon with coordinates")
    return list(polygons)


def _check_size(polygons: list[Any], path: str) -> None:
    rings = [ring for polygon in polygons for ring in polygon]
    found, count = sum(map(len, rings)), len(rings)
    if found > MOST_POSITIONS or count > MOST_RINGS:
        raise invalid(
            path,
            "TOO_MANY_POSITIONS",
            "At most {most} positions in {rings} rings; these are {found} in {count}",
            most=MOST_POSITIONS,
            rings=MOST_RINGS,
            found=found,
            count=count,
        )


def _ring(given: list[Any], crs: Crs, path: str) -> list[Position]:
    """The corners of a ring; ValidationError with the first thing that is wrong."""
    if len(given) < _LEAST:
        raise invalid(
            path, "RING_TOO_SHORT", "A ring has {least} positions at least, the first again at the end", least=_LEAST
        )
    for number, position in enumerate(given):
        if not _is_position(position):
            raise invalid(f"{path}.{number}", "POSITION", "A position is a longitude and a latitude")
    if given[0][:2] != given[-1][:2]:
        raise invalid(path, "RING_OPEN", "A ring ends where it begins")
    corners = _corners(given[:-1], crs, path)
    if all(turn(corners[0], corners[1], corner) == 0 for corner in corners[2:]):
        raise invalid(path, "RING_FLAT", "This ring encloses nothing")
    return corners


def _corners(given: list[Any], crs: Crs, path: str) -> list[Position]:
    """The positions in CGCS2000; what is one when it is rounded to a centimetre is told once."""
    corners: list[Position] = []
    for number, (lon, lat, *_) in enumerate(given):
        if not in_china(lon, lat):
            raise invalid(
                f"{path}.{number}",
                "OUTSIDE_CHINA",
                "{lon}, {lat} lies far from China; the longitude comes first",
                lon=lon,
                lat=lat,
            )
        corner = stored(Point(lon, lat, crs))
        if not corners or corner != corners[-1]:
            corners.append(corner)
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners


def _nested(polygons: Any) -> bool:
    """Whether it is a list of polygons with a ring at least."""
    return (
        isinstance(polygons, list)
        and len(polygons) > 0
        and all(
            isinstance(rings, list) and rings and all(isinstance(ring, list) for ring in rings) for rings in polygons
        )
    )


def _is_position(given: Any) -> bool:
    return isinstance(given, list) and len(given) >= 2 and all(map(_is_number, given[:2]))  # noqa: PLR2004


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)


def written(shape: Shape, crs: Crs = Crs.CGCS2000) -> dict[str, Any]:
    """The GeoJSON geometry of a shape; ValidationError (OUTSIDE_CHINA) where the datum does not reach."""
    polygons = [[list(_positions(ring, crs)) for ring in polygon] for polygon in shape.polygons]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _positions(ring: Ring, crs: Crs) -> Iterator[list[float]]:
    for x, y in (*ring, ring[0]):
        if crs in SHIFTED:
            point = shown(x, y, crs)
            yield [round(point.lon, _DIGITS), round(point.lat, _DIGITS)]
        else:
            yield [x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE]
