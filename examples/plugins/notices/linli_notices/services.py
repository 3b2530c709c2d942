"""Posting a notice: ask who may, check, write, tell the event."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import NotFoundError, invalid, text
from linli.core.graph.models import OrgNode
from linli.core.records import events
from linli.core.records.event_types import EventType, Public

from .models import Notice
from .settings import NoticeSettings


class PostedPayload(BaseModel):
    """What was posted."""

    words: Public[str]


POSTED = EventType("notices.posted", 1, PostedPayload, "A notice was posted.")


async def post(district: District, viewer: Viewer, org_id: UUID, words: str) -> Notice:
    """Post a notice of an organisation; raises NotFoundError, ForbiddenError, ValidationError. Needs a unit of work."""
    org = await OrgNode.filter(district.sight.condition(OrgNode, viewer), id=org_id).first()
    if org is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("orgId",))
    viewer.require("notices.notice.post", org.path)
    settings = district.configuration.settings.for_plugin("notices", NoticeSettings).at(org.id)
    if not 1 <= len(words.strip()) <= settings.max_length:
        raise invalid("words", "LENGTH", "1 to {most} characters", domain="notices", most=settings.max_length)
    notice = await Notice.create(org_id=org.id, words=words.strip())
    await events.append(POSTED, "Notice", notice.id, PostedPayload(words=notice.words), org_id=org.id)
    return notice
