"""Figures that a plugin contributes to what is told of a whole district. 插件统计指标。"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a district: `Figure(name="bookings", value=12, description="Bookings that lie ahead. 待到预约。")`.

    One that counts people says so by `people`: it is withheld where it, or who is left of the district's people, are
    fewer than five. A plugin gives no two such figures that add up to a third.
    """

    name: str
    value: int
    description: str
    people: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"figure {self.name!r}: expected small letters, digits and _, 40 characters at most")
        if self.value < 0:
            raise ValueError(f"figure {self.name!r}: {self.value} is no count")
