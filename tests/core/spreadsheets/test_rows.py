from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook as Book

from linli.core.spreadsheets import Level
from tests.core.spreadsheets.conftest import HEADER, ID, codes, csv, data, id_number, ods, read, xls, xlsx

NAMES = ("姓名", "身份证号", "联系电话")


def test_cells_merged_downwards_count_for_each_row() -> None:
    lines = [
        ("楼栋", "房号", "建筑面积", "业主姓名", "产权份额"),
        ("3栋", "", "", "张三", "1/2"),
        ("", "", "", "李四", "50%"),
        ("3栋", "502", "90", "王五", "1"),
    ]
    merges = [(1, 0, 2, 0, "3栋"), (1, 1, 2, 1, "501"), (1, 2, 2, 2, 88.5)]
    first, second, third = data(xlsx(lines, merges=merges))
    assert {**first, "owner.name": "李四"} == second
    assert (second["place.number"], second["premises.area"], second["tenure.share"]) == ("501", 8850, (1, 2))
    assert (third["place.number"], third["tenure.share"]) == ("502", (1, 1))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("合计", "", "12"), "TOTAL_LINE"),
        (("合　计", "", 12), "TOTAL_LINE"),
        (("小计：2人", "", ""), "TOTAL_LINE"),
        (("", "总计", "2"), "TOTAL_LINE"),
        (("注：本表一式两份", "", ""), "NOTE_LINE"),
        (("填表人：王五", "", "审核人：赵六"), "NOTE_LINE"),
        (("一、第一网格", "", ""), "NOTE_LINE"),
        (NAMES, "REPEATED_HEADER"),
        (("姓  名", "身份证号", "联系电话"), "REPEATED_HEADER"),
    ],
)
def test_lines_that_are_no_data_are_left_out_with_a_note(line: tuple[Any, ...], code: str) -> None:
    _, (one, skipped, two) = read(xlsx([NAMES, ("张三", ID, ""), line, ("李四", "", "13800002222")]))
    assert (codes(skipped), skipped.skipped, skipped.values) == ([code], True, {})
    assert [row.values["person.name"] for row in (one, two)] == ["张三", "李四"]


def test_the_title_that_every_printed_page_repeats_is_left_out() -> None:
    page = [("幸福社区花名册",), NAMES]
    _, rows = read(xlsx([*page, ("张三", ID, ""), *page, ("李四", "", "")]))
    assert [codes(row) for row in rows if row.skipped] == [["NOTE_LINE"], ["REPEATED_HEADER"]]
    assert [row.number for row in rows if not row.skipped] == [3, 6]


def test_numbered_lines_that_are_otherwise_empty_are_left_out() -> None:
    _, rows = read(xlsx([("序号", *NAMES), (1, "张三", ID, ""), (2, "", "", ""), (3, "", "", "")]))
    assert [codes(row) for row in rows] == [[], ["EMPTY_LINE"], ["EMPTY_LINE"]]


def test_a_second_table_below_is_told_and_not_read() -> None:
    second = [("单位名称", "统一社会信用代码", "单位性质"), ("某厂", "91350100M000100Y43", "企业")]
    _, rows = read(xlsx([NAMES, ("张三", ID, ""), (), ("辖区单位",), *second]))
    assert (codes(rows[-1]), rows[-1].findings[0].level, rows[-1].number) == (["SECOND_TABLE"], Level.ERROR, 5)
    assert [row.values for row in rows if row.values] == [{"person.name": "张三", "person.idNumber": ID}]


def test_an_id_number_that_the_program_rounded_is_an_error_at_its_cell() -> None:
    _, (row,) = read(xlsx([NAMES, ("张三", 110101199003070000, "")]))
    (found,) = row.findings
    assert (found.row, found.column, found.field, found.level, found.code) == (
        2,
        1,
        "person.idNumber",
        Level.ERROR,
        "ID_NUMBER_ROUNDED",
    )
    assert "person.idNumber" not in row.values
    assert not row.importable


def test_an_old_id_number_offers_nothing_to_import() -> None:
    _, (row,) = read(xlsx([NAMES, ("张三", "110105491231002", "")]))
    assert (codes(row), row.values) == (["OLD_ID_NUMBER"], {"person.name": "张三"})


def test_a_passport_in_the_column_of_id_numbers_is_another_document() -> None:
    _, (row,) = read(xlsx([NAMES, ("JOHN SMITH", "E12345678", "")]))
    assert (row.values["person.document"], codes(row), row.importable) == ("E12345678", ["OTHER_DOCUMENT"], True)


def test_an_id_number_is_held_against_date_of_birth_and_gender() -> None:
    _, (row,) = read(xlsx([("姓名", "性别", "身份证号", "出生日期"), ("张三", "男", ID, "1950-01-01")]))
    assert [(one.code, one.level) for one in row.findings] == [
        ("BIRTH_DATE_DIFFERS", Level.ERROR),
        ("GENDER_DIFFERS", Level.WARNING),
    ]


def test_a_month_of_birth_keeps_nobody_out() -> None:
    _, (row,) = read(xlsx([("姓名", "性别", "出生年月"), ("张三", "男", "1950.05")]))
    assert (codes(row), row.importable, "person.birthDate" in row.values) == (["DATE_INCOMPLETE"], True, False)


def test_an_id_number_that_comes_twice_is_worth_a_look() -> None:
    _, rows = read(xlsx([NAMES, ("张三", ID, ""), ("张三", ID.lower(), "")]))
    assert [codes(row) for row in rows] == [[], ["ID_NUMBER_TWICE"]]


def test_nobody_is_born_in_the_future_and_nothing_ends_before_it_starts() -> None:
    _, (row,) = read(xlsx([("姓名", "性别", "出生日期"), ("张三", "男", "2126-01-01")]))
    assert codes(row) == ["BIRTH_DATE_FUTURE"]
    _, (post,) = read(
        xlsx(
            [
                ("姓名", "职务", "所在网格", "开始日期", "结束日期"),
                ("张三", "网格员", "一网格", "2026-02-01", "2026-01-01"),
            ]
        )
    )
    assert codes(post) == ["END_BEFORE_START"]


def test_what_says_that_there_is_nothing_is_blank() -> None:
    _, (row,) = read(xlsx([(*NAMES, "工作单位", "政治面貌"), ("张三", "无", "/", "——", "不详")]))
    assert (row.values, row.findings) == ({"person.name": "张三"}, ())


def test_an_error_of_the_program_is_no_value() -> None:
    _, (row,) = read(csv([NAMES, ("张三", "#N/A", "")]))
    assert codes(row) == ["CELL_ERROR"]


def test_an_error_that_a_formula_shows_is_told_at_its_cell() -> None:
    target = BytesIO()
    with Book(target) as book:
        sheet = book.add_worksheet("人员")
        sheet.write_row(0, 0, NAMES)
        sheet.write_string(1, 0, "张三")
        sheet.write_formula(1, 2, "=VLOOKUP(A2,B:C,2)", None, "#N/A")
    _, (row,) = read(target.getvalue())
    assert [(one.code, one.column) for one in row.findings] == [("CELL_ERROR", 2)]


def test_an_open_end_is_no_date() -> None:
    lines = [("姓名", "职务", "任职单位", "结束日期"), ("张三", "微网格员", "一网格", "至今")]
    assert data(xlsx(lines)) == [{"person.name": "张三", "post.kind": "MICRO_GRID_OFFICER", "post.org": "一网格"}]


def test_premises_whose_address_cannot_be_parted_are_wrong() -> None:
    _, rows = read(
        xlsx([("房屋坐落", "建筑面积", "业主姓名"), ("翠园3栋2单元501", "88.5", "张三"), ("中山路12号", "60", "李四")])
    )
    assert rows[0].values["place.number"] == "501"
    assert codes(rows[1]) == ["ADDRESS_UNCLEAR", "VALUE_MISSING"]


def test_dates_of_1904_are_read_as_the_program_shows_them() -> None:
    lines = [("姓名", "性别", "出生日期"), ("张三", "男", date(1952, 6, 15)), ("李四", "女", 17698)]
    content = xlsx(lines, date_1904=True)
    assert [row["person.birthDate"] for row in data(content)] == [date(1952, 6, 15)] * 2


LINES = [HEADER, ("1", "张三", "女", ID, "1949年12月31日", "138 0000 1111", "党员", "3栋2单元501")]


@pytest.mark.parametrize(
    "content",
    [
        xlsx(LINES),
        xls(LINES),
        ods(LINES),
        csv(LINES),
        csv(LINES, "utf-8"),
        csv(LINES, "utf-8-sig"),
        csv(LINES, "gb18030", "\t"),
        csv(LINES, "utf-8", ";"),
    ],
    ids=["xlsx", "xls", "ods", "csv-gb18030", "csv-utf8", "csv-bom", "tsv", "semicolons"],
)
def test_every_format_gives_the_same_values(content: bytes) -> None:
    assert data(content) == data(xlsx(LINES))
    assert data(content)[0]["person.birthDate"] == date(1949, 12, 31)


PEOPLE = st.fixed_dictionaries(
    {
        "person.name": st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4),
        "person.idNumber": st.builds(id_number, st.dates(date(1900, 3, 1), date(2026, 1, 1)), st.integers(1, 999)),
        "person.phone": st.integers(13_000_000_000, 19_999_999_999).map(str),
        "premises.area": st.integers(1, 99_999),
    }
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(PEOPLE, min_size=1, max_size=6, unique_by=lambda it: it["person.idNumber"]),
    st.sampled_from(["xlsx", "csv"]),
    st.data(),
)
def test_people_come_back_as_they_were_written(people: list[dict[str, Any]], form: str, draws: st.DataObject) -> None:
    people = [one for one in people if one["person.name"] not in ("合计", "总计", "小计")]
    spellings = st.sampled_from(["{}", " {}", "'{}", "{} "])
    lines: list[tuple[str, ...]] = [("姓名", "身份证号", "联系电话", "建筑面积", "性别")]
    for one in people:
        name, number, phone = (one[key] for key in ("person.name", "person.idNumber", "person.phone"))
        spelt = (
            draws.draw(spellings).format(it) for it in (name, number.lower(), f"{phone[:3]} {phone[3:7]} {phone[7:]}")
        )
        lines.append((*spelt, f"{one['premises.area'] / 100:.2f}㎡", ""))
    assert data(xlsx(lines) if form == "xlsx" else csv(lines)) == people
