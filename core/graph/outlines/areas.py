"""Areas on the ellipsoid of CGCS2000 (GB 22021-2008: a = 6378137 m, 1/f = 298.257222101)."""

from __future__ import annotations

from math import atanh, pi, sin, sqrt

from ..points import UNITS_PER_DEGREE
from .shapes import Ring, Shape

_SEMI_MAJOR = 6_378_137.0
_FLATTENING = 1 / 298.257222101
_ECCENTRICITY = sqrt(_FLATTENING * (2 - _FLATTENING))
_RADIANS = pi / 180 / UNITS_PER_DEGREE
_HALF = _SEMI_MAJOR**2 * (1 - _ECCENTRICITY**2) / 2 * _RADIANS


def _strip(y: float) -> float:
    """Square metres between the equator and a latitude, for each unit of longitude: Snyder, Map Projections (1987),
    formula 3-12, times a²/2."""
    s = sin(y * _RADIANS)
    return _HALF * (s / (1 - (_ECCENTRICITY * s) ** 2) + atanh(_ECCENTRICITY * s) / _ECCENTRICITY)


def strip_beneath(y1: float, y2: float) -> float:
    """The same beneath a line, straight on a plane of longitude and latitude, from one latitude to another: Simpson's
    rule, which is off by less than a millionth where the two lie degrees apart."""
    return (_strip(y1) + 4 * _strip((y1 + y2) / 2) + _strip(y2)) / 6


def square_metres(shape: Shape) -> int:
    """The area of a shape, holes left out."""
    return round(abs(sum(map(_ring, shape.rings))))


def _ring(ring: Ring) -> float:
    """Positive for an outer ring, negative for a hole."""
    ends = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum((x1 - x2) * strip_beneath(y1, y2) for (x1, y1), (x2, y2) in ends)
