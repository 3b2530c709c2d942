"""Who succeeded whom: pure rules over the relations SUCCEEDED_BY that are valid at an instant. 沿革关系。

Rows stay where they were recorded (domain 0.3, R8), so that whoever reads a successor reads its predecessors too. Two
questions differ: who may see what an organisation left (all that succeeded it), and where it is counted (once).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from .paths import SEGMENT, segment


@dataclass(frozen=True, slots=True)
class Step:
    """An organisation that has ended, and one that succeeded it; `heir` takes what names no part."""

    old: UUID
    old_path: str
    new: UUID
    new_path: str
    heir: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """The rows at a path and beneath it without those in `but`; for counts they stand at `shown`."""

    path: str
    but: tuple[str, ...]
    shown: str


class Successions:
    """The successions that count at an instant; they lead in no circle."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._after: dict[UUID, list[Step]] = defaultdict(list)
        self._paths: dict[UUID, str] = {}
        for step in steps:
            self._after[step.old].append(step)
            self._paths[step.old], self._paths[step.new] = step.old_path, step.new_path

    def __bool__(self) -> bool:
        return bool(self._after)

    def successors(self, id_: UUID) -> frozenset[UUID]:
        """Who stands in an organisation's place at last: itself where nobody succeeded it."""
        steps = self._after.get(id_)
        return frozenset().union(*(self.successors(step.new) for step in steps)) if steps else frozenset({id_})

    def heir(self, id_: UUID) -> UUID | None:
        """Who takes what names no part of an organisation: itself, its one successor, or the one said to be the heir.

        None where several succeeded it and none of them is the heir.
        """
        steps = self._after.get(id_)
        if not steps:
            return id_
        chosen = steps if len(steps) == 1 else [step for step in steps if step.heir]
        return self.heir(chosen[0].new) if len(chosen) == 1 else None

    def inherited(self, id_: UUID) -> frozenset[UUID]:
        """The ended organisations whose heir this is."""
        return frozenset(old for old in self._after if self.heir(old) == id_)

    def counted_at(self, id_: UUID) -> str:
        """The path at which the rows of an organisation count: the heir's, else that above all its successors."""
        heir = self.heir(id_)
        paths = [self._paths[heir]] if heir is not None else [self._paths[one] for one in self.successors(id_)]
        return _common(paths)

    def origins(self) -> Mapping[UUID, frozenset[UUID]]:
        """Whom each successor succeeded, right before it."""
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for steps in self._after.values():
            for step in steps:
                found[step.new].add(step.old)
        return {new: frozenset(old) for new, old in found.items()}

    def counted(
        self,
        found: Collection[UUID],
        ended: Mapping[UUID, UUID | None],
        begun: Mapping[UUID, UUID | None],
        origins: Mapping[UUID, frozenset[UUID]],
    ) -> set[UUID]:
        """The organisations of which the rows count at those `found`, as it was at the instant of these successions.

        They themselves; what had `ended` by then and was succeeded there, or stood there last; what has `begun` since
        out of them (`origins` are today's), or stands there now. Both are given with what they stand under.
        """
        reached = set(found)
        open_ = (ended.keys() | begun.keys()) - reached
        while more := {
            id_
            for id_ in open_
            if (self._goes_to(id_, ended[id_], reached) if id_ in ended else _came_from(id_, begun, origins, reached))
        }:
            reached |= more
            open_ -= more
        return reached

    def _goes_to(self, id_: UUID, parent_id: UUID | None, reached: Collection[UUID]) -> bool:
        if id_ not in self._after:
            return parent_id in reached
        heir = self.heir(id_)
        return heir in reached if heir is not None else all(one in reached for one in self.successors(id_))

    def zones(self, path: str) -> list[Zone]:
        """Which rows count at the node with this path and beneath it.

        Those beneath the path, but for what was succeeded from elsewhere, and those of the organisations that the node
        or one beneath it succeeded. Every row is in one place: the zones of nodes side by side share none.
        """
        taken = [(self._paths[id_], id_, at) for id_ in self._after if (at := self.counted_at(id_)).startswith(path)]
        own = Zone(path, self._inside(path), path)
        return [own, *(Zone(it, self._inside(it), at + segment(id_)) for it, id_, at in sorted(taken) if it != path)]

    def _inside(self, path: str) -> tuple[str, ...]:
        """The paths of succeeded organisations within, the highest ones."""
        found: list[str] = []
        for one in sorted(self._paths[id_] for id_ in self._after):
            if one != path and one.startswith(path) and not (found and one.startswith(found[-1])):
                found.append(one)
        return tuple(found)


def _came_from(
    id_: UUID,
    begun: Mapping[UUID, UUID | None],
    origins: Mapping[UUID, frozenset[UUID]],
    reached: Collection[UUID],
) -> bool:
    """Whether an organisation that began later came out of these alone, or stands beneath them where it is new."""
    old = origins.get(id_)
    return begun[id_] in reached if old is None else all(one in reached for one in old)


def _common(paths: list[str]) -> str:
    """The longest path that all of these begin with, in whole segments."""
    low, high = min(paths), max(paths)
    end = 0
    while end < len(low) and low[end : end + SEGMENT] == high[end : end + SEGMENT]:
        end += SEGMENT
    return low[:end]
