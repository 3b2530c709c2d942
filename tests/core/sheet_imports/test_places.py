"""Which organisation a row means, by the spellings that communities use."""

from __future__ import annotations

import pytest

from linli.core.graph.core_kinds import BUILDING, COMMUNITY, COMPOUND
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import child_path
from linli.core.records.record import new_id
from linli.core.records.store import Dialect
from linli.core.sheet_imports.places import Places, building_key, spelt


def _node(kind: str, name: str, parent: OrgNode | None = None, code: str | None = None) -> OrgNode:
    id_ = new_id()
    path = child_path(parent.path if parent else "", id_)
    return OrgNode(id=id_, kind=kind, name=name, code=code, parent_id=parent and parent.id, path=path, depth=0)


@pytest.fixture
def places(dialect: Dialect) -> Places:
    """A community with two compounds that both have a building 3; models get their columns with the engine."""
    at = _node(COMMUNITY, "观音阁社区", code="430602003006")
    one, two = _node(COMPOUND, "幸福小区", at, "C01"), _node(COMPOUND, "阳光 花园", at)
    return Places(at, [one, two, _node(BUILDING, "3栋", one), _node(BUILDING, "三号楼", two)], [at])


@pytest.mark.parametrize("name", ["3", "3栋", "3号楼", "３栋", "三栋", "3#"])
def test_buildings_are_one_however_their_number_is_written(name: str) -> None:
    assert building_key(name) == "3"


def test_names_are_compared_in_one_spelling() -> None:
    assert spelt("Ａ座 小区") == "A座小区"


def test_places_are_found_by_name_and_by_code(places: Places) -> None:
    assert [node.name for node in places.named(COMPOUND, "阳光花园")] == ["阳光 花园"]
    assert [node.name for node in places.named(COMPOUND, "c01")] == ["幸福小区"]
    assert [node.name for node in places.community("观音阁")] == ["观音阁社区"]
    assert [node.name for node in places.community("430602003006")] == ["观音阁社区"]
    assert len(places.buildings("3栋")) == 2


def test_what_is_not_there_is_told_with_what_comes_near(places: Places) -> None:
    assert places.near(COMPOUND, "幸福小區") == "幸福小区"
    assert str(places.near(COMPOUND, "玫瑰苑")) == "none like it"
