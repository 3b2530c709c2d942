"""The table of timers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..records.classes import internal
from ..records.fields import Instant, Text
from ..records.record import Record
from ..records.visible import Visible


class Timer(Record):
    """Something that falls due: written with its record, carried out by the sweeper, in order. 定时事项。"""

    kind = internal(Text(60))
    subject_id: UUID = internal(fields.UUIDField())
    due_at: datetime = internal(Instant())
    done_at: datetime | None = internal(Instant(null=True))
    attempts: int = internal(fields.IntField(default=0))

    visible = Visible()

    class Meta:
        table = "core_timer"
        indexes = (
            Index(fields=("done_at", "due_at"), name="core_timer_due"),
            Index(fields=("subject_id", "kind"), name="core_timer_subject"),
        )
