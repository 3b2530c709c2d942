"""Small cells: which counts of a table are withheld, so that none of them tells about single people. 小样本抑制。

A table counts the people of a place by a few values, its columns; the tables of the places beneath it add up to it.
Whoever asks knows every total, every count that is shown, and may ask at every place. So a count below 5 is withheld,
zero too (that nobody is left tells as much as that one is), and with it as many others as it takes that no withheld
count follows from the rest by adding and subtracting, neither within a table nor across the places of the tree. A
place without anybody withholds nothing: there is nobody of whom it could tell.

This is cell suppression as official statistics know it (Hundepool et al., Statistical Disclosure Control, ch. 4). The
withheld counts are the edges of a graph: one of a place that has none beneath it joins the place with its column one
level up, all others join a column with the same one a level up. One of them follows from what is known exactly if it
lies on no circle (Gusfield 1988).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .circles import Edge, bridges, components

SMALLEST = 5
"""From how many on a count is shown."""

OUTSIDE = -1
"""The vertex to which the withheld columns of a place lead while nothing above it is known."""


@dataclass(frozen=True)
class Withheld:
    """What a place does not show, and what of the graph beneath it still needs a circle from above.

    `ends` are the withheld columns, each with the vertex where it leaves the place; `edges` are bridges between them.
    """

    ends: Mapping[int, int] = field(default_factory=dict)
    edges: Sequence[Edge] = ()


@dataclass(frozen=True)
class Place:
    """The table of a place: its counts, those of the places beneath it, and of the people right there.

    An `open` one is shown in full to this viewer, with all beneath it.
    """

    own: tuple[int, ...]
    parts: tuple[Place, ...] = ()
    open: bool = False

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many people by column, those of the parts included."""
        return tuple(map(sum, zip(self.own, *(part.counts for part in self.parts), strict=True)))

    @cached_property
    def withheld(self) -> Withheld:
        """What is not shown of this table."""
        if self._known or not any(self.counts):
            return Withheld()
        if not self.parts:
            return Withheld(dict.fromkeys(_of_one_table(self.counts), 0))
        beneath = (*self.parts, Place(self.own)) if any(self.own) else self.parts
        return _Family(self.counts, beneath).settled()

    @cached_property
    def _known(self) -> bool:
        """Whether nothing is to be kept here: who sees every part in full can add them up."""
        beneath = [part for part in self.parts if any(part.counts)]
        return self.open or (bool(beneath) and not any(self.own) and all(part._known for part in beneath))

    @property
    def shown(self) -> tuple[int | None, ...]:
        """The counts, None for those that are withheld."""
        return tuple(None if column in self.withheld.ends else count for column, count in enumerate(self.counts))


def _of_one_table(counts: Sequence[int]) -> frozenset[int]:
    small = [column for column, count in enumerate(counts) if count < SMALLEST]
    return _enough(small, range(len(counts)), counts) if small else frozenset()


def _enough(withheld: Iterable[int], others: Iterable[int], counts: Sequence[int]) -> frozenset[int]:
    """These columns and the smallest others: two at least, and together not a small count themselves."""
    found = set(withheld)
    for column in sorted(set(others) - found, key=lambda one: (counts[one], one)):
        if len(found) > 1 and sum(counts[one] for one in found) >= SMALLEST:
            break
        found.add(column)
    return frozenset(found)


class _Family:
    """A place and its parts, of which it is settled already what they withhold.

    What the place withholds grows until every edge lies on a circle. It never depends on what lies above or beside,
    so that the same question has the same answer, and only rows beneath the place are read for it.
    """

    def __init__(self, counts: Sequence[int], parts: Sequence[Place]) -> None:
        self._counts = counts
        self._hidden = {column for column, count in enumerate(counts) if count < SMALLEST}
        self._held = defaultdict[int, list[int]](list)
        self._edges = list[Edge]()
        free = len(counts)  # the vertices before are the columns of the place
        for part in parts:
            withheld = part.withheld
            self._edges += [(one + free, two + free) for one, two in withheld.edges]
            self._edges += [(end + free, column) for column, end in withheld.ends.items()]
            free += 1 + max((*withheld.ends.values(), *(end for edge in withheld.edges for end in edge)), default=0)
            for column in withheld.ends:
                self._held[column].append(part.counts[column])

    def settled(self) -> Withheld:
        """What the place withholds."""
        self._groups = self._columns_by(components(self._edges, range(len(self._counts))))
        while more := {*self._beside_few(), *self._of_groups(), *self._beside_bridges()} - self._hidden:
            self._hidden |= more
        return self._without_circles()

    def _columns_by(self, standing: Mapping[int, int]) -> list[set[int]]:
        found = defaultdict[int, set[int]](set)
        for column in range(len(self._counts)):
            found[standing[column]].add(column)
        return list(found.values())

    def _beside_few(self) -> Iterator[int]:
        """A count that is shown tells what its parts withhold together: that must be no small count."""
        return (column for column, counts in self._held.items() if sum(counts) < SMALLEST)

    def _of_groups(self) -> Iterator[int]:
        """What columns that hang together withhold in sum follows from the rest, of one alone its count."""
        for group in self._groups:
            if self._hidden & group:
                yield from _enough(self._hidden & group, group, self._counts)

    def _beside_bridges(self) -> Iterator[int]:
        """A bridge parts the columns: one on either side, withheld too, makes a circle of it."""
        edges = [*self._edges, *((column, OUTSIDE) for column in self._hidden)]
        for place in bridges(edges):
            standing = components([*edges[:place], *edges[place + 1 :]], edges[place])
            for end in edges[place]:
                side = {one for one in range(len(self._counts)) if standing.get(one) == standing[end]}
                if side and not side & self._hidden:
                    yield min(side, key=lambda one: (self._counts[one], one))

    def _without_circles(self) -> Withheld:
        """Circles stay, so that what lies on one counts as one vertex: only bridges are handed on."""
        open_still = set(bridges(self._edges))
        circles = [edge for place, edge in enumerate(self._edges) if place not in open_still]
        left = [self._edges[place] for place in open_still]
        standing = components(circles, (*self._hidden, *(end for edge in left for end in edge)))
        number = {vertex: place for place, vertex in enumerate(sorted(set(standing.values())))}
        ends = {column: number[standing[column]] for column in self._hidden}
        return Withheld(ends, [(number[standing[one]], number[standing[two]]) for one, two in left])
