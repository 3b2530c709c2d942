"""Cells of text: names of people and of things, addresses, codes. 文本。"""

from __future__ import annotations

import re
from functools import lru_cache

from .cells import Cell, Reading, plain, squeezed
from .findings import UnreadError

LONGEST_TEXT, LONGEST_NAME, LONGEST_TITLE, LONGEST_CODE = 500, 100, 200, 64
_NOTE = re.compile(r"\(([^()]*)\)$")
_NO_NAME = frozenset("()[]【】*?:")
_DOTS = re.compile(r"[•・‧∙●⋅]")
_SEVERAL = re.compile(r"[、,;/&\n\r]|\+")
_HAN = re.compile(r"[㐀-鿿\U00020000-\U0003FFFF]")
_COMPOUND_SURNAMES = re.compile(
    "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|长孙|宇文|轩辕|南宫|独孤|闻人|申屠|澹台|第五"
)


def read_text(cell: Cell, reading: Reading) -> str:
    """Any text."""
    return _bounded(plain(cell), LONGEST_TEXT)


def read_title(cell: Cell, reading: Reading) -> str:
    """The name or the code of an organisation or a place; spaces between Chinese characters are left out."""
    return _bounded(_joined(plain(cell)), LONGEST_TITLE)


def read_address(cell: Cell, reading: Reading) -> str:
    """An address: without any spaces."""
    return _bounded(squeezed(cell), LONGEST_TITLE)


def read_code(cell: Cell, reading: Reading) -> str:
    """A number or a code that somebody gave out."""
    return _bounded(squeezed(cell), LONGEST_CODE)


def read_name(cell: Cell, reading: Reading) -> str:
    """The name of one person. UnreadError NAME_SEVERAL, NAME; what stands in brackets behind it is noted."""
    if isinstance(cell, str) and _SEVERAL.search(cell.strip()):
        raise UnreadError("NAME_SEVERAL", "Several names in one cell: write one row for each")
    written = plain(cell)
    note = _NOTE.search(written)
    if note is not None and note.start() > 0:
        reading.warn("NAME_NOTE", "What stands in brackets behind the name is left out: {found}", found=note[1])
        written = written[: note.start()].strip()
    if not _is_name(written):
        raise UnreadError("NAME", "This is no name of a person")
    return _joined_name(_DOTS.sub("·", written))


@lru_cache(maxsize=4096)
def _joined(written: str) -> str:
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", written)


def _is_name(written: str) -> bool:
    return 1 <= len(written) <= LONGEST_NAME and not any(sign.isdigit() or sign in _NO_NAME for sign in written)


def _joined_name(written: str) -> str:
    parts = written.split(" ")
    if len(parts) == 1 or not all(_HAN.search(part) for part in parts):
        return written
    alone = all(len(part) > 1 for part in parts) and not _COMPOUND_SURNAMES.fullmatch(parts[0])
    if alone:
        raise UnreadError("NAME_SEVERAL", "Several names in one cell: write one row for each")
    return "".join(parts)


def _bounded(written: str, most: int) -> str:
    if len(written) > most:
        raise UnreadError("TEXT_LENGTH", "At most {most} characters", most=most)
    return written
