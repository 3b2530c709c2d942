from __future__ import annotations

import pytest

from linli.core.decoding import Decoded
from linli.core.graph.imports.report import ImportReport
from linli.core.graph.imports.table import records
from tests.core.graph.imports.conftest import problems

REQUIRED = {"code": "1", "kind": "TEAM", "name": "甲", "parent_code": "2"}


def read(text: str) -> tuple[list[tuple[int, dict[str, str]]], ImportReport]:
    report = ImportReport()
    return [(record.line, record.values) for record in records(Decoded(text, "UTF-8"), report)], report


@pytest.mark.parametrize(
    "text",
    [
        "code,level,name,parent_code\n1,TEAM,甲,2\n",
        "code,kind,name,parent_code\r\n1,TEAM,甲,2",
        "code;level;name;parent_code\n1;TEAM;甲;2\n",
        "code\tlevel\tname\tparent_code\n1\tTEAM\t甲\t2\n",
        ' Code , "LEVEL",name,parent_code \n1, TEAM ,"甲",2 \n',
        '"code","level","name","parent_code"\n"1","TEAM","甲","2"\n',
    ],
)
def test_delimiters_quotes_spaces_and_line_ends_of_common_programs_are_read(text: str) -> None:
    found, report = read(text)
    assert (found, problems(report)) == ([(2, REQUIRED)], [])


def test_columns_come_in_any_order_and_empty_lines_are_passed_over() -> None:
    found, report = read("\n\nname,crs,parent_code,code,kind\n,,,,\n甲,,2,1,TEAM\n\n")
    assert (found, problems(report)) == ([(5, {**REQUIRED, "crs": ""})], [])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("code,level,name", [(1, "parent_code", "COLUMN_MISSING")]),
        ("code,level,name,parent_kode", [(1, "parent_kode", "COLUMN_UNKNOWN"), (1, "parent_code", "COLUMN_MISSING")]),
        ("code,level,kind,name,parent_code", [(1, "kind", "COLUMN_TWICE")]),
        ("code,level,name,parent_code,name", [(1, "name", "COLUMN_TWICE")]),
        ("", [(1, name, "COLUMN_MISSING") for name in ("code", "kind", "name", "parent_code")]),
    ],
)
def test_a_wrong_header_is_refused_with_every_reason(header: str, expected: list[tuple[int, str, str]]) -> None:
    found, report = read(f"{header}\n")
    assert (found, problems(report)) == ([], expected)


def test_a_misspelled_column_is_told_the_nearest_name() -> None:
    _, report = read("code,level,name,parent_kode\n")
    assert "did you mean parent_code?" in str(report.problems[0].message)
    _, report = read("code,level,name,parent_code,备注\n")
    assert "there are: code, level or kind, name, parent_code" in str(report.problems[0].message)


def test_a_record_with_other_than_the_headers_columns_is_refused_and_the_rest_read() -> None:
    found, report = read("code,level,name,parent_code\n1,TEAM,甲\n1,TEAM,甲,2\n1,TEAM,甲,2,\n")
    assert found == [(3, REQUIRED)]
    assert problems(report) == [(2, "code", "COLUMN_COUNT"), (4, "code", "COLUMN_COUNT")]


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    found, report = read('code,level,name,parent_code\n1,TEAM,甲,2\n2,TEAM,"乙,2\n3,TEAM,丙,2\n')
    assert found == [(2, REQUIRED)]
    assert problems(report) == [(4, "code", "CSV_SYNTAX")]
