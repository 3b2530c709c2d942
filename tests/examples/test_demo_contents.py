"""The demonstration has the figures that public reports give of its two places, and nobody real in it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.districts.demo import rows, territory
from examples.districts.demo.contents import CONTENTS, Contents
from examples.districts.demo.ids import BEGAN, numbered

DISTRICTS = Path(__file__).parents[2] / "examples" / "districts"


def _contents(key: str) -> Contents:
    return CONTENTS[key](rows.read(DISTRICTS / key / "divisions.csv"))


def _covers(contents: Contents) -> list[rows.Relation]:
    return [relation for relation in contents.relations if relation.kind == "COVERS"]


def test_the_first_district_has_its_real_divisions() -> None:
    divisions = rows.read(DISTRICTS / "yueyanglou" / "divisions.csv")
    assert Counter(row.level for row in divisions) == {"DISTRICT": 1, "SUBDISTRICT": 25, "COMMUNITY": 181}


def test_the_first_district_has_the_reported_numbers_of_grids_and_compounds() -> None:
    contents = _contents("yueyanglou")
    assert Counter(org.level for org in contents.orgs) == {
        "GRID": 675,
        "MICRO_GRID": 1819,
        "COMPOUND": 977,
        "BUILDING": 2,
        "PARTY_ORG": 1 + 25 + 181 + 357,
        "RESIDENT_UNIT": 3,
    }


def test_branches_of_compounds_stand_where_they_were_reported() -> None:
    led = [relation.target for relation in _contents("yueyanglou").relations if relation.kind == "LEADS"]
    compounds = [target for target in led if target.startswith("COMPOUND:")]
    assert len(compounds) == 357
    assert sum(target.startswith("COMPOUND:430602006") for target in compounds) == 153


def test_every_compound_is_covered_and_247_with_a_branch_equal_a_micro_grid() -> None:
    contents = _contents("yueyanglou")
    covers = _covers(contents)
    by, of = Counter(one.source for one in covers), Counter(one.target for one in covers)
    equal = {one.target for one in covers if by[one.source] == 1 and of[one.target] == 1}
    led = {relation.target for relation in contents.relations if relation.kind == "LEADS"}
    assert len(of) == 977
    assert len(equal & led) == 247
    assert any(by[one.source] > 1 for one in covers)
    assert any(of[one.target] > 1 for one in covers)


def test_the_second_district_has_160_units_with_agreements_in_its_ten_town_communities() -> None:
    contents = _contents("tongjiang")
    assert Counter(relation.kind for relation in contents.relations) == {
        "STATIONED_IN": 160,
        "CO_BUILDS": 160,
        "LEADS": 1 + 10,
    }
    agreed = Counter(relation.target for relation in contents.relations if relation.kind == "CO_BUILDS")
    assert set(agreed.values()) == {16}


@pytest.mark.parametrize("key", CONTENTS)
def test_no_code_is_there_twice_and_every_relation_joins_what_is_there(key: str) -> None:
    contents = _contents(key)
    divisions = rows.read(DISTRICTS / key / "divisions.csv")
    known = Counter(f"{org.level}:{org.code}" for org in (*divisions, *contents.orgs))
    assert set(known.values()) == {1}
    assert len(set(contents.relations)) == len(contents.relations)
    assert {end for relation in contents.relations for end in relation[1:]} <= set(known)
    assert {account.at for account in contents.accounts} <= set(known)


@pytest.mark.parametrize("key", CONTENTS)
def test_people_and_units_are_plainly_invented(key: str) -> None:
    contents = _contents(key)
    assert all(person.name.startswith("示例") for person in contents.people)
    assert all("示例" in org.name for org in contents.orgs if org.level in ("RESIDENT_UNIT", "COMPOUND"))


def test_homes_and_things_stand_where_something_is_and_belong_to_invented_people() -> None:
    contents = _contents("yueyanglou")
    known = {f"{org.level}:{org.code}" for org in contents.orgs}
    assert {home.building for home in contents.homes} | {device.at for device in contents.things} <= known
    owners = {person for home in contents.homes for person, _, _ in home.owners}
    members = {person for home in contents.homes for person, _ in home.members}
    assert owners | members <= set(contents.people)
    assert all(sum(Fraction(above, below) for _, above, below in home.owners) <= 1 for home in contents.homes)


@given(st.integers(0, 5000), st.integers(1, 300))
def test_shares_add_up_and_differ_by_one_at_most(total: int, parts: int) -> None:
    found = rows.shares(total, parts)
    assert sum(found) == total
    assert len(found) == parts
    assert max(found) - min(found) <= 1


def test_a_file_of_rows_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = list(territory.territories(rows.read(DISTRICTS / "yueyanglou" / "divisions.csv"))[0].orgs())
    rows.write(tmp_path / "some.csv", written)
    assert rows.read(tmp_path / "some.csv") == written


@given(st.integers(0, 2**62 - 1))
def test_numbered_ids_are_uuids_of_version_7(number: int) -> None:
    id_ = numbered(number)
    assert id_.version == 7
    assert id_.variant == "specified in RFC 4122"
    assert id_.int >> 80 == int(BEGAN.timestamp() * 1000)
