"""Which unit of a venue has room: courts, tables, rooms, numbered from 1. 场地占用。"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .kinds import BookingState

OCCUPYING = frozenset({BookingState.CONFIRMED, BookingState.PROVISIONAL, BookingState.IN_USE})
"""The states in which a booking takes room; one that still waits for approval takes none."""


@dataclass(frozen=True)
class Occupation:
    """A booking that takes room in a unit during [start, end): all instants or all local times."""

    unit: int
    start: datetime
    end: datetime
    party_size: int = 1


@dataclass(frozen=True)
class Room:
    """How much fits into a venue. 容量规则。

    Exclusive: one booking per unit at a time. Otherwise the persons present together in a unit are at most
    `capacity`: the peak counts, not the sum over the hours. Buffers lengthen every booking on both sides and count
    as occupied, but buffers may overlap buffers: the limit holds whenever some booking itself runs.
    """

    capacity: int
    exclusive: bool = False
    units: int = 1
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()

    def peak(self, asked: Occupation, existing: Iterable[Occupation]) -> int:
        """The most that the asked booking would ever share its unit with, itself included.

        In persons; in bookings where the venue is exclusive.
        """
        together = [asked, *(one for one in existing if one.unit == asked.unit)]
        begin, stop = self._buffered(asked)
        edges = {edge for one in together for edge in (one.start, one.end, *self._buffered(one))}
        return max(self._load(edge, together) for edge in edges if begin <= edge < stop)

    def fits(self, asked: Occupation, existing: Iterable[Occupation]) -> bool:
        """Whether the asked booking finds room in its unit beside those that are there."""
        return self.peak(asked, existing) <= (1 if self.exclusive else self.capacity)

    def _load(self, moment: datetime, together: Collection[Occupation]) -> int:
        if not any(one.start <= moment < one.end for one in together):
            return 0
        return sum(self._weight(one) for one in together if self._covers(one, moment))

    def _weight(self, one: Occupation) -> int:
        return 1 if self.exclusive else one.party_size

    def _covers(self, one: Occupation, moment: datetime) -> bool:
        begin, stop = self._buffered(one)
        return begin <= moment < stop

    def _buffered(self, one: Occupation) -> tuple[datetime, datetime]:
        return one.start - self.buffer_before, one.end + self.buffer_after


def free_unit(
    room: Room,
    existing: Iterable[Occupation],
    start: datetime,
    end: datetime,
    party_size: int = 1,
    *,
    wanted: int | None = None,
) -> int | None:
    """The lowest unit with room for the booking, or the wanted one if it has; None when it is taken.

    `existing`: the venue's bookings in an OCCUPYING state, at least those that reach into the buffered time.
    """
    there = list(existing)
    candidates = range(1, room.units + 1) if wanted is None else [wanted]
    return next((unit for unit in candidates if room.fits(Occupation(unit, start, end, party_size), there)), None)
