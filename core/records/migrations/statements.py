"""Cutting a script of SQL into its statements, since each is sent on its own.

Citus refuses several commands in one message, and SQLite's `executescript` commits behind one's back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SQLITE = "sqlite"
POSTGRES = "postgres"

_TOKEN = re.compile(
    r"""
      (?P<string>'(?:[^']|'')*')
    | (?P<name>"(?:[^"]|"")*")
    | (?P<line>--[^\n]*)
    | (?P<block>/\*)
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<end>;)
    | (?P<open>['"])
    | (?P<other>[\s(),.=]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_COMMENT_MARK = re.compile(r"/\*|\*/")


def split(script: str, dialect: str) -> list[str]:
    """Cut a script at the semicolons that end statements, and drop what holds nothing but comments.

    Understands strings, `E''` strings, quoted names, both kinds of comment and dollar quoting, as the dialect
    (`sqlite` or `postgres`) reads them. Raises ValueError for a quote or comment that never ends.
    """
    statements: list[str] = []
    start, meaningful = 0, False
    for kind, begin, finish in _tokens(script, dialect):
        if kind == "end":
            if meaningful:
                statements.append(script[start:begin].strip())
            start, meaningful = finish, False
        elif kind != "comment":
            meaningful = meaningful or not script[begin:finish].isspace()
    if meaningful:
        statements.append(script[start:].strip())
    return statements


def single(statement: str, dialect: str) -> str:
    """Return the statement, or raise ValueError when it is empty, or has a semicolon outside quotes."""
    kinds = [kind for kind, *_ in _tokens(statement, dialect)]
    if "end" in kinds or not split(statement, dialect):
        raise ValueError(f"expected exactly one {dialect} statement without ';' (outside quotes), found: {statement!r}")
    return statement


def _tokens(script: str, dialect: str) -> Iterator[tuple[str, int, int]]:
    """Yield (kind, begin, end); kind is `end`, `comment` or `text`."""
    at = 0
    while match := _TOKEN.match(script, at):
        kind, begin, at = str(match.lastgroup), match.start(), match.end()
        if kind == "open":
            raise _unfinished("quote", script, begin)
        if kind == "block":
            at = _after_comment(script, begin, nested=dialect == POSTGRES)
        elif kind == "dollar" and dialect == POSTGRES:
            at = _after_dollars(script, match)
        elif kind == "word" and match.group() in {"e", "E"} and dialect == POSTGRES:
            at = _after_escaped(script, at)
        yield {"end": "end", "line": "comment", "block": "comment"}.get(kind, "text"), begin, at


def _after_escaped(script: str, at: int) -> int:
    if not script.startswith("'", at):
        return at
    match = _ESCAPED.match(script, at)
    if match is None:
        raise _unfinished("quote", script, at)
    return match.end()


def _after_dollars(script: str, opening: re.Match[str]) -> int:
    closing = script.find(opening.group(), opening.end())
    if closing < 0:
        raise _unfinished("dollar quote", script, opening.start())
    return closing + len(opening.group())


def _after_comment(script: str, begin: int, *, nested: bool) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(script, begin) if nested else ():
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    closing = -1 if nested else script.find("*/", begin + 2)
    if closing < 0:
        raise _unfinished("comment", script, begin)
    return closing + 2


def _unfinished(what: str, script: str, begin: int) -> ValueError:
    line = script.count("\n", 0, begin) + 1
    return ValueError(f"the {what} that begins in line {line} never ends: {script[begin : begin + 40]!r}")
