from __future__ import annotations

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import ValidationError
from linli.core.graph.points import Crs, Point, point_problems, shown, stored

METRES_PER_DEGREE = 111_320
in_china = st.tuples(st.floats(75, 135), st.floats(3, 53))
in_the_rectangle = st.tuples(st.floats(72.0041, 137.8346), st.floats(0.8294, 55.827))


def metres(one: Point, other: Point) -> float:
    return hypot((one.lon - other.lon) * cos(radians(one.lat)), one.lat - other.lat) * METRES_PER_DEGREE


@pytest.mark.parametrize("crs", [Crs.CGCS2000, Crs.WGS84])
def test_wgs84_and_cgcs2000_are_kept_as_they_are(crs: Crs) -> None:
    assert stored(Point(113.1289, 29.3712, crs)) == (1_131_289_000, 293_712_000)
    assert shown(1_131_289_000, 293_712_000, crs) == Point(113.1289, 29.3712, crs)


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [  # 天安门, 39.90734 N 116.39109 E, as the public formulas of GCJ-02 and BD-09 give it
        (Crs.GCJ02, 116.397332, 39.908742),
        (Crs.BD09, 116.403704, 39.915081),
    ],
)
def test_a_shifted_point_comes_back_to_where_it_is(crs: Crs, lon: float, lat: float) -> None:
    longitude, latitude = stored(Point(lon, lat, crs))
    assert metres(Point(116.39109, 39.90734), shown(longitude, latitude)) < 2


@given(in_china, st.sampled_from([Crs.GCJ02, Crs.BD09]))
def test_what_is_shown_in_a_datum_is_stored_again_as_the_same_point(place: tuple[float, float], crs: Crs) -> None:
    longitude, latitude = round(place[0] * 1e7), round(place[1] * 1e7)
    there = shown(longitude, latitude, crs)
    back = stored(there)
    assert max(abs(back[0] - longitude), abs(back[1] - latitude)) <= 1
    assert 0 < metres(there, shown(longitude, latitude)) < 2000


@given(in_the_rectangle, st.sampled_from(list(Crs)), st.sampled_from(list(Crs)))
def test_from_any_datum_to_any_other_and_back_is_less_than_a_metre(
    place: tuple[float, float], one: Crs, other: Crs
) -> None:
    given = shown(*stored(Point(*place)), one)
    back = shown(*stored(shown(*stored(given), other)), one)
    assert metres(given, back) < 0.1


@pytest.mark.parametrize("crs", [Crs.GCJ02, Crs.BD09])
def test_a_shifted_datum_is_refused_outside_china(crs: Crs) -> None:
    paris = Point(2.3522, 48.8566, crs)
    assert [(it.path, it.code) for it in point_problems(paris)] == [("location.crs", "OUTSIDE_CHINA")]
    with pytest.raises(ValidationError) as refused:
        stored(paris)
    assert refused.value.problems[0].code == "OUTSIDE_CHINA"
    with pytest.raises(ValidationError) as refused:
        shown(23_522_000, 488_566_000, crs)
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == ("crs", "OUTSIDE_CHINA")


@pytest.mark.parametrize("crs", [Crs.WGS84, Crs.CGCS2000])
def test_the_other_two_reach_around_the_world(crs: Crs) -> None:
    assert stored(Point(2.3522, 48.8566, crs)) == (23_522_000, 488_566_000)
    assert shown(23_522_000, 488_566_000, crs) == Point(2.3522, 48.8566, crs)


@pytest.mark.parametrize(
    ("lon", "lat", "paths"),
    [
        (181.0, 29.0, ["location.lon"]),
        (113.0, -90.5, ["location.lat"]),
        (float("nan"), float("inf"), ["location.lon", "location.lat"]),
        (-180.0, 90.0, []),
    ],
)
def test_degrees_out_of_range_are_refused(lon: float, lat: float, paths: list[str]) -> None:
    assert [problem.path for problem in point_problems(Point(lon, lat))] == paths
