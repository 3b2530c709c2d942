"""Showing personal values in full: who saw what of whom, and what for, is kept before anybody sees it. 查看留痕。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from ..errors import FieldProblem, text
from ..records import events
from ..records.unit_of_work import UnitOfWork, transact
from .event_types import REVEALED, Revealed

SHORTEST_PURPOSE = 4
LONGEST_PURPOSE = 200


@dataclass(frozen=True)
class Shown:
    """Values of one record that somebody is about to see: `fields` by their names in GraphQL, seen at `org_id`."""

    subject_type: str
    subject_id: UUID
    org_id: UUID
    purpose: str
    fields: tuple[str, ...]


def purpose_problem(purpose: str) -> FieldProblem | None:
    """What is wrong with a purpose; it has 4 to 200 printable characters without the spaces around it."""
    if SHORTEST_PURPOSE <= len(purpose.strip()) <= LONGEST_PURPOSE and purpose.isprintable():
        return None
    told = text("Say what for, in {least} to {most} characters", least=SHORTEST_PURPOSE, most=LONGEST_PURPOSE)
    return FieldProblem("reveal.purpose", "PURPOSE", told)


async def record(shown: Iterable[Shown], account_id: UUID | None) -> None:
    """Commit that an account is about to see these values, in a unit of work of its own."""
    told = list(shown)

    async def work(_unit: UnitOfWork) -> None:
        for one in told:
            payload = Revealed(fields=one.fields, purpose=one.purpose)
            await events.append(REVEALED, one.subject_type, one.subject_id, payload, org_id=one.org_id)

    await transact(work, account_id)
