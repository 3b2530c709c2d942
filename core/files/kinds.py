"""What a file is, by its content and never by its name. 按内容识别文件类型。

A sniffing library tells what a file begins with. That is not enough here: what begins as a picture may be a program at
its end, and every spreadsheet is a zip. So the few kinds that are taken are looked at from both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import BinaryIO

from ..errors import RejectedError, text
from .office import office_kind
from .purposes import IMAGES, FileKind
from .texts import is_text

HEAD, TAIL = 1024, 66_000
"""How much of either end is looked at: a zip ends within 65,557 bytes, a PDF begins within 1,024."""
ZIP, ZIP_END, PDF, PDF_END = b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"%%EOF"
BEGINNINGS = {b"\xff\xd8\xff": FileKind.JPEG, b"\x89PNG\r\n\x1a\n": FileKind.PNG, PDF: FileKind.PDF}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
MARKUP = (b"<!doctype", b"<html", b"<script", b"<svg", b"<?xml", b"<?php")

PICTURE = "PICTURE"
SUFFIXES: Mapping[str, str] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"), PICTURE),
    ".pdf": FileKind.PDF,
    ".xlsx": FileKind.XLSX,
    ".docx": FileKind.DOCX,
    ".csv": FileKind.CSV,
    ".txt": FileKind.TEXT,
}
ENDINGS: Mapping[FileKind, str] = {
    FileKind.JPEG: ".jpg",
    FileKind.PNG: ".png",
    FileKind.WEBP: ".webp",
    FileKind.PDF: ".pdf",
    FileKind.XLSX: ".xlsx",
    FileKind.DOCX: ".docx",
    FileKind.CSV: ".csv",
    FileKind.TEXT: ".txt",
}


def kind_of(content: BinaryIO, size: int, name: str, declared: str = "") -> FileKind:
    """What a content is. `name` and `declared`, the client's media type, are what it claims to be.

    Raises RejectedError: FILE_TYPE for what is taken for no purpose, FILE_MISLABELLED for what claims to be something
    else, FILE_POLYGLOT for what is two things at once, FILE_BOMB and FILE_DAMAGED.
    """
    head, tail = _ends(content, size)
    found = _begins_as(head, content, size, name)
    claimed = _claimed(name, declared)
    if claimed is not None and not _fits(claimed, found):
        message = text("The file claims to be {claimed} and is something else", claimed=claimed)
        if claimed == PICTURE:
            message = text("The file claims to be a picture and is none that is taken")
        raise RejectedError(message, code="FILE_MISLABELLED", path=("file",))
    if found is None:
        raise RejectedError(text("Files of this kind are not taken"), code="FILE_TYPE", path=("file",))
    if _is_another(found, head, tail):
        raise RejectedError(text("The file is two things at once"), code="FILE_POLYGLOT", path=("file",))
    return found


def _ends(content: BinaryIO, size: int) -> tuple[bytes, bytes]:
    content.seek(0)
    head = content.read(HEAD)
    content.seek(max(0, size - TAIL))
    return head, content.read(TAIL)


def _begins_as(head: bytes, content: BinaryIO, size: int, name: str) -> FileKind | None:
    for beginning, kind in BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head.startswith(ZIP):
        return office_kind(content, size)
    if head.startswith(PROGRAMS) or head.lstrip().lower().startswith(MARKUP) or not is_text(content):
        return None
    return FileKind.CSV if PurePosixPath(name).suffix.lower() == ".csv" else FileKind.TEXT


def _claimed(name: str, declared: str) -> str | None:
    """What a file says it is: by its name, else by its media type; None where neither tells."""
    by_name = SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if by_name is not None:
        return by_name
    declared = declared.partition(";")[0].strip().lower()
    if declared.startswith("image/"):
        return PICTURE
    return declared if declared in set(FileKind) - {FileKind.TEXT, FileKind.CSV} else None


def _fits(claimed: str, found: FileKind | None) -> bool:
    """One picture for another does no harm, and apps do that often; nor does a text for another."""
    if claimed == PICTURE:
        return found in IMAGES
    if claimed in (FileKind.CSV, FileKind.TEXT):
        return found in (FileKind.CSV, FileKind.TEXT)
    return claimed == found


def _is_another(found: FileKind, head: bytes, tail: bytes) -> bool:
    """Whether other programs would open the file as something else: zips are read from their end, PDFs from anywhere
    in their first kilobyte. What cameras append to a picture, such as a short film, is neither and is left out."""
    is_zip = found in (FileKind.XLSX, FileKind.DOCX)
    if not is_zip and ZIP_END in tail:
        return True
    if found is not FileKind.PDF and PDF in head:
        return True
    return found is FileKind.PDF and PDF_END not in tail
