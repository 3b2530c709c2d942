"""Points on the map: kept in CGCS2000 as integers of 1e-7 degree, given and shown in any of four datums. 坐标。

GCJ-02 and BD-09 exist for China alone: what lies outside is refused in them, and kept and shown in the other two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import atan2, cos, hypot, isfinite, pi, sin, sqrt

from ..errors import FieldProblem, ValidationError, text

UNITS_PER_DEGREE = 10_000_000

# GCJ-02 shifts on Krasovsky's ellipsoid (1940); the formulas are those in public use since 2010, not published ones.
_SEMI_MAJOR = 6_378_245.0
_ECCENTRICITY = 0.00669342162296594323
_BAIDU = pi * 3000 / 180
_CHINA = (72.004, 137.8347, 0.8293, 55.8271)
_FARTHEST_SHIFT = 0.03
_PRECISION = 1e-9
_ROUNDS = 30


class Crs(StrEnum):
    """A datum. 坐标系。CGCS2000 (GB 22021) and WGS84 differ by centimetres and are taken as equal."""

    WGS84 = "WGS84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


SHIFTED = frozenset({Crs.GCJ02, Crs.BD09})
"""The datums that stand aside of the truth, by up to a kilometre."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees, east and north positive, in a datum."""

    lon: float
    lat: float
    crs: Crs = Crs.CGCS2000


def point_problems(point: Point, *, path: str = "location") -> Iterator[FieldProblem]:
    """What is wrong with a point."""
    on_earth = True
    for name, value, limit in (("lon", point.lon, 180), ("lat", point.lat, 90)):
        if not isfinite(value) or abs(value) > limit:
            message = text(
                "{found} is no {name}: it lies between -{limit} and {limit}", found=value, name=name, limit=limit
            )
            yield FieldProblem(f"{path}.{name}", "POINT_RANGE", message)
            on_earth = False
    if on_earth and point.crs in SHIFTED and not in_china(point.lon, point.lat, _FARTHEST_SHIFT):
        yield _outside(f"{path}.crs", point.crs)


def in_china(lon: float, lat: float, margin: float = 0.0) -> bool:
    """Whether a place lies in or near China: in the rectangle outside of which GCJ-02 is not defined."""
    west, east, south, north = _CHINA
    return west - margin <= lon <= east + margin and south - margin <= lat <= north + margin


def _outside(path: str, crs: Crs) -> FieldProblem:
    return FieldProblem(path, "OUTSIDE_CHINA", text("{crs} is for places in China only: give WGS84", crs=crs.value))


def stored(point: Point) -> tuple[int, int]:
    """(longitude, latitude) in CGCS2000, integers of 1e-7 degree; ValidationError where `point_problems` tells one."""
    if problems := tuple(point_problems(point)):
        raise ValidationError(*problems)
    lon, lat = point.lon, point.lat
    if point.crs is Crs.BD09:
        lon, lat = _undo(_to_baidu, lon, lat)
    if point.crs in SHIFTED:
        lon, lat = _undo(_shifted, lon, lat)
    return round(lon * UNITS_PER_DEGREE), round(lat * UNITS_PER_DEGREE)


def shown(longitude: int, latitude: int, crs: Crs = Crs.CGCS2000) -> Point:
    """A stored point in a datum; ValidationError (OUTSIDE_CHINA) where the datum does not reach."""
    lon, lat = longitude / UNITS_PER_DEGREE, latitude / UNITS_PER_DEGREE
    if crs in SHIFTED and not in_china(lon, lat):
        raise ValidationError(_outside("crs", crs))
    if crs in SHIFTED:
        lon, lat = _shifted(lon, lat)
    if crs is Crs.BD09:
        lon, lat = _to_baidu(lon, lat)
    return Point(lon, lat, crs)


def _shifted(lon: float, lat: float) -> tuple[float, float]:
    """WGS84 to GCJ-02."""
    radians = lat * pi / 180
    magic = 1 - _ECCENTRICITY * sin(radians) ** 2
    north_shift = _north(lon - 105, lat - 35) * 180 / (_SEMI_MAJOR * (1 - _ECCENTRICITY) / magic**1.5 * pi)
    east_shift = _east(lon - 105, lat - 35) * 180 / (_SEMI_MAJOR / sqrt(magic) * cos(radians) * pi)
    return lon + east_shift, lat + north_shift


def _north(x: float, y: float) -> float:
    metres = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    metres += _ripple(x)
    metres += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    return metres + (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3


def _east(x: float, y: float) -> float:
    metres = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    metres += _ripple(x)
    metres += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    return metres + (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3


def _ripple(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _to_baidu(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 to BD-09."""
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006


def _undo(shift: Callable[[float, float], tuple[float, float]], lon: float, lat: float) -> tuple[float, float]:
    """The point that `shift` takes to (lon, lat): neither formula has an inverse of its own."""
    x, y = lon, lat
    for _ in range(_ROUNDS):
        found_lon, found_lat = shift(x, y)
        x, y = x + lon - found_lon, y + lat - found_lat
        if abs(lon - found_lon) < _PRECISION and abs(lat - found_lat) < _PRECISION:
            break
    return x, y
