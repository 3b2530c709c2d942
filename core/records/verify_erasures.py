"""Payloads that are gone: told from destroyed ones by the event that an erasure leaves. 删除与破坏之别。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Text, text
from .person_keys import TOLD_BY
from .verify_findings import Finding, FindingKind

Row = Mapping[str, Any]


class Erasures:
    """What is gone, by the person whom it told of, and whose erasure the chain tells.

    Whoever may write to the database can empty a row and a key, and mark them as erased; only an erasure adds an event.
    """

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._claimed: dict[str, tuple[Row, int]] = {}
        self._readable: dict[str, tuple[Row, int]] = {}
        self._marked: dict[str, tuple[Row, int]] = {}

    def take(self, row: Row) -> None:
        """The next event of the chain."""
        if row["type"] == TOLD_BY:
            self._told.add(str(row["subject_id"]))

    def claim(self, row: Row) -> None:
        """An event whose person's key is gone, as if the person were erased."""
        _count(self._claimed, row)

    def readable(self, row: Row) -> None:
        """An event whose person's key opens it: of nobody who was erased, nor whose key is marked as destroyed."""
        _count(self._readable, row)
        if row["destroyed_at"] is not None:
            _count(self._marked, row)

    @property
    def told(self) -> int:
        """How many are gone since their person was erased."""
        return sum(count for person, (_, count) in self._claimed.items() if person in self._told)

    def findings(self) -> Iterator[Finding]:
        """For each person the first of those that are gone and should not be, or are there and should be gone."""
        for person, (first, count) in self._claimed.items():
            if person not in self._told:
                message = text(
                    "{count} payloads about one person are gone, and no event tells of an erasure", count=count
                )
                yield _finding(FindingKind.ERASURE_UNTOLD, first, message)
        for person, (first, _) in self._marked.items():
            if person not in self._told:
                message = text("The key of a person is marked as destroyed and is still there")
                yield _finding(FindingKind.ERASURE_UNTOLD, first, message)
        for person, (first, count) in self._readable.items():
            if person in self._told:
                message = text("{count} payloads about a person who was erased can be read again", count=count)
                yield _finding(FindingKind.ERASURE_UNDONE, first, message)


def _count(counted: dict[str, tuple[Row, int]], row: Row) -> None:
    person = str(row["person_id"])
    first, count = counted.get(person, ({"sequence": row["sequence"], "id": row["id"]}, 0))
    counted[person] = first, count + 1


def _finding(kind: FindingKind, first: Row, message: Text) -> Finding:
    return Finding(kind, first["sequence"] if type(first["sequence"]) is int else None, str(first["id"]), message)
