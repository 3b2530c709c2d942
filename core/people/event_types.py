"""What happens to people and posts."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Public

PERSON, POST = "Person", "Post"


class PersonChanged(BaseModel):
    """Which values were given; the values themselves stay in the record."""

    fields: Public[tuple[str, ...]]


class PostHeld(BaseModel):
    """Who holds which post where."""

    person_id: Internal[UUID]
    org_id: Public[UUID]
    kind: Internal[str]


PERSON_CREATED = EventType("core.person_created", 1, PersonChanged, "A person was entered. 新增人员。")
PERSON_UPDATED = EventType("core.person_updated", 1, PersonChanged, "A person was changed. 人员信息变更。")
POST_ASSIGNED = EventType("core.post_assigned", 1, PostHeld, "A post was given. 任职。")
POST_ENDED = EventType("core.post_ended", 1, PostHeld, "A post was ended. 免职。")

EVENT_TYPES = (PERSON_CREATED, PERSON_UPDATED, POST_ASSIGNED, POST_ENDED)
