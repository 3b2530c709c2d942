"""Reading linli.toml: the bytes, the text, the TOML; what is wrong there stops the reading."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from .findings import Finding, Severity

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


class UnreadableError(Exception):
    """A file that holds no configuration; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.render())


def read_text(file: Path) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; raises UnreadableError."""
    content = _read_bytes(file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise _unreadable(file, line, "NOT_UTF8", found, "save the file as UTF-8") from error


def parse(file: Path, text: str) -> dict[str, Any]:
    """The tables of a TOML text; `file` is what findings call it. Raises UnreadableError."""
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _unreadable(file, None, "TOML_SYNTAX", "nested too deeply", "close the brackets") from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place["line"]) if place and place["line"] else _line_of_opening(text)
        column = f", column {place['column']}" if place and place["column"] else ""
        found = f"not valid TOML: {_PLACE.sub('', str(error))}{column}"
        raise _unreadable(file, line, "TOML_SYNTAX", found, _hint(text, line, place)) from error


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        hint = "`linli init DIR` writes one; --config PATH or LINLI_CONFIG names another"
        raise _unreadable(file, None, "UNREADABLE", f"cannot be read: {error.strerror}", hint) from error


def _line_of_opening(text: str) -> int:
    """Where tomlkit stops; tomllib names no line for what is never closed."""
    line = text.count("\n") + 1
    try:
        tomlkit.parse(text)
    except TOMLKitError as error:
        line = error.line if isinstance(error, ParseError) else line
    return line


def _hint(text: str, line: int, place: re.Match[str] | None) -> str | None:
    """The commonest mistake: a text without its quotes."""
    if place is None or not place["column"] or "Invalid value" not in place.string:
        return None
    rest = text.replace("\r\n", "\n").split("\n")[line - 1][int(place["column"]) - 1 :]
    return "texts stand in quotes" if rest[:1].isalpha() else None


def _unreadable(file: Path, line: int | None, code: str, found: str, suggestion: str | None) -> UnreadableError:
    return UnreadableError(Finding(Severity.ERROR, str(file), line, "", code, found, None, suggestion))
