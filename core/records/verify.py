"""Verification: whether the events of a district are those that were sealed. 审计链校验。

What a chain can tell: that an event was changed, removed, put in another place, or belongs to another district; and
by the digest that its payload was changed. Of a payload whose person was erased the plain values and the person are
still judged, and only what the key closed counts as erased (`commitments`; of events of version 1 nothing is judged
any more); that it is gone although no event tells of an erasure is a finding. What it cannot: that the newest events
were cut off together with their payloads, or all events since some point written anew. For these give an `Anchor`
noted down elsewhere earlier.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .. import clock
from ..errors import Text, text
from . import digest
from .store import current_store
from .unit_of_work import current_client
from .verify_findings import Anchor, Finding, FindingKind
from .verify_order import Link, Suspect, misplaced
from .verify_payloads import Payloads

BATCH = 1000
MOST_FINDINGS = 1000
UNSEALED_LIMIT = timedelta(minutes=1)

SEALED = (
    f"SELECT {', '.join(f'e.{name}' for name in (*digest.ENVELOPE, 'chain'))}, "  # noqa: S608  names of ours
    "p.id AS payload_id, p.salt, p.suite AS payload_suite, p.payload, p.erased_at, p.secret, p.person_id, "
    "k.secret AS person_secret, k.destroyed_at "
    "FROM core_event e LEFT JOIN core_event_payload p ON p.id = e.id "
    "LEFT JOIN core_person_key k ON k.id = p.person_id "
    f"WHERE e.sequence > $1 ORDER BY e.sequence LIMIT {BATCH}"
)
UNSEALED = f"SELECT id FROM core_event WHERE sequence IS NULL AND at < $1 LIMIT {BATCH}"  # noqa: S608
WITHOUT_EVENT = (
    "SELECT p.id FROM core_event_payload p WHERE NOT EXISTS "  # noqa: S608
    f"(SELECT 1 FROM core_event e WHERE e.id = p.id) LIMIT {BATCH}"
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Verification:
    """The result: how many sealed events were read, how many payloads of them are erased, what is wrong, the newest.

    With MOST_FINDINGS findings the reading stopped there.
    """

    checked: int
    erased: int
    findings: tuple[Finding, ...]
    head: Anchor | None

    @property
    def ok(self) -> bool:
        return not self.findings


async def verify(*, anchor: Anchor | None = None) -> Verification:
    """Read all sealed events of the district in scope, in order, and check chain, digests and completeness.

    Reads in batches of BATCH, so memory does not grow with the district. An event that is unsealed for longer than
    UNSEALED_LIMIT is a finding. A chain starts from the district's key, or from the name of its file: what was written
    before stores knew their key still verifies, and a chain of another district does not.
    """
    store = current_store()
    walk = _Walk({store.key, store.place}, anchor)
    async for row in _sealed_rows():
        walk.take(row)
        if len(walk.findings) + len(walk.suspects) >= MOST_FINDINGS:
            break
    else:
        walk.finish()
        walk.findings += [finding async for finding in _left_over()]
    walk.judge_suspects()
    return Verification(walk.checked, walk.erased, tuple(walk.findings), walk.head)


class _Walk:
    """The way along the chain: what the next row must follow, and what was found so far."""

    def __init__(self, starts: Collection[str], anchor: Anchor | None) -> None:
        self.starts, self.anchor = starts, anchor
        self.checked = 0
        self.head: Anchor | None = None
        self.findings: list[Finding] = []
        self.suspects: list[Suspect] = []
        self._next = 1
        self._previous: frozenset[str] | None = None  # unknown after a gap
        self._at_anchor: str | None = None
        self._payloads = Payloads()

    @property
    def erased(self) -> int:
        """How many payloads were erased as it should be."""
        return self._payloads.erasures.told

    def take(self, row: Row) -> None:
        self.checked += 1
        sequence = row["sequence"]
        if type(sequence) is int and sequence >= self._next:
            self._check_gap(sequence)
            self._check_link(row)
            self.head = Anchor(sequence, str(row["chain"]))
        else:  # below 1, or no number at all: SQLite keeps what it is given
            self._find(FindingKind.CHANGED, row, text("The sequence is not a number from 1"))
        self.findings += self._payloads.take(row)

    def _check_gap(self, sequence: int) -> None:
        if sequence > self._next:
            message = text("The events {first} to {last} are missing", first=self._next, last=sequence - 1)
            self.findings.append(Finding(FindingKind.REMOVED, self._next, None, message))
            self._previous = None
        elif sequence == 1:
            self._previous = frozenset(digest.genesis(suite, name) for suite in digest.HASHES for name in self.starts)
        self._next = sequence + 1

    def _check_link(self, row: Row) -> None:
        link = Link(row)
        computed = link.after(self._previous or ())
        if self._previous is not None and row["chain"] not in computed:
            self.suspects.append(Suspect(link, self._previous))
        # The chain as it should be counts too: else a changed `chain` would blame the next event as well.
        self._previous = computed | {str(row["chain"])}
        if self.anchor is not None and row["sequence"] == self.anchor.sequence:
            self._at_anchor = row["chain"]

    def finish(self) -> None:
        """The end is reached: was the anchor on the way, and were all erasures told?"""
        self.findings += self._payloads.erasures.findings()
        if self.anchor is not None and self._at_anchor != self.anchor.chain:
            message = text("The event that was noted down before is not there any more, or another one")
            self.findings.append(Finding(FindingKind.ANCHOR_MISSED, self.anchor.sequence, None, message))

    def judge_suspects(self) -> None:
        """Tell the misplaced from the changed, and acquit those that only stood behind one of them."""
        for suspect, place in misplaced(self.suspects):
            if place is not None and place != suspect.sequence:
                message = text("The event stood at {place} when it was sealed", place=place)
                self._find(FindingKind.REORDERED, suspect.link.row, message)
            elif place is None and suspect.sequence == 1:
                message = text("The first event was changed, or belongs to another district")
                self._find(FindingKind.WRONG_GENESIS, suspect.link.row, message)
            elif place is None:
                message = text("The event was changed since it was sealed, or the one before it was exchanged")
                self._find(FindingKind.CHANGED, suspect.link.row, message)

    def _find(self, kind: FindingKind, row: Row, message: Text) -> None:
        sequence = row["sequence"] if type(row["sequence"]) is int else None
        self.findings.append(Finding(kind, sequence, str(row["id"]), message))


async def _sealed_rows() -> AsyncIterator[Row]:
    after: Any = -(2**63)
    while rows := await current_client().execute_query_dict(_placed(SEALED), [after]):
        for row in rows:
            yield row
        after = rows[-1]["sequence"]


async def _left_over() -> AsyncIterator[Finding]:
    """Events that nobody sealed, and payloads that no event owns."""
    client = current_client()
    for row in await client.execute_query_dict(_placed(UNSEALED), [clock.now() - UNSEALED_LIMIT]):
        message = text("The event was not sealed within {seconds} seconds", seconds=int(UNSEALED_LIMIT.total_seconds()))
        yield Finding(FindingKind.UNSEALED, None, str(row["id"]), message)
    for row in await client.execute_query_dict(WITHOUT_EVENT):
        message = text("The payload belongs to an event that is not there any more")
        yield Finding(FindingKind.PAYLOAD_WITHOUT_EVENT, None, str(row["id"]), message)


def _placed(statement: str) -> str:
    """PostgreSQL's places for values are $1, SQLite's ?1."""
    return statement.replace("$", "?") if current_store().dialect == "sqlite" else statement
