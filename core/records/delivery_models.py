"""The table of what handlers are still to be told, and were told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from .classes import internal
from .fields import Instant, Text
from .record import Record
from .visible import Visible

READ = "core.delivery.read"


class DeliveryState(StrEnum):
    """Where a delivery stands. 投递状态。"""

    PENDING = "PENDING"  # 待处理
    DONE = "DONE"  # 已完成
    DEAD = "DEAD"  # 已放弃


class Delivery(Record):
    """One event for one handler: written with the event, carried out once after it is sealed. 事件投递。

    `sequence` is the event's, null until it is sealed. `problem` names the last failure without any of its values:
    an error code, or what kind of failure it was; the log has the rest under `id`.
    """

    handler = internal(Text(100))
    event_id: UUID = internal(fields.UUIDField())
    type = internal(Text(100))
    subject_id: UUID = internal(fields.UUIDField())
    sequence: int | None = internal(fields.BigIntField(null=True))
    state = internal(Text(8, default=DeliveryState.PENDING.value))
    attempts: int = internal(fields.IntField(default=0))
    next_at: datetime = internal(Instant())
    done_at: datetime | None = internal(Instant(null=True))
    problem = internal(Text(100, null=True))

    visible = Visible(everywhere=(READ,))

    class Meta:
        table = "core_delivery"
        unique_together = (("event_id", "handler"),)
        indexes = (
            Index(fields=("handler", "state", "sequence"), name="core_delivery_turn"),
            Index(fields=("subject_id", "handler", "state", "sequence"), name="core_delivery_subject"),
            Index(fields=("state", "done_at"), name="core_delivery_done"),
        )
