"""Spreadsheets and documents in Office Open XML (ECMA-376): zips with a table of contents. 办公文档识别。"""

from __future__ import annotations

from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from ..errors import RejectedError, text
from .purposes import FileKind

CONTENTS = "[Content_Types].xml"
MOST_PARTS, MOST_CONTENTS = 10_000, 1 << 20
MOST_UNPACKED, MOST_RATIO = 1 << 30, 200
MAIN = {
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": FileKind.XLSX,
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": FileKind.DOCX,
}
MACROS = (b"vbaProject", b"macroEnabled")


def office_kind(content: BinaryIO, size: int) -> FileKind | None:
    """Which of them a zip is; None for another zip, and for one with macros.

    Raises RejectedError FILE_BOMB for one that would be unpacked to far more than it is, FILE_DAMAGED for no whole zip,
    FILE_POLYGLOT where something stands before the zip.
    """
    try:
        with ZipFile(content) as archive:
            parts = archive.infolist()
            _check(sum(part.file_size for part in parts), len(parts), size)
            if parts and min(part.header_offset for part in parts) != 0:
                raise RejectedError(text("The file is two things at once"), code="FILE_POLYGLOT", path=("file",))
            if CONTENTS not in archive.namelist() or archive.getinfo(CONTENTS).file_size > MOST_CONTENTS:
                return None
            told = archive.read(CONTENTS)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OverflowError) as error:
        raise RejectedError(text("The file is damaged"), code="FILE_DAMAGED", path=("file",)) from error
    if any(mark in told for mark in MACROS):
        return None
    return next((kind for mark, kind in MAIN.items() if mark in told), None)


def _check(unpacked: int, parts: int, size: int) -> None:
    if parts > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * size:
        raise RejectedError(text("The file would be unpacked to far more than it is"), code="FILE_BOMB", path=("file",))
