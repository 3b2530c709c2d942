"""What happens to people and posts."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import SUBJECT, EventType, Internal, Personal, Public, Sensitive

PERSON, POST = "Person", "Post"


class PersonChanged(BaseModel):
    """Which values were given; the values themselves stay in the record."""

    fields: Public[tuple[str, ...]]


class PersonValues(BaseModel):
    """What is known of a person; only what changed stands in an event, the rest is null."""

    name: Personal[str | None] = None
    gender: Personal[str | None] = None
    birth_date: Personal[date | None] = None
    id_number: Sensitive[str | None] = None
    phone: Personal[str | None] = None
    party_status: Personal[str | None] = None
    registered_residence_id: Personal[UUID | None] = None
    habitual_residence_id: Personal[UUID | None] = None
    employer_id: Personal[UUID | None] = None


class PersonUpdated(BaseModel):
    """Which values changed, from what to what; null in events from before version 2, which did not tell."""

    fields: Public[tuple[str, ...]]
    before: PersonValues | None
    after: PersonValues | None


def _without_values(payload: dict[str, Any]) -> dict[str, Any]:
    """Version 1 told which values changed and not from what to what."""
    return {**payload, "before": None, "after": None}


class PostHeld(BaseModel):
    """Who holds which post where."""

    person_id: Internal[UUID]
    org_id: Public[UUID]
    kind: Internal[str]


PERSON_CREATED = EventType("core.person_created", 1, PersonChanged, "A person was entered. 新增人员。")
PERSON_UPDATED = EventType(
    "core.person_updated",
    2,
    PersonUpdated,
    "A person was changed. 人员信息变更。",
    {1: _without_values},
    person=SUBJECT,
)
POST_ASSIGNED = EventType("core.post_assigned", 1, PostHeld, "A post was given. 任职。")
POST_ENDED = EventType("core.post_ended", 1, PostHeld, "A post was ended. 免职。")

EVENT_TYPES = (PERSON_CREATED, PERSON_UPDATED, POST_ASSIGNED, POST_ENDED)
