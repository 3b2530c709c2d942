"""What a file is told by its content, from both ends; what it claims must fit."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from linli.core.errors import RejectedError
from linli.core.files.kinds import kind_of
from linli.core.files.names import LONGEST, cleaned
from linli.core.files.purposes import FileKind

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def picture(kind: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(kept, kind)
    return kept.getvalue()


def office(main: str, *more: tuple[str, bytes], contents: bool = True) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        if contents:
            archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{main}"/></Types>')
        for name, content in more:
            archive.writestr(name, content)
    return kept.getvalue()


def told(content: bytes, name: str = "", declared: str = "") -> str:
    """The kind, or the code of the refusal."""
    try:
        return kind_of(io.BytesIO(content), len(content), name, declared)
    except RejectedError as refused:
        return refused.code


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (picture("JPEG"), "a.jpg", FileKind.JPEG),
        (picture("PNG"), "a.png", FileKind.PNG),
        (picture("WEBP"), "a.webp", FileKind.WEBP),
        (picture("WEBP"), "a.jpg", FileKind.WEBP),  # apps rename pictures; one for another does no harm
        (picture("PNG"), "", FileKind.PNG),
        (PDF, "a.pdf", FileKind.PDF),
        (office(SHEET), "名单.xlsx", FileKind.XLSX),
        (office(DOCUMENT), "a.docx", FileKind.DOCX),
        ("姓名,电话\n张三,1\n".encode(), "a.csv", FileKind.CSV),
        ("姓名,电话\n张三,1\n".encode("gb18030"), "a.csv", FileKind.CSV),
        ("说明".encode(), "a.txt", FileKind.TEXT),
        (b"x", "", FileKind.TEXT),
        (picture("JPEG") + b"\0\0\0\x18ftypmp42" + bytes(500), "a.jpg", FileKind.JPEG),  # a motion photo
    ],
)
def test_a_file_is_what_its_content_is(content: bytes, name: str, kind: FileKind) -> None:
    assert told(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name", "declared", "code"),
    [
        (PDF, "a.jpg", "", "FILE_MISLABELLED"),
        (b"MZ\x90\0", "a.jpg", "", "FILE_MISLABELLED"),
        (b"\x00\x01\x02", "a.png", "", "FILE_MISLABELLED"),
        (b"<html><script>", "a.jpeg", "", "FILE_MISLABELLED"),
        (b"\x00\x01\x02", "", "image/png", "FILE_MISLABELLED"),
        (picture("PNG"), "a.pdf", "", "FILE_MISLABELLED"),
        (picture("PNG"), "a.csv", "", "FILE_MISLABELLED"),
        (b"a,b", "a.xlsx", "", "FILE_MISLABELLED"),
        (office("x"), "a.xlsx", "", "FILE_MISLABELLED"),
        (office(SHEET), "a.docx", "", "FILE_MISLABELLED"),
        (PDF, "", FileKind.XLSX, "FILE_MISLABELLED"),
        (picture("GIF"), "a.gif", "", "FILE_MISLABELLED"),
        (b"MZ\x90\0", "a.exe", "", "FILE_TYPE"),
        (b"#!/bin/sh\n", "a", "", "FILE_TYPE"),
        (b"\x7fELF", "", "", "FILE_TYPE"),
        (b"\n <!DOCTYPE html>", "a.html", "", "FILE_TYPE"),
        (b"<svg xmlns='x'/>", "a.svg", "", "FILE_TYPE"),
        (b"a\0b", "", "", "FILE_TYPE"),
        (b"\xff\xfea\0", "", "", "FILE_TYPE"),
        (office("x", contents=False), "a.zip", "", "FILE_TYPE"),
        (office(SHEET.replace("sheet", "sheet") + ' vbaProject"'), "", "", "FILE_TYPE"),
        (picture("JPEG") + office(SHEET), "a.jpg", "", "FILE_POLYGLOT"),
        (picture("PNG") + office("x"), "a.png", "", "FILE_POLYGLOT"),
        (PDF + office("x") + b"%%EOF", "a.pdf", "", "FILE_POLYGLOT"),
        (b"\xff\xd8\xff\xfe\x00\x20%PDF-1.4" + picture("JPEG"), "a.jpg", "", "FILE_POLYGLOT"),
        (b"x,y\n%PDF-1.4\n", "a.csv", "", "FILE_POLYGLOT"),
        (b"%PDF-1.7\n", "a.pdf", "", "FILE_POLYGLOT"),
        (b"PK\x03\x04" + bytes(26) + office(SHEET), "a.xlsx", "", "FILE_POLYGLOT"),
        (b"PK\x03\x04 no zip", "a.xlsx", "", "FILE_DAMAGED"),
        (office(SHEET)[:-30], "a.xlsx", "", "FILE_DAMAGED"),
        (office(SHEET, ("a", bytes(5_000_000))), "a.xlsx", "", "FILE_BOMB"),
    ],
)
def test_what_is_another_thing_two_things_or_a_trap_is_refused_by_its_own_code(
    content: bytes, name: str, declared: str, code: str
) -> None:
    assert told(content, name, declared) == code


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("照片 (1).JPG", FileKind.JPEG, "照片 (1).jpg"),
        ("C:\\Users\\x\\a.png", FileKind.PNG, "a.png"),
        ("../../etc/passwd", FileKind.TEXT, "passwd.txt"),
        ("a\r\nSet-Cookie: x\x00.pdf", FileKind.PDF, "a Set-Cookie_ x.pdf"),
        ("a\u202egpj.pdf", FileKind.PDF, "agpj.pdf"),
        ("..", FileKind.PDF, "文件.pdf"),
        ("", FileKind.PDF, "文件.pdf"),
        ("图.webp", FileKind.JPEG, "图.jpg"),
        ('a<b>:"c"|?*.csv', FileKind.CSV, "a_b___c____.csv"),
        ("第3.2节", FileKind.TEXT, "第3.2节.txt"),
    ],
)
def test_a_name_is_one_line_without_folders_and_ends_as_the_content_is(given: str, kind: FileKind, name: str) -> None:
    assert cleaned(given, kind) == name


def test_a_long_name_is_cut_before_its_ending() -> None:
    name = cleaned("长" * 500 + ".xlsx", FileKind.XLSX)
    assert len(name) == LONGEST
    assert name.endswith(".xlsx")
