"""Shares as exact fractions: the greatest sum over time, against trying every instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from linli.core.graph.spans import Span
from linli.core.registry.shares import Held, held_at, most_held

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


days = st.one_of(st.none(), st.integers(0, 12))
fractions = st.builds(lambda part, whole: Fraction(min(part, whole), whole), st.integers(1, 9), st.integers(1, 9))
tenures = st.lists(st.builds(lambda a, b, share: (a, b, share), days, days, fractions), max_size=7)


@given(tenures)
def test_the_greatest_sum_is_that_of_the_fullest_day(dated: list[tuple[int | None, int | None, Fraction]]) -> None:
    most = most_held(Held(Span(day(start), day(end)), share) for start, end, share in dated)
    by_day = [
        sum((share for start, end, share in dated if covers(start, end, number)), Fraction(0))
        for number in range(-1, 13)
    ]
    assert most.total == max(by_day)


def covers(start: int | None, end: int | None, number: int) -> bool:
    """Whether a day lies in a span that holds a day at all."""
    if start is not None and end is not None and end <= start:
        return False
    return (start is None or start <= number) and (end is None or number < end)


@given(tenures)
def test_it_is_held_at_the_instant_that_is_named(dated: list[tuple[int | None, int | None, Fraction]]) -> None:
    held = [Held(Span(day(start), day(end)), share) for start, end, share in dated]
    most = most_held(held)
    assert held_at([one for one in held if not one.span.empty], most.at) == most.total


def test_thirds_add_up_to_the_whole_and_not_to_more() -> None:
    third = Held(Span(START, None), Fraction(1, 3))
    assert most_held([third] * 3).total == 1
    assert most_held([third] * 4).total == Fraction(4, 3)
