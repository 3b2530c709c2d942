"""What a field of a sheet is: its headings, and how its cells are read. 表格字段。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .cells import Cell, Reading


class SheetKind(StrEnum):
    """What a row of a sheet is above all. 表格类型。"""

    PEOPLE = "PEOPLE"  # 人员
    PREMISES = "PREMISES"  # 房屋
    UNITS = "UNITS"  # 单位
    POSTS = "POSTS"  # 任职


@dataclass(frozen=True, slots=True)
class SheetField:
    """A field: its heading in Chinese and English, other headings that communities write, and how a cell is read.

    `read` raises UnreadError for what is no such value. `personal` values are masked in previews. `required` are the
    kinds of sheets that cannot do without. `kept` is False for what is known and not imported. `hint` is for templates.
    """

    key: str
    title: str
    title_en: str
    titles: tuple[str, ...]
    read: Callable[[Cell, Reading], Any]
    kinds: frozenset[SheetKind]
    required: frozenset[SheetKind] = frozenset()
    personal: bool = False
    kept: bool = True
    hint: str = ""
    choices: tuple[str, ...] = ()


P, H, U, T = SheetKind.PEOPLE, SheetKind.PREMISES, SheetKind.UNITS, SheetKind.POSTS


def of(  # noqa: PLR0917  a table reads better in columns
    key: str,
    title: str,
    title_en: str,
    titles: str,
    read: Callable[[Cell, Reading], Any],
    kinds: tuple[SheetKind, ...],
    required: tuple[SheetKind, ...] = (),
    **more: Any,
) -> SheetField:
    """A field by what stands in the columns of a table of them."""
    return SheetField(key, title, title_en, tuple(titles.split()), read, frozenset(kinds), frozenset(required), **more)
