from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.graph.codes import code_problems
from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.credit_codes import credit_code_valid

KINDS = core_kinds().orgs
DISTRICTS = Path(__file__).parents[3] / "examples" / "districts"
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def codes_of(kind: str, code: str, parent: str | None = None, parent_code: str | None = None) -> list[str]:
    found = code_problems(KINDS[kind], code, KINDS[parent] if parent else None, parent_code)
    return [problem.code for problem in found]


@pytest.mark.parametrize("code", ["1", "a" * 64, "430602002003-G001", "A.b_c-9", "430602"])
def test_a_code_has_1_to_64_of_these_characters(code: str) -> None:
    assert codes_of("GRID", code) == []
    assert codes_of("COMMUNITY", code) == []


@pytest.mark.parametrize("code", ["", "a" * 65, "a b", "网格一", "a/b", "KIND:1", "430602\n", "４３０６０２"])
def test_other_characters_and_lengths_are_refused(code: str) -> None:
    assert codes_of("GRID", code) == ["CODE_SYNTAX"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("PROVINCE", "430000000000"),
        ("CITY", "430600000000"),
        ("CITY", "429000000000"),
        ("DISTRICT", "430602000000"),
        ("SUBDISTRICT", "430602001000"),
        ("COMMUNITY", "430602001001"),
    ],
)
def test_a_national_code_fits_its_level_and_no_other(kind: str, code: str) -> None:
    above = {"DISTRICT": ("CITY", "430600000001")}  # no national code is above, so that only the level is judged
    levels = [level for level in KINDS if KINDS[level].administrative]
    assert [
        level for level in levels if "CODE_LEVEL" not in codes_of(level, code, *above.get(level, (None, None)))
    ] == [kind]


@pytest.mark.parametrize("code", ["430602001001", "430602000000"])
def test_only_administrative_levels_give_12_digits_a_meaning(code: str) -> None:
    assert codes_of("GRID", code) == []
    assert codes_of("PARTY_ORG", code, "COMMUNITY", "230881001001") == []


@pytest.mark.parametrize(
    ("kind", "code", "parent", "parent_code"),
    [
        ("CITY", "430600000000", "PROVINCE", "440000000000"),
        ("DISTRICT", "430602000000", "CITY", "430700000000"),
        ("SUBDISTRICT", "430602001000", "DISTRICT", "430603000000"),
        ("COMMUNITY", "430602001001", "SUBDISTRICT", "430602002000"),
    ],
)
def test_a_code_begins_with_its_parents_digits(kind: str, code: str, parent: str, parent_code: str) -> None:
    assert codes_of(kind, code, parent, parent_code) == ["CODE_PREFIX"]


def test_a_parent_without_a_national_code_says_nothing_of_its_childrens() -> None:
    assert codes_of("COMMUNITY", "430602001001", "SUBDISTRICT", "five-mile-stele") == []
    assert codes_of("COMMUNITY", "430602001001", "SUBDISTRICT", None) == []


@pytest.mark.parametrize("code", ["441900000000", "442000000000", "460400000000"])
def test_a_prefecture_without_counties_repeats_its_code_at_county_level(code: str) -> None:
    assert codes_of("CITY", code) == []
    assert codes_of("DISTRICT", code, "CITY", code) == []
    assert codes_of("DISTRICT", code) == []
    assert codes_of("SUBDISTRICT", code[:6] + "003000", "DISTRICT", code) == []
    assert codes_of("DISTRICT", code, "CITY", "441800000000") == ["CODE_LEVEL", "CODE_PREFIX"]


@pytest.mark.parametrize("district", ["yueyanglou", "tongjiang"])
def test_every_real_code_is_accepted(district: str) -> None:
    with (DISTRICTS / district / "divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = {row["code"]: row["level"] for row in rows}
    wrong = [
        row["code"]
        for row in rows
        if codes_of(row["level"], row["code"], kinds.get(row["parent_code"]), row["parent_code"])
    ]
    assert len(rows) > 200
    assert wrong == []


@pytest.mark.parametrize("code", ["91110000600037341L", "91440101MA5ABCDE1M"])
def test_these_credit_codes_are_right(code: str) -> None:
    assert credit_code_valid(code)


@pytest.mark.parametrize(
    "code",
    ["", "91110000600037341", "91110000600037341M", "9111000060003734IL", "91110000600037341l", "91A10000600037341L"],
)
def test_these_credit_codes_are_wrong(code: str) -> None:
    assert not credit_code_valid(code)


@given(
    st.text("0123456789ANY", min_size=2, max_size=2), st.integers(0, 999_999), st.text(SIGNS, min_size=9, max_size=9)
)
def test_exactly_one_check_character_is_right(head: str, region: int, body: str) -> None:
    stem = f"{head}{region:06d}{body}"
    assert sum(credit_code_valid(stem + sign) for sign in SIGNS) == 1


@given(
    st.text("0123456789ANY", min_size=2, max_size=2),
    st.integers(0, 999_999),
    st.text(SIGNS, min_size=9, max_size=9),
    st.data(),
)
def test_a_single_wrong_character_is_noticed(head: str, region: int, body: str, data: st.DataObject) -> None:
    stem = f"{head}{region:06d}{body}"
    code = next(stem + sign for sign in SIGNS if credit_code_valid(stem + sign))
    place = data.draw(st.integers(0, 17))
    sign = data.draw(st.sampled_from([other for other in SIGNS if other != code[place]]))
    assert not credit_code_valid(code[:place] + sign + code[place + 1 :])
