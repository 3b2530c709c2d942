"""Lines between two positions: how two of them meet, exactly, and which of many come near each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .shapes import Box, Position, Ring

MOST_STEPS = 600_000
"""How long is looked for pairs, some two seconds: a coast of 10,000 positions takes a sixth of that."""


class TooIntricateError(Exception):
    """There are too many lines near each other."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A line from one corner of a ring to the next; `number` counts those of the ring, of which there are `count`."""

    start: Position
    end: Position
    ring: int
    number: int
    count: int

    def follows(self, other: Segment) -> bool:
        """Whether it begins where the other ends, in the same ring."""
        return self.ring == other.ring and (other.number + 1) % self.count == self.number


def segments_of(ring: Ring, place: int) -> list[Segment]:
    """The lines of a ring, which is known by a number."""
    ends = [*ring[1:], ring[0]]
    return [Segment(a, b, place, number, len(ring)) for number, (a, b) in enumerate(zip(ring, ends, strict=True))]


def turn(a: Position, b: Position, c: Position) -> int:
    """Positive where c lies to the left of the way from a to b, 0 on the line; twice the triangle's area."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def crosses(one: Segment, other: Segment) -> bool:
    """Whether each passes through the inside of the other."""
    a, b, c, d = one.start, one.end, other.start, other.end
    return _opposite(turn(c, d, a), turn(c, d, b)) and _opposite(turn(a, b, c), turn(a, b, d))


def _opposite(one: int, other: int) -> bool:
    return (one > 0 and other < 0) or (one < 0 and other > 0)


def touching(one: Segment, other: Segment) -> set[Position]:
    """The ends of either that lie on the other."""
    return {p for p in (one.start, one.end) if _on(p, other)} | {p for p in (other.start, other.end) if _on(p, one)}


def _on(p: Position, line: Segment) -> bool:
    (x1, y1), (x2, y2) = line.start, line.end
    return (
        min(x1, x2) <= p[0] <= max(x1, x2) and min(y1, y2) <= p[1] <= max(y1, y2) and turn(line.start, line.end, p) == 0
    )


def near(segments: list[Segment], most: int = MOST_STEPS) -> Iterator[tuple[Segment, Segment]]:
    """Each pair whose boxes meet, once. Raises TooIntricateError after so many steps.

    The boxes of neighbours are joined two by two, up to one for all; what lies in boxes that do not meet is not looked
    at. Lines that follow each other lie near each other, so that this is a good tree as it is.
    """
    levels = [[_box(one) for one in segments]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([_joined(below[n : n + 2]) for n in range(0, len(below), 2)])
    waiting, steps = [(len(levels) - 1, 0, 0)] if segments else [], 0
    while waiting:
        level, i, j = waiting.pop()
        steps += 1
        if steps > most:
            raise TooIntricateError
        boxes = levels[level]
        if i != j and not boxes[i].meets(boxes[j]):
            continue
        if level == 0:
            if i != j:
                yield segments[i], segments[j]
            continue
        beneath = len(levels[level - 1])
        first = [n for n in (2 * i, 2 * i + 1) if n < beneath]
        second = [n for n in (2 * j, 2 * j + 1) if n < beneath]
        waiting.extend((level - 1, m, n) for m in first for n in second if m <= n)


def _box(one: Segment) -> Box:
    (x1, y1), (x2, y2) = one.start, one.end
    return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _joined(boxes: list[Box]) -> Box:
    if len(boxes) == 1:
        return boxes[0]
    a, b = boxes
    return Box(min(a.west, b.west), min(a.south, b.south), max(a.east, b.east), max(a.north, b.north))
