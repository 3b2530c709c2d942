"""Payloads that are gone: told from destroyed ones by the event that an erasure leaves. 删除与破坏之别。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import text
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

    def take(self, row: Row) -> None:
        """The next event of the chain."""
        if row["type"] == TOLD_BY:
            self._told.add(str(row["subject_id"]))

    def claim(self, row: Row) -> None:
        """An event whose payload is gone, as if its person were erased."""
        person = str(row["person_id"] or row["subject_id"])
        first, count = self._claimed.get(person, ({"sequence": row["sequence"], "id": row["id"]}, 0))
        self._claimed[person] = first, count + 1

    @property
    def told(self) -> int:
        """How many are gone since their person was erased."""
        return sum(count for person, (_, count) in self._claimed.items() if person in self._told)

    def untold(self) -> Iterator[Finding]:
        """For each person the first of the others."""
        for person, (first, count) in self._claimed.items():
            if person not in self._told:
                message = text(
                    "{count} payloads about one person are gone, and no event tells of an erasure", count=count
                )
                sequence = first["sequence"] if type(first["sequence"]) is int else None
                yield Finding(FindingKind.ERASURE_UNTOLD, sequence, str(first["id"]), message)
