"""What is told of acting for somebody."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Personal, Public

ACTED_FOR = "ActedFor"


class ActedForTold(BaseModel):
    """For whom what was done, as what, how it was asked for, and what shows that."""

    person_id: Internal[UUID]
    capacity: Internal[str]
    action: Public[str]
    subject_id: Internal[UUID]
    channel: Internal[str]
    evidence_kind: Internal[str | None] = None
    evidence: Personal[str | None] = None


ACTED = EventType(
    "core.acted_for", 1, ActedForTold, "Something was done for somebody else. 代为办理。", person="person_id"
)

EVENT_TYPES = (ACTED,)
