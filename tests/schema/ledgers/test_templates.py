"""A district's own workbook: filled, its letterhead and joined cells as they were, and refused cell by cell."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Font
from PIL import Image as Picture

from linli.core.districts import District
from linli.core.people import services as people
from linli.core.records.unit_of_work import transact
from linli.schema.ledgers.checks import problems
from linli.schema.ledgers.core_ledgers import RESIDENTS
from linli.schema.ledgers.filling import fill
from linli.schema.ledgers.starting import write
from linli.schema.ledgers.templates import AROUND, TemplateError, read
from linli.schema.testing import Clients, Tree
from tests.schema.ledgers.office import answered, content_of, opened

OWN = {"roster": {"ledger": "core.residents", "file": "roster.xlsx"}}
configured = pytest.mark.linli(settings={"core": {"ledger_templates": OWN}})
Fill = Callable[[Any], None]


def _letterhead(sheet: Any) -> None:
    """Two rows of letterhead, placeholders in row 5, what is signed beneath."""
    sheet["A1"], sheet["A2"] = "{{organisation}}居民委员会", "花名册（{{count}}人）"
    sheet["A1"].font = Font(size=22, bold=True, color="FFCC0000")
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A2:E2")
    for place, heading in enumerate(("序号", "姓 名", "联系方式", "证件", "备注"), 1):
        sheet.cell(4, place).value = heading
    sheet["A5"], sheet["B5"], sheet["C5"], sheet["D5"] = "{{no}}", "{{姓名}}", "{{phone}}", "{{ 身份证号 }}"
    sheet["B5"].font = Font(italic=True)
    sheet.row_dimensions[5].height = 24
    sheet["A7"], sheet["D7"] = "负责人签字：", "{{date}}　{{exporter}}"
    sheet.merge_cells("A7:B7")
    sheet.merge_cells("D7:E7")
    sheet["A8"] = "{{line}}"
    sheet["E8"] = "=COUNTA(B4)"
    sheet.row_dimensions[7].height = 40


def _placed(district: District, fill: Fill, name: str = "roster.xlsx") -> Path:
    assert district.data is not None
    book = Book()
    fill(book.active)
    file = district.data.parent / name
    book.save(file)
    return file


async def _enter(district: District, tree: Tree, *names: str) -> None:
    async def work(_unit: object) -> None:
        for name in names:
            await people.create_person(name=name, habitual_residence_id=tree.grid.id, phone="13800138000")

    with district.scope():
        await transact(work)


@configured
async def test_a_template_with_joined_cells_and_letterhead_survives(
    client: Clients, tree: Tree, district: District
) -> None:
    _placed(district, _letterhead)
    await _enter(district, tree, "示例赵", "=1+1", "示例孙")
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid, template="roster")
    sheet = load_workbook(BytesIO(await content_of(staff, answer["url"]))).active
    assert (sheet["A1"].value, sheet["A2"].value) == ("第一网格居民委员会", "花名册（3人）")
    assert (sheet["A1"].font.size, sheet["A1"].font.color.rgb) == (22, "FFCC0000")
    rows = [[sheet.cell(row, place).value for place in (1, 2, 3, 4)] for row in (5, 6, 7)]
    assert rows == [
        [1, "示例赵", "138****8000", None],
        [2, "=1+1", "138****8000", None],
        [3, "示例孙", "138****8000", None],
    ]
    assert [sheet.cell(row, 2).font.italic for row in (5, 6, 7)] == [True, True, True]
    assert (sheet["B6"].data_type, sheet.row_dimensions[7].height) == ("s", 24)
    assert sorted(str(area) for area in sheet.merged_cells.ranges) == ["A1:E1", "A2:E2", "A9:B9", "D9:E9"]
    assert (sheet["A9"].value, sheet.row_dimensions[9].height) == ("负责人签字：", 40)
    assert sheet["D9"].value.startswith("2026-03-09　test-")
    assert "以系统记录为准" in sheet["A10"].value
    assert sheet["E10"].value == "=COUNTA(B6)"


@configured
async def test_headings_alone_say_which_columns_in_which_order(client: Clients, tree: Tree, district: District) -> None:
    def headings(sheet: Any) -> None:
        for place, heading in enumerate(("手机号码", "姓\n名", "常住地"), 1):
            sheet.cell(2, place).value = heading

    _placed(district, headings)
    await _enter(district, tree, "示例赵")
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid, template="roster")
    rows = opened(await content_of(staff, answer["url"])).only
    assert rows[-1] == ["138****8000", "示例赵", "第一网格"]


@configured
async def test_an_empty_ledger_leaves_no_placeholder(client: Clients, tree: Tree, district: District) -> None:
    _placed(district, _letterhead)
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid, template="roster")
    rows = opened(await content_of(staff, answer["url"])).only
    assert "{{" not in str(rows)
    assert "花名册（0人）" in str(rows)


@configured
async def test_a_picture_in_the_letterhead_stays(client: Clients, tree: Tree, district: District) -> None:
    def pictured(sheet: Any) -> None:
        _letterhead(sheet)
        kept = BytesIO()
        Picture.new("RGB", (20, 20), "red").save(kept, "PNG")
        sheet.add_image(Image(kept), "E1")

    _placed(district, pictured)
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid, template="roster")
    sheet = load_workbook(BytesIO(await content_of(staff, answer["url"]))).active
    assert len(sheet._images) == 1


@configured
async def test_what_cannot_be_filled_is_refused_and_nothing_is_written(
    client: Clients, tree: Tree, district: District
) -> None:
    def misspelt(sheet: Any) -> None:
        sheet["B3"], sheet["C3"] = "{{姓 名字}}", "{{phon}}"

    _placed(district, misspelt)
    staff = await client("community-staff", at=tree.community)
    refused = await answered(staff, "core.residents", tree.grid, template="roster")
    assert refused["code"] == "TEMPLATE_INVALID"
    assert "Sheet!B3" in refused["message"]
    assert "姓名" in refused["message"]
    assert [one["cell"] for one in refused["details"]["problems"]] == ["Sheet!B3", "Sheet!C3"]
    assert 'did you mean "phone"' in refused["details"]["problems"][1]["message"].lower()
    told = [one.message for one in problems(district)]
    assert len(told) == 2
    assert "roster.xlsx: Sheet!B3" in told[0]
    columns = await answered(staff, "core.residents", tree.grid, template="roster", columns=["name"])
    assert columns["code"] in ("TEMPLATE_INVALID", "VALIDATION")


@pytest.mark.linli(settings={"core": {"ledger_templates": {"odd": {"ledger": "core.unknown", "file": "odd.xlsx"}}}})
async def test_a_template_for_no_ledger_is_told(district: District) -> None:
    (problem,) = problems(district)
    assert "core.unknown" in problem.message
    assert "core.residents" in problem.remedy


def _two_rows(sheet: Any) -> None:
    sheet["A1"], sheet["A2"] = "{{name}}", "{{phone}}"


def _joined_downwards(sheet: Any) -> None:
    sheet["A1"], sheet["B1"] = "{{name}}", "{{phone}}"
    sheet.merge_cells("B1:B2")


def _not_alone(sheet: Any) -> None:
    sheet["A1"] = "姓名：{{name}}"


def _nothing(sheet: Any) -> None:
    sheet["A1"] = "花名册"


def _unknown_heading(sheet: Any) -> None:
    sheet["A1"], sheet["B1"], sheet["C1"] = "姓名", "电话", "手机号"


@pytest.mark.parametrize(
    ("fill", "cell", "said"),
    [
        (_two_rows, "Sheet", "in one row"),
        (_joined_downwards, "Sheet!B1:B2", "merged"),
        (_not_alone, "Sheet!A1", "alone"),
        (_nothing, None, "there are 0"),
        (_unknown_heading, "Sheet!C1", "手机号码"),
    ],
)
def test_each_thing_that_is_wrong_is_told_with_its_cell(
    tmp_path: Path, fill: Fill, cell: str | None, said: str
) -> None:
    book = Book()
    fill(book.active)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(TemplateError) as refused:
        read("t", tmp_path / "t.xlsx", RESIDENTS)
    problem = refused.value.problems[0]
    assert problem.cell == cell
    assert said in str(problem.message)


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"no workbook")
    for name in ("t.xlsx", "missing.xlsx"):
        with pytest.raises(TemplateError):
            read("t", tmp_path / name, RESIDENTS)


def test_the_template_to_begin_with_names_every_column(tmp_path: Path) -> None:
    file = tmp_path / "t.xlsx"
    with file.open("wb") as out:
        write(RESIDENTS, out, "zh-CN")
    template = read("t", file, RESIDENTS)
    assert template.wanted == list(RESIDENTS.columns)
    assert template.row == 4


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/styles.xml"]
)
def test_a_workbook_with_a_damaged_part_is_told_of_as_one(tmp_path: Path, part: str) -> None:
    whole, file = BytesIO(), tmp_path / "roster.xlsx"
    write(RESIDENTS, whole, "zh-CN")
    with ZipFile(whole) as source, ZipFile(file, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, b"<worksheet><sheetData><" if name == part else source.read(name))
    with pytest.raises(TemplateError, match="no workbook"):
        read("roster", file, RESIDENTS)


def test_rows_in_a_template_lie_in_no_folder_for_passing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, file, made = BytesIO(), tmp_path / "roster.xlsx", BytesIO()
    write(RESIDENTS, whole, "zh-CN")
    file.write_bytes(whole.getvalue())
    template = read("roster", file, RESIDENTS)

    def refused(*_given: object, **_named: object) -> None:
        raise AssertionError("a file in the clear")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refused)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", refused)
    fill(template, [["=1+1"] + [None] * (len(template.wanted) - 1)], dict.fromkeys(AROUND.values(), ""), made)
    box = load_workbook(made).worksheets[0].cell(4, 2)
    assert (box.value, box.data_type, box.quotePrefix) == ("=1+1", "s", True)
