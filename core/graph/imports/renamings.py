"""Which of a file's additions are perhaps organisations that it lacks, under another code and name. 疑似更名。

Between two editions of the divisions 站前街道 became 站前路街道 (domain 3.4). Where the code stayed, the comparison
says so by itself; where it did not, one was added and one is gone, and only names and parents tell that they are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from .places import Place
from .report import Proposal
from .rows import Row

ALIKE = 0.75
"""Least likeness of what names have beside the word for their kind: 站前 and 站前路 have 0.8, 龙山 and 月山 0.5."""
ENDINGS = (
    *("社区居民委员会", "居民委员会", "村民委员会", "社区居委会", "居委会", "村委会", "管理处", "办事处"),
    *("街道", "社区", "镇", "乡", "村"),
)


def renamings(rows: Iterable[Row], places: Sequence[Place]) -> Iterator[Proposal]:
    """For each addition the most alike of what the file lacks of its kind beneath the same parent."""
    found = list(rows)
    kinds, named = {row.kind for row in found}, {row.place for row in found}
    lacking: dict[tuple[str, Place | None], list[Place]] = defaultdict(list)
    for place in places:
        if place.stored and place.code and place.kind in kinds and place not in named:
            lacking[place.kind, place.parent].append(place)
    for row in found:
        if row.place is not None and not row.place.stored:
            old = _most_alike(row.name, lacking[row.kind, row.place.wanted])
            if old is not None and old.code is not None:
                yield Proposal(row.line, row.kind, old.code, old.name, row.code, row.name)


def _most_alike(name: str, places: Sequence[Place]) -> Place | None:
    best = max(places, key=lambda place: likeness(name, place.name), default=None)
    return best if best is not None and likeness(name, best.name) >= ALIKE else None


def likeness(one: str, other: str) -> float:
    """How much two names have in common beside the word for their kind; 1 for the same."""
    return SequenceMatcher(None, _stem(one), _stem(other), autojunk=False).ratio()


def _stem(name: str) -> str:
    ending = next((ending for ending in ENDINGS if name.endswith(ending) and name != ending), "")
    return name.removesuffix(ending)
