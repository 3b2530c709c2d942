"""Which field a heading means, in a sheet of a kind: by its title and by that above it. 列识别。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from .cells import Cell, squeezed
from .fields import FIELDS, UNKEPT, SheetKind

_MARKS = re.compile(r"[*:;,、。☆★※\"“”]|必填|选填")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|<[^<>]*>")
_NEAR = 0.74
LONGEST_HEADING = 40

Heading = tuple[str, ...]
"""The titles above a column from top to bottom, as they are written: one, or two where headers have two levels."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means: a field, whether that is sure, or known and not kept, or near to a field."""

    field: str | None = None
    sure: bool = False
    unkept: bool = False
    guess: str | None = None
    canonical: bool = False


def normal(title: Cell) -> str:
    """A heading for comparison: half-width, without spaces, marks and line breaks."""
    return _MARKS.sub("", squeezed(title)).upper()


@cache
def titles(kind: SheetKind) -> Mapping[str, str]:
    """The field of every heading that a kind of sheets knows; a field's own title goes before another's synonym."""
    offered = [one for one in FIELDS.values() if kind in one.kinds]
    known: dict[str, str] = {}
    for one in offered:
        for title in (one.title, one.title_en, one.key):
            known.setdefault(normal(title), one.key)
    for one in offered:
        for title in (*one.titles, *_more(one.key, kind)):
            known.setdefault(normal(title), one.key)
    return known


_OWNERS = {
    "owner.name": ("姓名", "户主姓名", "户主", "住户姓名"),
    "owner.idNumber": ("身份证号", "身份证号码", "身份证", "证件号码", "公民身份号码"),
    "owner.phone": ("联系电话", "电话", "手机号", "手机号码", "手机", "联系方式"),
}


def _more(key: str, kind: SheetKind) -> Iterable[str]:
    """In sheets of premises whoever is named without more is the owner."""
    return _OWNERS.get(key, ()) if kind is SheetKind.PREMISES else ()


@cache
def every_title() -> frozenset[str]:
    """Every heading of any kind, those too of which nothing is kept."""
    return frozenset(title for kind in SheetKind for title in titles(kind)) | _UNKEPT


_UNKEPT = frozenset(normal(title) for title in UNKEPT)


def is_title(cell: Cell) -> bool:
    """Whether a cell reads like a heading that is known."""
    if not isinstance(cell, str) or not cell or len(cell) > LONGEST_HEADING:
        return False
    return any(one in every_title() for one in _spellings(cell))


def _spellings(title: Cell) -> tuple[str, ...]:
    whole = normal(title)
    bare = normal(_BRACKETS.sub("", squeezed(title)))
    return (whole, bare) if bare and bare != whole else (whole,)


def meaning(heading: Heading, kind: SheetKind) -> Meaning:
    """What a heading means in a sheet of this kind."""
    known = titles(kind)
    for index, spelt in enumerate(_candidates(heading)):
        if spelt in known:
            key = known[spelt]
            return Meaning(key, sure=_sure(heading, index), canonical=spelt == normal(FIELDS[key].title))
        if spelt in _UNKEPT:
            return Meaning(unkept=True)
    return _guessed(heading, known)


def _candidates(heading: Heading) -> Sequence[str]:
    """Spellings of a heading, the more telling first: both levels, the lower one, the upper one."""
    if len(heading) == 1 or not heading[0] or heading[0] == heading[-1]:
        return _spellings(heading[-1])
    above, below = _spellings(heading[0]), _spellings(heading[-1])
    if not heading[-1]:
        return above
    joined = tuple(first + second for first in above for second in below)
    if any(one in _UNKEPT for one in above):  # the phone of somebody to be called is nobody's own
        return (*joined, *above)
    return (*joined, *below)


_GENERAL = re.compile(
    r".*(信息|情况|资料|住址|地址|登记|位置|坐落|明细|数据|要素|项目|人员|居民|房屋|基本|单位|业主|产权人)"
)


def _sure(heading: Heading, index: int) -> bool:
    if len(heading) == 1 or not heading[0] or heading[0] == heading[-1]:
        return True
    joined = index < len(_spellings(heading[0])) * len(_spellings(heading[-1]))
    return joined or _GENERAL.fullmatch(normal(heading[0])) is not None


def _guessed(heading: Heading, known: Mapping[str, str]) -> Meaning:
    written = _spellings(heading[-1] or heading[0])[-1]
    near = get_close_matches(written, known, 1, _NEAR) if len(written) > 1 else []
    return Meaning(guess=known[near[0]] if near else None)
