"""What happens to webhooks."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

WEBHOOK = "Webhook"


class WebhookChanged(BaseModel):
    """To which server it leads, of what it is told, and where it stands; never its secret, nor the address's path."""

    url: Internal[str]
    types: Internal[tuple[str, ...]]
    org_id: Internal[UUID]
    what: Internal[str]


CHANGED = EventType(
    "core.webhook_changed", 1, WebhookChanged, "A webhook was made, changed, paused or ended. 网络钩子变更。"
)

EVENT_TYPES = (CHANGED,)
