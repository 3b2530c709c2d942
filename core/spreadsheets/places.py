"""Cells that say where a home is: building, entrance, floor, room; and addresses that hold them all. 房屋位置。"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from ..registry.models import PLACE_LENGTH
from ..registry.premises import HIGHEST, LOWEST
from .cells import Cell, Reading, squeezed
from .chinese_numbers import chinese_number
from .findings import UnreadError

_NUMBER = r"[A-Za-z]?[0-9]{1,4}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十]{1,3}"
_BUILDING = re.compile(rf"第?({_NUMBER})(?:号楼|栋楼|栋|幢|座|号|楼|#楼|#)?")
_ENTRANCE = re.compile(r"第?([A-Za-z0-9]{1,4}|[一二三四五六七八九十]{1,3}|[甲乙丙丁东西南北中])(?:单元|门栋|门)?")
_ROOM = re.compile(r"(.+?)(?:室|号房|号|房|户)?")
_FLOOR = re.compile(
    r"第?(?:(地下|负|-|B)?([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:层|楼|F)?)(?:[/,共].*)?", re.IGNORECASE
)
_WHOLE = re.compile(
    rf"(?P<before>.*?)第?(?P<building>{_NUMBER})(?:号楼|栋楼|栋|幢|座|#楼|#|楼)"
    r"(?:第?(?P<unit>[A-Za-z0-9]{1,3}|[一二三四五六七八九十]{1,3}|[甲乙丙丁])(?:单元|门栋|门))?"
    r"(?:第?(?P<floor>[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:层|楼))?"
    r"-?(?P<number>[A-Za-z]?[0-9]{1,5}[A-Za-z]?)(?:室|号|房|户)?"
)
_DASHES = re.compile(
    r"(?P<before>|.*[^0-9A-Za-z-])(?P<building>[A-Za-z]?[0-9]{1,3}[A-Za-z]?)(?:#|栋|幢|-)-?"
    r"(?P<unit>[0-9]{1,2})-(?P<number>[A-Za-z]?[0-9]{1,5}[A-Za-z]?)(?:室|号)?"
)
_DIVISION = re.compile(r".*(?:省|市|(?<!小)(?<!院)区|县|街道|镇|乡|大道|路|街|巷|[0-9]号|居委会|村)")
_COMPOUND = re.compile(r"[^0-9\W]{2,20}(?:[A-Z]区|[一二三四五六]期)?")


def read_building(cell: Cell, reading: Reading) -> str:
    """A building, bare: 3 for 3栋, 三号楼 and 3#; a name stays a name. UnreadError PLACE_IS_DATE, PLACE_LENGTH."""
    return bare_building(_place(cell))


@lru_cache(maxsize=4096)
def bare_building(name: str) -> str:
    """3 for 3栋, 三号楼, 3#; what is no numbered building as it is. For comparing names with what sheets say."""
    found = _BUILDING.fullmatch(name)
    return _digits(found[1]) if found else name


def read_unit(cell: Cell, reading: Reading) -> str:
    """An entrance, bare: 2 for 2单元 and 二单元."""
    written = _place(cell)
    found = _ENTRANCE.fullmatch(written)
    return _digits(found[1]) if found else written


def read_number(cell: Cell, reading: Reading) -> str:
    """A room, bare: 501 for 501室."""
    written = _place(cell)
    found = _ROOM.fullmatch(written)
    return (found[1] if found else written).upper()


def _place(cell: Cell) -> str:
    if isinstance(cell, date):
        raise UnreadError("PLACE_IS_DATE", "The program made a date of this: enter it anew, as text")
    written = squeezed(cell)
    if len(written) > PLACE_LENGTH:
        raise UnreadError("PLACE_LENGTH", "At most {most} characters", most=PLACE_LENGTH)
    return written


def read_floor(cell: Cell, reading: Reading) -> int:
    """A floor: 5 for 5层 and 5/18, -1 for 负一层, 地下1层 and B1. UnreadError FLOOR."""
    found = None if isinstance(cell, date) else _FLOOR.fullmatch(squeezed(cell))
    number = chinese_number(found[2]) if found else None
    if found is None or number is None:
        raise UnreadError("FLOOR", "This is no floor: write a number, below ground with a minus")
    floor = -number if found[1] else number
    if not LOWEST <= floor <= HIGHEST:
        raise UnreadError("FLOOR", "This is no floor: write a number, below ground with a minus")
    return floor


@lru_cache(maxsize=4096)
def parts(address: str) -> dict[str, str | int]:
    """The parts of an address where they are plain: compound, building, unit, floor, number; empty where they are not.

    幸福小区3栋2单元501, 幸福小区3-2-501, 3号楼501室. A compound is told where nothing but a division stands before it.
    """
    found = _WHOLE.fullmatch(address) or _DASHES.fullmatch(address)
    if found is None:
        return {}
    named = {name: value for name, value in found.groupdict().items() if value}
    before = named.pop("before", "")
    known: dict[str, str | int] = {name: _digits(value) for name, value in named.items() if name != "floor"}
    if "floor" in named:
        known["floor"] = chinese_number(named["floor"]) or 0
    known["number"] = str(known["number"]).upper()
    compound = _DIVISION.sub("", before, count=1)
    return known | ({"compound": compound} if _COMPOUND.fullmatch(compound) else {})


def _digits(written: str) -> str:
    number = chinese_number(written)
    return written.upper() if number is None or written.isascii() else str(number)
