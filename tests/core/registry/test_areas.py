from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.registry.areas import area_problems, hundredths, written


@given(st.integers(0, 100_000_000))
def test_an_area_comes_back_as_it_was_written(area: int) -> None:
    assert hundredths(written(area)) == area


@pytest.mark.parametrize(
    ("text", "area"), [("98.5", 9850), ("98.50", 9850), ("98", 9800), ("0", 0), ("-1.25", -125), ("98.505", None)]
)
def test_an_area_has_two_places_at_most(text: str, area: int | None) -> None:
    assert hundredths(text) == area


@pytest.mark.parametrize(
    ("area", "codes"),
    [(1, []), (None, []), (0, ["AREA_NOT_POSITIVE"]), (-1, ["AREA_NOT_POSITIVE"]), (10**9, ["AREA_TOO_LARGE"])],
)
def test_an_area_is_more_than_nothing(area: int | None, codes: list[str]) -> None:
    assert [problem.code for problem in area_problems(area)] == codes
