from __future__ import annotations

import struct
from contextlib import suppress
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.core.errors import ValidationError
from linli.core.spreadsheets import archives, open_workbook, workbooks
from linli.core.spreadsheets.archives import column_index, column_letters
from tests.core.spreadsheets.conftest import csv, ods, read, xls, xlsx

LINES = [("姓名", "性别"), ("张三", "男")]
ONE = 'office:value-type="float" office:value="1"'


def refusal(content: bytes) -> str:
    with pytest.raises(ValidationError) as error:
        open_workbook(content)
    return error.value.problems[0].code


def with_sheet(xml: bytes) -> bytes:
    """An XLSX whose first sheet is this."""
    target = BytesIO()
    with ZipFile(BytesIO(xlsx(LINES))) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, xml if name.endswith("sheet1.xml") else source.read(name))
    return target.getvalue()


def cell(where: str) -> bytes:
    row = "".join(sign for sign in where if sign.isdigit())
    return (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{where}"><v>1</v></c></row>'
        "</sheetData></worksheet>"
    ).encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"  \n", "FILE_EMPTY"),
        (b"PK\x03\x04nothing", "FILE_DAMAGED"),
        (b"\xd0\xcf\x11\xe0nothing", "FILE_DAMAGED"),
        (xlsx(LINES)[:-200], "FILE_DAMAGED"),
        (xls(LINES)[:600], "FILE_DAMAGED"),
        ("\ufeff姓名,性别".encode("utf-16"), "ENCODING"),
        (b"\x89PNG\x00\x00", "ENCODING"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "FILE_IS_HTML"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(target.getvalue()) == "FILE_DAMAGED"


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 10 << 20)
    content = with_sheet(b"<worksheet>" + b"<x/>" * (5 << 20) + b"</worksheet>")
    assert len(content) < 1 << 20
    assert refusal(content) == "FILE_TOO_LARGE"


def test_the_size_that_an_archive_declares_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 10 << 20)
    content = with_sheet(b"<worksheet>" + b"<x/>" * (5 << 20) + b"</worksheet>")
    size = struct.pack("<I", (20 << 20) + len("<worksheet></worksheet>"))
    assert size in content
    assert refusal(content.replace(size, struct.pack("<I", 100))) == "FILE_TOO_LARGE"


def test_an_archive_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
    assert refusal(xlsx(LINES)) == "FILE_TOO_LARGE"


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("XFD1048576", "TOO_MANY_ROWS"),
        ("A1048576", "TOO_MANY_ROWS"),
        ("A200001", "TOO_MANY_ROWS"),
        ("GS1", "TOO_MANY_COLUMNS"),
        ("XFD9", "TOO_MANY_COLUMNS"),
        ("AAA1", "TOO_MANY_COLUMNS"),
    ],
)
def test_one_cell_far_out_is_refused_before_memory_is_taken_for_all_before_it(where: str, code: str) -> None:
    assert refusal(with_sheet(cell(where))) == code


def test_the_last_cell_that_is_read_is_read() -> None:
    book = open_workbook(with_sheet(cell("GR2000")))
    assert (book.sheets[0].rows, book.sheets[0].columns) == (2000, 200)


def sheet_of(rows: str) -> bytes:
    """The XML of a sheet of these rows."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def renamed(content: bytes, before: str, after: str) -> bytes:
    """A workbook whose part has another name, in all that tells of it too."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name.replace(before, after), source.read(name).replace(before.encode(), after.encode()))
    return target.getvalue()


FAR_APART = sheet_of(
    '<row r="1"><c r="GR1"><v>1</v></c></row><row r="200000"><c r="A200000"><v>1</v></c></row>',
)


def test_two_cells_that_span_too_many_are_refused_before_memory_is_taken() -> None:
    assert refusal(with_sheet(FAR_APART)) == "TOO_MANY_CELLS"
    assert refusal(renamed(with_sheet(FAR_APART), "sheet1.xml", "sheet1.dat")) == "TOO_MANY_CELLS"


def test_cells_that_do_not_say_where_they_are_are_counted() -> None:
    wide, long = f"<row>{'<c><v>1</v></c>' * 150}</row>", "<row><c><v>1</v></c></row>"
    assert refusal(with_sheet(sheet_of(wide + long * 60_000))) == "TOO_MANY_CELLS"
    assert open_workbook(with_sheet(sheet_of(wide + long * 100))).sheets[0].columns == 150


def test_repeated_cells_of_open_document_that_span_too_many_are_refused() -> None:
    wide = f'<table:table-row><table:table-cell table:number-columns-repeated="199" {ONE}/></table:table-row>'
    gap = '<table:table-row table:number-rows-repeated="150000"><table:table-cell/></table:table-row>'
    assert refusal(ods(LINES, f"{wide}{gap}<table:table-row><table:table-cell {ONE}/></table:table-row>")) == (
        "TOO_MANY_CELLS"
    )


def test_binary_workbooks_of_the_new_kind_are_not_read() -> None:
    assert refusal(renamed(xlsx(LINES), "workbook.xml", "workbook.bin")) == "FILE_DAMAGED"


def test_a_workbook_of_too_many_sheets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_SHEETS", 1)
    assert refusal(xlsx(LINES, LINES)) == "TOO_MANY_SHEETS"


def said_to_span(content: bytes, rows: int, columns: int) -> bytes:
    """An XLS whose DIMENSIONS record says so."""
    at = content.index(struct.pack("<HH", 0x200, 14)) + 4
    return content[:at] + struct.pack("<IIHH", 0, rows, 0, columns) + content[at + 12 :]


def with_cell_at(content: bytes, row: int, column: int) -> bytes:
    """An XLS whose last text stands elsewhere."""
    at = content.rindex(struct.pack("<HH", 0xFD, 10)) + 4
    return content[:at] + struct.pack("<HH", row, column) + content[at + 4 :]


@pytest.mark.parametrize("lines", [LINES, LINES * 1000], ids=["in the small stream", "in sectors of its own"])
def test_an_xls_is_walked_through_before_it_is_parsed(lines: list[tuple[str, str]]) -> None:
    content = xls(lines)
    assert open_workbook(content).sheets[0].rows == len(lines)
    assert open_workbook(said_to_span(content, 65_536, 256)).sheets[0].rows == len(lines)
    assert refusal(said_to_span(content, 0xFFFFFFFF, 0xFFFF)) == "TOO_MANY_CELLS"
    assert refusal(with_cell_at(content, 65_535, 199)) == "TOO_MANY_CELLS"
    assert refusal(with_cell_at(content, 65_535, 65_535)) == "TOO_MANY_COLUMNS"


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=12))
def test_an_xls_that_is_damaged_anywhere_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(xls(LINES))
    for place, value in changes:
        content[8 + place % (len(content) - 8)] = value
    with suppress(ValidationError):
        open_workbook(bytes(content))


def test_a_file_on_which_the_parser_panics_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panicking(_content: object) -> None:
        raise PanicException("index out of bounds")

    monkeypatch.setattr(f"{workbooks.__name__}.CalamineWorkbook.from_object", panicking)
    assert refusal(xls(LINES)) == "FILE_DAMAGED"


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (
            f'<table:table-row table:number-rows-repeated="1048000"><table:table-cell {ONE}/></table:table-row>',
            "TOO_MANY_ROWS",
        ),
        (
            f'<table:table-row><table:table-cell table:number-columns-repeated="16000" {ONE}/></table:table-row>',
            "TOO_MANY_COLUMNS",
        ),
        ("<table:table-row>", "FILE_DAMAGED"),
    ],
)
def test_repeated_cells_of_open_document_count_as_often_as_they_are(after: str, code: str) -> None:
    assert refusal(ods(LINES, after)) == code


def test_the_empty_rest_of_an_open_document_sheet_counts_for_nothing() -> None:
    cells = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048000">{cells}</table:table-row>'
    assert open_workbook(ods(LINES, rest)).sheets[0].rows == 2


def test_too_many_lines_and_columns_of_text_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    monkeypatch.setattr(workbooks, "MOST_COLUMNS", 3)
    assert refusal(csv([("a", "b")] * 4)) == "TOO_MANY_ROWS"
    assert refusal(csv([("a", "b", "c", "d")])) == "TOO_MANY_COLUMNS"


def test_a_sheet_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    assert refusal(xls(LINES)) == "TOO_MANY_ROWS"


def test_a_line_that_cannot_be_decoded_is_told_at_its_row() -> None:
    content = (
        '姓名,性别,备注\n张三,男,"第一行\n第二行"\n'.encode() + b"\xff\xfe\xfa,x,\n" + "李四,女,\n王五,男,\n".encode()
    )
    _, rows = read(content)
    assert next((row.number, [one.code for one in row.findings]) for row in rows if row.findings) == (
        3,
        ["ENCODING", "GENDER"],
    )
    assert [row.values["person.name"] for row in rows if row.number != 3] == ["张三", "李四", "王五"]


def test_rows_and_columns_are_numbered_as_the_program_counts() -> None:
    book = open_workbook(xlsx([(), (), ("", "", "甲"), (), ("", "乙")]))
    assert list(book.lines("表0")) == [(3, ["", "", "甲"]), (5, ["", "乙", ""])]


def test_lines_begin_anew_with_every_call() -> None:
    for content in (xlsx(LINES), csv(LINES), ods(LINES), xls(LINES)):
        book = open_workbook(content)
        name = book.sheets[0].name
        assert list(book.lines(name)) == list(book.lines(name))


@pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (199, "GR"), (16383, "XFD")])
def test_columns_have_letters(index: int, letters: str) -> None:
    assert (column_letters(index), column_index(letters)) == (letters, index)
