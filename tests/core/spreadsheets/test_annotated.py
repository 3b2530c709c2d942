from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from linli.core.spreadsheets import (
    FIELDS,
    SheetKind,
    Workbook,
    annotate,
    annotated,
    open_workbook,
    recognised,
    rows,
    template,
)
from linli.core.spreadsheets.templates import heading
from tests.core.spreadsheets.conftest import ID, xlsx

LINES = [("姓名", "身份证号", "联系电话"), ("张三", 110101199003070000, "13800001111"), ("=1+1", ID, 13800002222)]


def copy(content: bytes, language: str = "zh-CN") -> tuple[bytes, Workbook]:
    found = recognised(open_workbook(content))
    written = annotated(found, (one for row in rows(found) for one in row.findings), language)
    return written, open_workbook(written)


def sheet(book: Workbook, at: int) -> list[list[object]]:
    return [list(cells) for _, cells in book.lines(book.sheets[at].name)]


def test_a_copy_has_what_the_sheet_had_and_what_was_found_in_the_last_column() -> None:
    _, book = copy(xlsx(LINES))
    assert [one.name for one in book.sheets] == ["说明", "表0"]
    header, first, second = sheet(book, 1)
    assert header == ["姓名", "身份证号", "联系电话", "问题"]
    assert first == [
        "张三",
        110101199003070000.0,
        "13800001111",
        "B2 错误: 表格软件只保留了 15 位数字，请按文本重新填写号码",
    ]
    assert second[2] == 13800002222.0


def test_the_first_sheet_sums_up_in_the_language_that_is_asked_for() -> None:
    _, chinese = copy(xlsx(LINES))
    _, english = copy(xlsx(LINES), "en")
    assert ["错误", "ID_NUMBER_ROUNDED", 1.0, "B"] in [line[:4] for line in sheet(chinese, 0)]
    assert ["Error", "ID_NUMBER_ROUNDED", 1.0, "B"] in [line[:4] for line in sheet(english, 0)]
    assert english.sheets[0].name == "Explanation"


def test_a_value_that_looks_like_a_formula_stays_text() -> None:
    written, book = copy(xlsx([("姓名", "性别"), ("=HYPERLINK(1)", "男"), ("@SUM(1)", "女")]))
    assert sheet(book, 1)[1][0] == "=HYPERLINK(1)"
    assert not any(b"<f>" in ZipFile(BytesIO(written)).read(name) for name in ZipFile(BytesIO(written)).namelist())


def test_cells_are_coloured_and_have_notes() -> None:
    archive = ZipFile(BytesIO(copy(xlsx(LINES))[0]))
    assert b"FFFFC7CE" in archive.read("xl/styles.xml")
    notes = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/comments")]
    assert ["表格软件只保留了 15 位数字" in one for one in notes] == [True]


def test_merged_cells_stay_merged_and_large_sheets_are_written_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx([(), *LINES], merges=[(0, 0, 0, 2, "花名册")])
    name = open_workbook(content).sheets[0].name
    assert copy(content)[1].merged(name) == [((0, 0), (0, 2))]
    small = sheet(copy(content)[1], 1)
    monkeypatch.setattr(annotate, "MERGED_UNTIL", 1)
    assert sheet(copy(content)[1], 1) == small


def test_a_copy_is_recognised_as_the_sheet_was() -> None:
    found = recognised(open_workbook(copy(xlsx(LINES))[0]), sheet="表0")
    assert [one.field for one in found.columns] == ["person.name", "person.idNumber", "person.phone", None]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", SheetKind)
def test_a_template_is_recognised_as_its_kind(kind: SheetKind, language: str) -> None:
    found = recognised(open_workbook(template(kind, language)))
    assert (found.kind, found.missing, found.findings) == (kind, (), ())
    titles = {one.title.rstrip("*"): one.field for one in found.columns}
    assert titles == {heading(FIELDS[key], language): key for key in titles.values() if key}


def test_every_field_belongs_to_a_kind_and_is_found_by_its_own_title() -> None:
    from linli.core.spreadsheets.columns import meaning  # noqa: PLC0415

    wrong = [
        (kind, one.key)
        for one in FIELDS.values()
        for kind in one.kinds
        if meaning((one.title,), kind).field != one.key or meaning((one.title_en,), kind).field != one.key
    ]
    assert (wrong, [one.key for one in FIELDS.values() if not one.kinds]) == ([], [])


def test_cells_that_a_small_file_merges_without_end_are_not_written_one_by_one() -> None:
    content = merged_to_the_end(xlsx(LINES))
    assert len(content) < 20_000
    written, book = copy(content)
    assert len(written) < 20_000
    assert [len(cells) for cells in sheet(book, 1)] == [4, 4, 4]


def merged_to_the_end(content: bytes) -> bytes:
    """The same workbook with cells that are merged as far as a sheet goes, and one name that no writer takes."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name in source.namelist():
            xml = source.read(name)
            merge = b'<mergeCells count="1"><mergeCell ref="A2:XFD1048576"/></mergeCells>'
            archive.writestr(name, xml.replace(b"</sheetData>", b"</sheetData>" + merge) if "sheet1" in name else xml)
    return target.getvalue()


def test_a_sheet_whose_name_no_other_program_takes_is_copied_under_one_like_it() -> None:
    target = BytesIO()
    with ZipFile(BytesIO(xlsx(("人员", LINES)))) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace("人员".encode(), "'人员/2024[一]".encode()))
    _, book = copy(target.getvalue())
    assert book.sheets[1].name == "人员_2024_一_"
