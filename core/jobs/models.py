"""The tables of timers and of long jobs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from ..graph.models import RESTRICT, OrgNode
from ..records.classes import internal
from ..records.fields import Instant, Json, Text
from ..records.record import MutableRecord, Record
from ..records.visible import Visible

KIND_LENGTH = 60


class Timer(Record):
    """Something that falls due: written with its record, carried out by the sweeper, in order. 定时事项。"""

    kind = internal(Text(KIND_LENGTH))
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


class JobState(StrEnum):
    """Where a job stands. 任务状态。"""

    QUEUED = "QUEUED"  # 排队中
    RUNNING = "RUNNING"  # 执行中
    DONE = "DONE"  # 已完成
    FAILED = "FAILED"  # 失败
    CANCELLED = "CANCELLED"  # 已取消


OPEN = (JobState.QUEUED.value, JobState.RUNNING.value)


class Job(MutableRecord):
    """Work that takes long: asked for in the transaction that causes it, done behind, by any process. 后台任务。

    `input` is what was asked for and `cursor` how far it is, so that whoever takes it over goes on from there; neither
    tells of a person. `message` is a text as it is kept, translated when it is shown. `runner` is who carries it out
    until `leased_until`, renewed while it lives; `attempts` counts how often it was begun since it last came further.
    `subject` is the record that it is about; `failure` a stable code.
    """

    kind = internal(Text(KIND_LENGTH))
    state = internal(Text(10, default=JobState.QUEUED.value))
    org: fields.ForeignKeyRelation[OrgNode] = internal(
        fields.ForeignKeyField("core.OrgNode", on_delete=RESTRICT, related_name=False)
    )
    org_id: UUID
    account_id: UUID | None = internal(fields.UUIDField(null=True))
    subject_type = internal(Text(60, null=True))
    subject_id: UUID | None = internal(fields.UUIDField(null=True))
    input: dict[str, Any] = internal(Json(default=dict))
    cursor: dict[str, Any] = internal(Json(default=dict))
    done: int = internal(fields.BigIntField(default=0))
    total: int | None = internal(fields.BigIntField(null=True))
    message: dict[str, Any] | None = internal(Json(null=True))
    failure = internal(Text(100, null=True))
    started_at: datetime | None = internal(Instant(null=True))
    ended_at: datetime | None = internal(Instant(null=True))
    next_at: datetime = internal(Instant())
    runner: UUID | None = internal(fields.UUIDField(null=True))
    leased_until: datetime | None = internal(Instant(null=True))
    attempts: int = internal(fields.IntField(default=0))

    # who holds the permission of its kind there sees it too: the district says which that is (`job_kinds.belonging`)
    visible = Visible(accounts=("account_id",), subject="org_id", vocabulary={"kind": "job_kind"})

    class Meta:
        table = "core_job"
        indexes = (
            Index(fields=("state", "next_at"), name="core_job_open"),
            Index(fields=("subject_id", "created_at"), name="core_job_subject"),
            Index(fields=("ended_at",), name="core_job_ended"),
            Index(fields=("account_id", "created_at"), name="core_job_account"),
        )
