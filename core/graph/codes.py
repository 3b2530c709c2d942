"""Codes of organisations: their syntax, and the national 12-digit division code. 统计用区划代码。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import FieldProblem, text
from .kinds import OrgKind

SYNTAX = re.compile(r"[A-Za-z0-9._-]{1,64}")
DIVISION = re.compile(r"[0-9]{12}")


def is_division_code(kind: OrgKind | None, code: str | None) -> bool:
    """Whether the code is a national 12-digit one at an administrative level, so that its digits mean something."""
    return code is not None and kind is not None and kind.administrative and DIVISION.fullmatch(code) is not None


def syntax_problem(code: str) -> FieldProblem:
    """What is wrong with a code that SYNTAX does not match."""
    message = text("{found} is no code: it has 1 to 64 of A-Z a-z 0-9 . _ -", found=code)
    return FieldProblem("code", "CODE_SYNTAX", message)


def code_problems(
    kind: OrgKind, code: str, parent_kind: OrgKind | None = None, parent_code: str | None = None
) -> Iterator[FieldProblem]:
    """What is wrong with a code at a node of this kind under this parent (None for a root).

    Only a code of 12 digits at an administrative level is checked beyond its syntax: 统计用区划代码, 2 digits of
    province, 2 of prefecture, 2 of county (GB/T 2260), 3 of township, 3 of village; the rest is zeros.
    """
    if not SYNTAX.fullmatch(code):
        yield syntax_problem(code)
    elif is_division_code(kind, code):
        yield from _level_problems(kind, code, parent_code)
        if parent_kind is not None and parent_code is not None and is_division_code(parent_kind, parent_code):
            yield from _prefix_problems(kind, code, parent_kind, parent_code)


def _level_problems(kind: OrgKind, code: str, parent_code: str | None) -> Iterator[FieldProblem]:
    digits = kind.code_digits or 0
    own = code[max(0, digits - 3 if digits > 6 else digits - 2) : digits]  # noqa: PLR2004  three digits from the township on
    # Prefectures without counties repeat their code at county level (东莞 441900, 中山 442000, 儋州 460400).
    repeats = kind.code == "DISTRICT" and parent_code in (None, code) and code[2:4] != "00"
    if code[digits:].strip("0") or not (own.strip("0") or repeats):
        message = text(
            "{found} is no code of a {kind}: its first {digits} digits name one and the others are 0",
            found=code,
            kind=kind.code,
            digits=digits,
        )
        yield FieldProblem("code", "CODE_LEVEL", message)


def _prefix_problems(kind: OrgKind, code: str, parent_kind: OrgKind, parent_code: str) -> Iterator[FieldProblem]:
    prefix = parent_code[: parent_kind.code_digits]
    if len(prefix) < (kind.code_digits or 0) and not code.startswith(prefix):
        message = text(
            "{found} does not begin with {prefix}, the digits of its parent {parent}",
            found=code,
            prefix=prefix,
            parent=parent_code,
        )
        yield FieldProblem("code", "CODE_PREFIX", message)
