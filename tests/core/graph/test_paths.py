from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from linli.core.graph.paths import ancestor_paths, child_path, depth, is_beneath, segment, subtree_range

ids = st.uuids()
chains = st.lists(ids, min_size=1, max_size=10, unique=True)
ALPHABET = "0123456789abcdefghijklmnopqrstuv"


def path_of(chain: list[UUID]) -> str:
    path = ""
    for node_id in chain:
        path = child_path(path, node_id)
    return path


@given(ids)
def test_a_segment_writes_the_low_60_bits_of_the_id(node_id: UUID) -> None:
    written = segment(node_id)
    assert len(written) == 13
    assert written.endswith("/")
    assert int(written[:-1], 32) == node_id.int % 2**60


@given(chains)
def test_a_path_names_its_ancestors(chain: list[UUID]) -> None:
    path = path_of(chain)
    assert depth(path) == len(chain) - 1
    assert ancestor_paths(path) == [path_of(chain[:end]) for end in range(1, len(chain))]


@given(chains, chains)
def test_a_subtree_is_one_range_of_paths(one: list[UUID], other: list[UUID]) -> None:
    top, path = path_of(one), path_of(other)
    low, high = subtree_range(top)
    assert (low <= path < high) == (other[: len(one)] == one) == is_beneath(path, top)
    assert low <= path_of([*one, *other]) < high


@given(ids, ids)
def test_segments_sort_like_the_numbers_they_write(one: UUID, other: UUID) -> None:
    assert (segment(one) < segment(other)) == (one.int % 2**60 < other.int % 2**60)
