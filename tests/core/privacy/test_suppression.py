"""What is withheld: nothing of it follows from all that one viewer is shown, by exact arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.privacy.suppression import SMALLEST, Place

PRIME = (1 << 61) - 1
COUNTS = st.one_of(st.integers(0, 2), st.integers(0, 9), st.integers(0, 300))
Row = Mapping[int, int]


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((5, 6, 7), (5, 6, 7)),
        ((4, 6, 7), (None, None, 7)),
        ((0, 60, 70), (None, None, 70)),
        ((0, 0, 70, 80), (None, None, None, 80)),  # two zeros alone would be known to be zeros
        ((2, 3, 70), (None, None, 70)),
        ((1, 2, 0), (None, None, None)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_a_table_withholds_what_is_small_and_what_gives_it_away(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    assert Place(counts).shown == shown
    assert Place(counts, open=True).shown == counts


def test_a_place_withholds_what_only_one_of_its_parts_does() -> None:
    small, large = Place((3, 20, 30)), Place((40, 50, 60))
    assert (small.shown, large.shown) == ((None, None, 30), (40, 50, 60))
    assert Place((0, 0, 0), (small, large)).shown == (None, None, 90)


def test_a_place_shows_what_enough_of_its_parts_withhold() -> None:
    assert Place((0, 0, 0), tuple(Place((3, 20, 30)) for _ in range(3))).shown == (9, 60, 90)


def test_people_right_at_a_place_are_a_part_of_it() -> None:
    assert Place((1, 20, 30), (Place((40, 50, 60)),)).shown == (None, None, 90)


def test_who_sees_all_parts_in_full_sees_their_sum() -> None:
    parts = tuple(Place((1, 20, 30), open=True) for _ in range(2))
    assert Place((0, 0, 0), (*parts, Place((0, 0, 0)))).shown == (2, 40, 60)
    assert Place((0, 0, 1), parts).shown == (None, None, None)


@st.composite
def places(draw: st.DrawFn, columns: int, depth: int, *, seen: bool = False) -> Place:
    """A tree of places in which some people live at each, and of which this viewer sees some in full."""
    seen = seen or draw(st.integers(0, 9)) == 0
    parts = draw(st.lists(places(columns, depth - 1, seen=seen), max_size=4)) if depth else []
    nobody = bool(parts) and draw(st.booleans())
    own = (0,) * columns if nobody else draw(st.tuples(*[COUNTS] * columns))
    return Place(own, tuple(parts), open=seen)


TREES = st.tuples(st.integers(2, 6), st.integers(0, 3)).flatmap(lambda size: places(*size))


class Known:
    """Everything that follows from sums that are known, by elimination."""

    def __init__(self) -> None:
        self._basis: dict[int, Row] = {}

    def add(self, unknowns: Sequence[int]) -> None:
        row = self._rest(unknowns)
        if row:
            lead = min(row)
            inverse = pow(row[lead], -1, PRIME)
            self._basis[lead] = {key: value * inverse % PRIME for key, value in row.items()}

    def tells(self, unknowns: Sequence[int]) -> bool:
        """Whether the sum of these unknowns follows."""
        return not self._rest(unknowns)

    def _rest(self, unknowns: Sequence[int]) -> dict[int, int]:
        row = dict.fromkeys(unknowns, 1)
        while row and (lead := min(row)) in self._basis:
            factor = row[lead]
            for key, value in self._basis[lead].items():
                row[key] = (row.get(key, 0) - factor * value) % PRIME
            row = {key: value for key, value in row.items() if value}
        return row


class Answers:
    """All that one viewer is told of a tree; the unknowns are the counts of the people right at each place."""

    def __init__(self, root: Place) -> None:
        self.of: list[tuple[Place, list[list[int]]]] = []
        self._free = 0
        self._walk(root)
        self.known = Known()
        for place, unknowns in self.of:
            self.known.add([one for column in unknowns for one in column])  # the total is always told
            for count, column in zip(place.shown, unknowns, strict=True):
                if count is not None:
                    self.known.add(column)

    def _walk(self, place: Place) -> list[list[int]]:
        unknowns = [[self._free + column] for column in range(len(place.own))]
        self._free += len(place.own)
        if place.parts:  # the worst case: that the people right at a place can be asked for too
            self.of.append((Place(place.own, open=place.open), [list(column) for column in unknowns]))
        for part in place.parts:
            unknowns = [mine + its for mine, its in zip(unknowns, self._walk(part), strict=True)]
        self.of.append((place, unknowns))
        return unknowns


@settings(max_examples=150, deadline=None, print_blob=True)
@given(TREES)
def test_nothing_that_is_withheld_follows_from_the_answers_for_all_places(root: Place) -> None:
    answers = Answers(root)
    for place, unknowns in answers.of:
        for column, count in zip(unknowns, place.shown, strict=True):
            assert count is not None or not answers.known.tells(column), (place.counts, place.shown)


@settings(max_examples=150, deadline=None, print_blob=True)
@given(TREES)
def test_no_small_count_is_shown_but_to_those_who_see_it_in_full(root: Place) -> None:
    for place, _ in Answers(root).of:
        small = [count for count in place.shown if count is not None and count < SMALLEST]
        assert not small or all_open(place) or not any(place.counts)


def all_open(place: Place) -> bool:
    """Whether the viewer sees everybody here in full."""
    return place.open or (not any(place.own) and all(all_open(part) or not any(part.counts) for part in place.parts))


@settings(max_examples=100, deadline=None, print_blob=True)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=4))
def test_no_count_of_a_table_is_known_even_to_those_who_try_all_numbers(counts: list[int]) -> None:
    table = Place(tuple(counts))
    withheld = [column for column, count in enumerate(table.shown) if count is None]
    if not withheld:
        return
    total = sum(counts[column] for column in withheld)
    assert len(withheld) > 1
    assert total >= SMALLEST or len(withheld) == len(counts)
    possible = list(fillings(total, len(withheld)))
    for number in range(len(withheld)):
        assert len({filling[number] for filling in possible}) > 1


def fillings(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """All ways in which counts that are withheld can add up."""
    return (one for one in product(range(total + 1), repeat=cells) if sum(one) == total)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(TREES, COUNTS)
def test_what_a_place_withholds_does_not_depend_on_its_neighbours(root: Place, more: int) -> None:
    before = [part.shown for part in root.parts]
    beside = Place((more,) * len(root.own))
    assert [part.shown for part in Place(root.own, (*root.parts, beside)).parts][:-1] == before
