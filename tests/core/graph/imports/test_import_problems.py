from __future__ import annotations

from collections.abc import Iterator

import pytest

from linli.core.graph.imports.report import PROBLEMS_KEPT
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import DEEPEST
from tests.core.graph.conftest import Graph
from tests.core.graph.imports.conftest import COMMUNITY, HEADER, ROOT, STREET, TREE, Importing, csv_file, problems

FULL = f"{HEADER},valid_from,lon,lat,crs"
Expected = list[tuple[int | None, str, str]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (",TEAM,甲,430602000000", [(2, "code", "CODE_MISSING")]),
        ("a b,TEAM,甲,430602000000", [(2, "code", "CODE_SYNTAX")]),
        ("A,TEAMS,甲,430602000000", [(2, "kind", "KIND_UNKNOWN")]),
        ("A,TEAM,,430602000000", [(2, "name", "NAME_EMPTY")]),
        (f"A,TEAM,{'甲' * 201},430602000000", [(2, "name", "NAME_TOO_LONG")]),
        ("A,TEAM,甲\x07,430602000000", [(2, "name", "NAME_CHARACTERS")]),
        ("A,TEAM,甲,", [(2, "parent_code", "PARENT_REQUIRED")]),
        ("A,TEAM,甲,430602999000", [(2, "parent_code", "PARENT_UNKNOWN")]),
        ("A,TEAM,甲,CITY:430602000000", [(2, "parent_code", "PARENT_UNKNOWN")]),
        ("A,COMMUNITY,甲,430602000000", [(2, "parent_code", "PARENT_KIND")]),
        ("430602001001,SUBDISTRICT,甲,430602000000", [(2, "code", "CODE_LEVEL")]),
        ("430603001000,SUBDISTRICT,甲,430602000000", [(2, "code", "CODE_PREFIX")]),
        ("230881000000,DISTRICT,同江市,", [(2, "parent_code", "ROOT_OTHER")]),
        ("430602000000,DISTRICT,岳阳楼区,430600000000", [(2, "parent_code", "ROOT_PARENT")]),
        (",,,430602999000", [(2, "code", "CODE_MISSING"), (2, "kind", "KIND_UNKNOWN"), (2, "name", "NAME_EMPTY")]),
        (
            "430603001001,SUBDISTRICT,,430602000000",
            [(2, "name", "NAME_EMPTY"), (2, "code", "CODE_LEVEL"), (2, "code", "CODE_PREFIX")],
        ),
    ],
)
async def test_a_wrong_row_is_named_with_every_reason(
    root: OrgNode, importing: Importing, line: str, expected: Expected
) -> None:
    report = await importing.lines(line, "B,TEAM,乙,430602000000")
    assert (problems(report), report.problem_count, report.written) == (expected, len(expected), False)
    assert await OrgNode.all().count() == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("2020-13-01,,,", [(2, "valid_from", "DATE_SYNTAX")]),
        ("2020/1/1,,,", [(2, "valid_from", "DATE_SYNTAX")]),
        ("2020-01-01T08:00:00,,,", [(2, "valid_from", "DATE_SYNTAX")]),
        ("0001-01-01,,,", [(2, "valid_from", "DATE_SYNTAX")]),
        ("2027-01-01,,,", [(2, "valid_from", "FUTURE")]),
        (",113.1,,", [(2, "lat", "NUMBER_SYNTAX")]),
        (",1_1.5,29.x,", [(2, "lon", "NUMBER_SYNTAX"), (2, "lat", "NUMBER_SYNTAX")]),
        (",113.1,91,", [(2, "lat", "POINT_RANGE")]),
        (",113.1,29,BD-09", [(2, "crs", "CRS_UNKNOWN")]),
    ],
)
async def test_wrong_dates_and_points_are_named(
    root: OrgNode, importing: Importing, values: str, expected: Expected
) -> None:
    report = await importing.lines(f"A,TEAM,甲,430602000000,{values}", header=FULL)
    assert problems(report) == expected


async def test_a_code_that_is_there_twice_names_the_first_line(root: OrgNode, importing: Importing) -> None:
    report = await importing.lines(ROOT, STREET, COMMUNITY, STREET)
    assert problems(report) == [(5, "code", "CODE_TWICE")]
    assert "line 3" in str(report.problems[0].message)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["A,PARTY_ORG,甲,A"], [2]),
        (["A,PARTY_ORG,甲,B", "B,PARTY_ORG,乙,A"], [2, 3]),
        (["A,PARTY_ORG,甲,C", "B,PARTY_ORG,乙,A", "C,PARTY_ORG,丙,B", "D,PARTY_ORG,丁,C"], [2, 3, 4]),
    ],
)
async def test_a_parent_that_is_its_own_descendant_is_a_cycle(
    root: OrgNode, importing: Importing, lines: list[str], expected: list[int]
) -> None:
    report = await importing.lines(*lines)
    assert problems(report) == [(line, "parent_code", "CYCLE") for line in expected]


async def test_a_cycle_among_levels_is_told_with_the_wrong_levels(root: OrgNode, importing: Importing) -> None:
    report = await importing.lines("430602001000,SUBDISTRICT,街道,430602001001", COMMUNITY)
    assert {code for _, _, code in problems(report)} == {"PARENT_KIND", "CYCLE"}


async def test_a_cycle_through_what_is_stored_is_one_even_where_moves_are_only_listed(
    graph: Graph, root: OrgNode, importing: Importing
) -> None:
    await importing.lines("A,PARTY_ORG,甲,430602000000", "B,PARTY_ORG,乙,A")
    report = await importing.lines("A,PARTY_ORG,甲,N", "N,PARTY_ORG,新,B")
    assert problems(report) == [(2, "parent_code", "CYCLE"), (3, "parent_code", "CYCLE")]


async def test_a_stored_organisation_keeps_its_code_where_it_moves(graph: Graph, importing: Importing) -> None:
    await importing.lines(*TREE)
    moved = COMMUNITY.replace(",430602001000", ",430602002000")
    assert problems(await importing.lines(*TREE[:3], moved, apply=["moved"])) == []
    assert problems(await importing.lines(*TREE, "430602001002,COMMUNITY,新,430602002000")) == [
        (6, "code", "CODE_PREFIX")
    ]


async def test_what_stands_beneath_a_refused_row_is_not_refused_for_it(root: OrgNode, importing: Importing) -> None:
    report = await importing.lines(STREET.replace("SUBDISTRICT", "STREET"), COMMUNITY)
    assert problems(report) == [(2, "kind", "KIND_UNKNOWN")]


@pytest.mark.parametrize("apply", [(), ("moved",)])
async def test_too_deep_a_tree_is_refused(
    graph: Graph, root: OrgNode, importing: Importing, apply: tuple[str, ...]
) -> None:
    chain = [f"P{number},PARTY_ORG,支部,{f'P{number - 1}' if number else '430602000000'}" for number in range(DEEPEST)]
    assert problems(await importing.lines(*chain)) == []
    assert problems(await importing.lines(f"P{DEEPEST},PARTY_ORG,支部,P{DEEPEST - 1}")) == [
        (2, "parent_code", "TOO_DEEP")
    ]
    report = await importing.lines("N,PARTY_ORG,新支部,430602000000", "P0,PARTY_ORG,支部,N", apply=apply)
    assert [code for _, _, code in problems(report)] == (["TOO_DEEP"] if apply else [])


async def test_what_has_ended_is_no_parent_and_leaves_its_code_free(graph: Graph, importing: Importing) -> None:
    await importing.lines(*TREE)
    street = await graph.end(await OrgNode.get(code="430602002000"))
    report = await importing.lines("430602002001,COMMUNITY,尚书山社区,430602002000")
    assert problems(report) == [(2, "parent_code", "PARENT_UNKNOWN")]
    assert (await importing.lines("430602002000,SUBDISTRICT,三眼桥街道,430602000000")).written
    assert (await OrgNode.get(code="430602002000", valid_to=None)).id != street.id


async def test_lines_that_cannot_be_decoded_are_named(root: OrgNode, importing: Importing) -> None:
    content = csv_file(TREE).replace("三眼桥".encode(), b"\xff\xfe")
    assert problems(await importing.content(content)) == [(4, "code", "ENCODING")]


def many(rows: int) -> Iterator[str]:
    """A district of many grids."""
    yield from (ROOT, STREET, COMMUNITY)
    for number in range(rows - 3):
        yield f"G{number},GRID,第{number}网格,430602001001"


async def test_the_problems_kept_are_capped_and_all_are_counted(root: OrgNode, importing: Importing) -> None:
    report = await importing.lines(*(f"G{number},GRID,网格,nowhere" for number in range(PROBLEMS_KEPT + 5)))
    assert (len(report.problems), report.problem_count) == (PROBLEMS_KEPT, PROBLEMS_KEPT + 5)


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (
            "G77777,GRID,第77777网格,430602001001",
            "G77777,GRID,第77777网格,430602001002",
            ("parent_code", "PARENT_UNKNOWN"),
        ),
        ("G77777,GRID,第77777网格,430602001001", "G7,GRID,第77777网格,430602001001", ("code", "CODE_TWICE")),
    ],
)
async def test_one_bad_row_among_100000_is_named_and_nothing_is_written(
    root: OrgNode, importing: Importing, good: str, bad: str, expected: tuple[str, str]
) -> None:
    content = csv_file(many(100_000)).replace(f"{good}\n".encode(), f"{bad}\n".encode())
    report = await importing.content(content)
    assert (report.rows, problems(report)) == (100_000, [(77_782, *expected)])
    assert await OrgNode.all().count() == 1
