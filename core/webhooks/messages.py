"""What a receiver is told of an event: its envelope, and values that are about nobody. 消息内容。"""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel

from ..records.event_types import EventType
from ..records.models import Event


def body(event: Event, event_type: EventType[Any], payload: BaseModel, district: str) -> bytes:
    """The message as JSON. Values of people are left out: whoever may see them asks for them by the subject's id."""
    data = {
        "id": str(event.id),
        "district": district,
        "sequence": event.sequence,
        "subject": {"type": event.subject_type, "id": str(event.subject_id)},
        "orgId": None if event.org_id is None else str(event.org_id),
        "schemaVersion": event_type.version,
        "values": event_type.plain(payload),
    }
    return orjson.dumps({"type": event.type, "timestamp": event.at.isoformat(), "data": data})
