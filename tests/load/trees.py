"""Organisation files of any size, shaped like a district: streets, communities, grids, micro-grids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from random import Random

from .deployments import CODE

COMMUNITIES = 25
"""In a street; a street with everything beneath has 2,501 nodes."""

GRIDS = 9
MICRO_GRIDS = 10
"""In a grid; so a community with its grids and micro-grids has 100 nodes."""

SIGNS = "东西南北中长安五里牌学院路洞庭湖岳阳楼金鹗山梅溪康王郭镇站前望家河枫桥"

Row = tuple[str, str, str, str]


def write(file: Path, nodes: int) -> None:
    """Write a file of `nodes` organisations beneath the root, always the same."""
    rows = islice(_streets(Random(nodes)), nodes)
    lines = [",".join(row) for row in (("code", "level", "name", "parent_code"), *rows)]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _streets(names: Random) -> Iterator[Row]:
    for number in count(1):
        code = f"{CODE[:6]}{number:03d}000"
        yield code, "SUBDISTRICT", _name(names, "街道"), CODE
        for place in range(1, COMMUNITIES + 1):
            yield from _community(names, f"{code[:9]}{place:03d}", code)


def _community(names: Random, code: str, street: str) -> Iterator[Row]:
    yield code, "COMMUNITY", _name(names, "社区"), street
    for number in range(1, GRIDS + 1):
        grid = f"{code}-G{number:02d}"
        yield grid, "GRID", _name(names, f"第{number}网格"), code
        for place in range(1, MICRO_GRIDS + 1):
            yield f"{grid}-M{place:02d}", "MICRO_GRID", _name(names, f"{place}号微网格"), grid


def _name(names: Random, ending: str) -> str:
    return "".join(names.choices(SIGNS, k=3)) + ending
