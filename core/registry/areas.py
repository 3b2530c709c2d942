"""Areas: written as a decimal number of square metres, kept as whole hundredths. 面积。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import FieldProblem, text

HUNDREDTHS = 100
LARGEST = 1_000_000 * HUNDREDTHS
_WRITTEN = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?", re.ASCII)


def hundredths(written: str) -> int | None:
    """98.5 as 9850; None for what is no decimal number of two places at most."""
    if not _WRITTEN.fullmatch(written):
        return None
    whole, _, places = written.lstrip("-").partition(".")
    area = int(whole) * HUNDREDTHS + int(places.ljust(2, "0") or 0)
    return -area if written.startswith("-") else area


def written(area: int) -> str:
    """9850 as 98.50."""
    return f"{area // HUNDREDTHS}.{area % HUNDREDTHS:02d}"


def area_problems(area: int | None, path: str = "area") -> Iterator[FieldProblem]:
    """Whether an area in hundredths is one that premises can have."""
    if area is not None and area <= 0:
        yield FieldProblem(path, "AREA_NOT_POSITIVE", text("An area is more than zero"))
    elif area is not None and area > LARGEST:
        message = text("An area is {most} square metres at most", most=LARGEST // HUNDREDTHS)
        yield FieldProblem(path, "AREA_TOO_LARGE", message)
