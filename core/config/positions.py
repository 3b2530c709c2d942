"""Which line every key and value of a TOML file stands on; the parsers tell only the lines of syntax errors.

The scanner trusts its input: a text that is valid TOML 1.0 (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

KeyPath = tuple[str | int, ...]
"""The way to a value: the keys of tables, the indices of arrays."""

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # up to two quotes may stand before the closing three
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def positions(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every key, table and array element in a valid TOML text.

    A key stands where it is written, an array element where it begins, a table at its header or, without one, at
    the first line that mentions it.
    """
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._lengths: dict[KeyPath, int] = {}  # of the arrays of tables so far

    def scan(self) -> None:
        table: KeyPath = ()
        while self._next() != "":
            if self.text.startswith("[[", self.at):
                table = self._array_header()
            elif self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        line = self._line()
        self.at += 1
        path = self._resolve(self._key())
        self.at += 1
        self._mark(path, line)
        return path

    def _array_header(self) -> KeyPath:
        line = self._line()
        self.at += 2
        *parents, name = self._key()
        self.at += 2
        array = (*self._resolve(parents), name)
        index = self._lengths.get(array, 0)
        self._lengths[array] = index + 1
        self._mark((*array, index), line)
        return (*array, index)

    def _resolve(self, parts: list[str]) -> KeyPath:
        """A header's path: a part that names an array of tables means its latest table."""
        path: KeyPath = ()
        for part in parts:
            path = (*path, part)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line()
        path = (*table, *self._key())
        self.at += 1  # the equals sign
        self._mark(path, line)
        self._value(path)

    def _key(self) -> list[str]:
        parts: list[str] = []
        while not parts or self.text[self.at] == ".":
            self.at += bool(parts)
            self._take(_SPACE)
            parts.append(self._key_part())
            self._take(_SPACE)
        return parts

    def _key_part(self) -> str:
        if self.text[self.at] in "\"'":
            return str(tomllib.loads(f"key = {self._take(_STRING)}")["key"])
        return self._take(_BARE_KEY)

    def _value(self, path: KeyPath) -> None:
        opening = self._next()
        self.lines.setdefault(path, self._line())
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._take(_STRING if opening in "\"'" else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self._next() != "]":
            self._value((*path, index))
            index += 1
            self._comma()
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._next() != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        if self._next() == ",":
            self.at += 1

    def _next(self) -> str:
        """The next character that is neither space nor comment; empty at the end."""
        self._take(_BLANK)
        return self.text[self.at : self.at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"Not valid TOML at line {self._line()}")
        self.at = match.end()
        return match.group()

    def _mark(self, path: KeyPath, line: int) -> None:
        """A header or key gives its own path this line, whatever mentioned it before, and its parents if unknown."""
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        self.lines[path] = line

    def _line(self) -> int:
        return bisect_left(self._newlines, self.at) + 1
