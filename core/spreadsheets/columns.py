"""Which field a heading means, in a sheet of a kind: by its title and by that above it. 列识别。"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from .cells import Cell, squeezed
from .field import SheetKind
from .fields import FIELDS, UNKEPT

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
    if any(one in _UNKEPT for one in above):  # the phone of somebody to be called is nobody's own
        return (*_joined(above, below), *above)
    return _joined(above, below) if _OTHERS.search(above[0]) else (*_joined(above, below), *below)


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """房主信息 above 姓名 as 房主姓名."""
    firsts = dict.fromkeys(one for spelt in above for one in (spelt, _TAIL.sub("", spelt)))
    return tuple(first + second for first in firsts for second in below)


def joins(heading: Heading, kind: SheetKind) -> bool:
    """Whether both levels of a heading name a field together."""
    two = len(heading) > 1 and bool(heading[0]) and bool(heading[-1]) and heading[0] != heading[-1]
    return two and any(one in titles(kind) for one in _joined(_spellings(heading[0]), _spellings(heading[-1])))


_TAIL = re.compile(r"(?:基本)?(?:信息|情况|资料|登记)$")
_OTHERS = re.compile(r"租户|租客|承租|配偶|子女|监护人|联系人|介绍人|担保人")


_GENERAL = re.compile(
    r".*(信息|情况|资料|住址|地址|登记|位置|坐落|明细|数据|要素|项目|人员|居民|房屋|基本|单位|业主|产权人)"
)


def _sure(heading: Heading, index: int) -> bool:
    if len(heading) == 1 or not heading[0] or heading[0] == heading[-1]:
        return True
    joined = index < len(_joined(_spellings(heading[0]), _spellings(heading[-1])))
    return joined or _GENERAL.fullmatch(normal(heading[0])) is not None


def _guessed(heading: Heading, known: Mapping[str, str]) -> Meaning:
    written = _spellings(heading[-1] or heading[0])[-1]
    near = get_close_matches(written, known, 1, _NEAR) if len(written) > 1 else []
    return Meaning(guess=known[near[0]] if near else None)
