"""Lines of a sheet that are no data: totals, notes, headers that every page repeats, a second table. 非数据行。"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import Text, text
from .cells import Cell, squeezed
from .columns import every_title, is_title, normal

_TOTAL = re.compile(r"(?:本页|本村|本社区|全村|全社区)?(?:合计|总计|小计|共计|累计)[:：(（]?.{0,12}")
_NOTE = re.compile(
    r"(?:注|备注|说明|填表说明|填写说明)[:：0-9一1.]|(?:填表|填报|制表|审核|登记|统计|经办|报送|负责|单位负责)"
    r"(?:人|单位|日期|时间|部门|人签字|\(签字\)|\(签名\)|\(盖章\))?[:：(]|第[0-9一二三四五六七八九十]+页|共[0-9]+页|\(?盖章|-+第"
)
_SECTION = re.compile(
    r"[一二三四五六七八九十]+[、.]|\([一二三四五六七八九十0-9]+\)|.{2,}(?:表|册|名单|台账|情况|单位|网格|小区|社区)$"
)
_MARKED = re.compile(r"[:：注说备填制审登统经报负单第共盖]")
_LOOKED_AT, _MOST, _FEWEST = 5, 0.6, 3
_WIDE = 3

SKIPPED: dict[str, Text] = {
    "TOTAL_LINE": text("A line of totals is left out"),
    "NOTE_LINE": text("A line of notes is left out"),
    "REPEATED_HEADER": text("A repeated header is left out"),
    "EMPTY_LINE": text("A line without values is left out"),
    "SECOND_TABLE": text("Another table begins here: it and what follows are not read; give it a sheet of its own"),
}


@dataclass(frozen=True, slots=True)
class Lines:
    """What is needed to tell data from what is none: the normal headings, titles above them, columns, wide merges."""

    headings: frozenset[str]
    above: frozenset[str]
    columns: frozenset[int]
    wide: frozenset[int]

    def code(self, number: int, cells: Sequence[Cell], before: int) -> str | None:
        """Why a line is no data, a key of SKIPPED; None for data. `before` is the last line with anything."""
        filled = [
            one for one in enumerate(cells) if one[1] != "" and not (isinstance(one[1], str) and one[1].isspace())
        ]
        if self.columns.isdisjoint([index for index, _ in filled]):
            return self._without_columns(filled)
        words = [cell for _, cell in filled[:_LOOKED_AT] if isinstance(cell, str)]
        if not words:
            return None
        if self._hits(words):
            found = self._header(filled)
            if found is not None:
                return found
        return self._words(number, filled, words, apart=number > before + 1)

    def _without_columns(self, filled: Sequence[tuple[int, Cell]]) -> str:
        words = [squeezed(cell) for _, cell in filled if isinstance(cell, str)]
        if any(_TOTAL.fullmatch(word) for word in words):
            return "TOTAL_LINE"
        return "NOTE_LINE" if words else "EMPTY_LINE"

    def _hits(self, words: Sequence[str]) -> bool:
        known = every_title()
        return any("".join(word.split()).upper() in known for word in words)

    def _header(self, filled: Sequence[tuple[int, Cell]]) -> str | None:
        same = sum(isinstance(cell, str) and normal(cell) in self.headings for _, cell in filled)
        if same >= _MOST * len(filled):
            return "REPEATED_HEADER"
        known = sum(is_title(cell) for _, cell in filled)
        return "SECOND_TABLE" if known >= max(_FEWEST, _MOST * len(filled)) else None

    def _words(
        self, number: int, filled: Sequence[tuple[int, Cell]], words: Sequence[str], *, apart: bool
    ) -> str | None:
        if len(filled) >= _WIDE and not any("计" in word or _MARKED.search(word) for word in words):
            return None
        first = squeezed(words[0])
        if any("计" in word and _TOTAL.fullmatch(squeezed(word)) for word in words[:3]):
            return "TOTAL_LINE"
        if _NOTE.match(first):
            return "NOTE_LINE"
        if len(filled) > 1:
            return None
        alone = apart or number in self.wide or first in self.above or _SECTION.match(first) is not None
        return "NOTE_LINE" if alone and len(self.columns) >= _WIDE else None
