"""What happens to jobs, beside what they do."""

from __future__ import annotations

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

JOB = "Job"


class JobAsked(BaseModel):
    """What kind of work is to be done."""

    kind: Internal[str]


class JobEnded(BaseModel):
    """How it ended: DONE, FAILED with a stable code, or CANCELLED; and how far it came."""

    kind: Internal[str]
    state: Internal[str]
    done: Internal[int]
    failure: Internal[str | None]


JOB_ASKED = EventType("core.job_asked", 1, JobAsked, "Somebody asked for long work to be done. 已提交后台任务。")
JOB_ENDED = EventType(
    "core.job_ended", 1, JobEnded, "Long work was done, failed for good, or was cancelled. 后台任务结束。"
)

EVENT_TYPES = (JOB_ASKED, JOB_ENDED)
