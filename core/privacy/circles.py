"""Circles of a graph: its bridges, which lie on none, and what hangs together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int]
_Near = dict[int, list[tuple[int, int]]]


def components(edges: Sequence[Edge], also: Iterable[int] = ()) -> dict[int, int]:
    """Of each vertex the one that stands for all that hang together with it."""
    near, found = _near(edges), dict[int, int]()
    for start in (*near, *also):
        waiting = [] if start in found else [start]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found[here] = start
                waiting += [there for there, _ in near.get(here, ())]
    return found


def bridges(edges: Sequence[Edge]) -> list[int]:
    """The places in `edges` of those that lie on no circle (Tarjan 1974); two between the same vertices are one."""
    walk = _Walk(_near(edges))
    for start in walk.near:
        if start not in walk.order:
            walk.go(start)
    return walk.found


def _near(edges: Sequence[Edge]) -> _Near:
    near: _Near = defaultdict(list)
    for place, (one, two) in enumerate(edges):
        near[one].append((two, place))
        near[two].append((one, place))
    return dict(near)


@dataclass
class _Walk:
    """Depth first: an edge is a bridge when nothing behind it leads back before it."""

    near: _Near
    order: dict[int, int] = field(default_factory=dict)
    lowest: dict[int, int] = field(default_factory=dict)
    found: list[int] = field(default_factory=list)

    def go(self, start: int) -> None:
        way: list[tuple[int, int, Iterator[tuple[int, int]]]] = [self._enter(start, -1)]
        while way:
            here, came, rest = way[-1]
            ahead = next(((there, edge) for there, edge in rest if self._is_new(here, there, edge != came)), None)
            if ahead is not None:
                way.append(self._enter(*ahead))
                continue
            way.pop()
            if way:
                self._leave(here, came, way[-1][0])

    def _enter(self, vertex: int, came: int) -> tuple[int, int, Iterator[tuple[int, int]]]:
        self.order[vertex] = self.lowest[vertex] = len(self.order)
        return vertex, came, iter(self.near[vertex])

    def _is_new(self, here: int, there: int, onward: bool) -> bool:
        if there in self.order and onward:
            self.lowest[here] = min(self.lowest[here], self.order[there])
        return there not in self.order

    def _leave(self, here: int, came: int, before: int) -> None:
        self.lowest[before] = min(self.lowest[before], self.lowest[here])
        if self.lowest[here] > self.order[before]:
            self.found.append(came)
