"""Events in the wrong place: told from changed ones by looking where their chain would be right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import digest

MOST_COMPARED = 32


@dataclass(frozen=True, eq=False)
class Link:
    """An event as a link of the chain."""

    row: Mapping[str, Any]

    def after(self, previous: Collection[str], *, place: int | None = None) -> frozenset[str]:
        """The chains that it would have at `place`, its own when not given, behind each of `previous`."""
        row = self.row if place is None else {**self.row, "sequence": place}
        try:
            return frozenset(digest.link(chain, row) for chain in previous)
        except digest.UnknownSuiteError:
            return frozenset()


@dataclass(frozen=True, eq=False)
class Suspect:
    """A link that does not follow what stands before it; `previous` are the chains that could be meant by that."""

    link: Link
    previous: frozenset[str]

    @property
    def sequence(self) -> int:
        found: int = self.link.row["sequence"]
        return found

    @property
    def chain(self) -> str:
        return str(self.link.row["chain"])


def misplaced(suspects: Sequence[Suspect]) -> Iterator[tuple[Suspect, int | None]]:
    """Each suspect with the place at which it was sealed: its own for one that only stands behind a misplaced event.

    None when it fits nowhere: then it was changed. With more than MOST_COMPARED suspects nothing is compared, since
    the work grows with their third power.
    """
    compared = suspects if len(suspects) <= MOST_COMPARED else ()
    chains = frozenset(suspect.chain for suspect in compared)
    for suspect in suspects:
        yield suspect, _place(suspect, compared, chains)


def _place(suspect: Suspect, compared: Sequence[Suspect], chains: frozenset[str]) -> int | None:
    if compared and suspect.chain in suspect.link.after(chains):
        return suspect.sequence
    for other in compared:
        if other is not suspect and _fits(suspect, other, chains):
            return other.sequence
    return None


def _fits(suspect: Suspect, other: Suspect, chains: frozenset[str]) -> bool:
    """Whether the suspect, at the other's place, has the chain that came with it or the one that stayed there."""
    there = suspect.link.after(other.previous | chains, place=other.sequence)
    return not there.isdisjoint({suspect.chain, other.chain})
