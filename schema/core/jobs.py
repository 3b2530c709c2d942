"""Long jobs in GraphQL: where they stand, following them, calling them off. 后台任务。"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional
from uuid import UUID

import strawberry

from linli.core import kept_texts
from linli.core.access.models import Account as AccountRow
from linli.core.errors import NotFoundError, text
from linli.core.feed import Told
from linli.core.jobs import asking
from linli.core.jobs.job_events import JOB_ENDED
from linli.core.jobs.models import OPEN, JobState
from linli.core.jobs.models import Job as Row
from linli.core.jobs.runs import TOLD_SECONDS
from linli.core.jobs.watching import version_of
from linli.core.languages import translate

from ..context import Context, Info
from ..contributions import fields
from ..declare import column, computed, every, node, record, relation
from ..enums import enum
from ..inputs import MutationInput, required
from ..interfaces import Node as NodeInterface
from ..mutations import mutation
from ..subscriptions import Looked, Source, Watch, subscription
from .access import Account
from .history import history
from .lookups import seen

ID = (strawberry.ID, "The id. 标识。")

enum(
    "Where a job stands. 任务状态。",
    QUEUED="It waits for a server that carries it out. 排队中。",
    RUNNING="It is being carried out. 执行中。",
    DONE="It is done. 已完成。",
    FAILED="It cannot go on; what its steps wrote stays. 失败。",
    CANCELLED="It was called off; what its steps wrote stays. 已取消。",
)(JobState)


def _title(row: Row, info: Info) -> str:
    """Jobs of a kind that is not known here are invisible."""
    return translate(info.context.district.job_kinds[row.kind].title, info.context.language)


def _message(row: Row, info: Info) -> str | None:
    return None if row.message is None else translate(kept_texts.read(row.message), info.context.language)


def _cancellable(row: Row, info: Info) -> bool:
    return row.state in OPEN and info.context.district.job_kinds[row.kind].cancellable


async def _account(row: Row, info: Info) -> AccountRow | None:
    if row.account_id is None:
        return None
    found: AccountRow | None = await info.context.loaders.by_id(AccountRow).load(row.account_id)
    return found


async def _subject(row: Row, info: Info) -> Any:
    if row.subject_type is None or row.subject_id is None:
        return None
    declared = info.context.schema.declared(row.subject_type)
    return None if declared is None else await info.context.loaders.by_id(declared.model).load(row.subject_id)


@node(
    Row,
    "Work that takes long and is done behind; whoever asked for it sees it, and whoever holds the permission of its "
    "kind there. 后台任务，提交人及持有该类任务权限者可见。",
    order=("-created_at",),
)
class Job:
    """What is done, for whom, and how far it is."""

    kind = column("What kind of work, as <plugin>.<thing>. 类型。")
    title = computed("What is done, in the caller's language. 名称。", _title, str)
    state = column("Where it stands. 状态。", type=JobState)
    done = column("How much is done. 已完成数量。", filterable=False)
    total = column("Of how much; null while nobody knows. 总数量。", filterable=False)
    message = computed("What is being done now, in the caller's language. 当前进展。", _message, Optional[str])
    failure = column("Why it failed: a stable code. 失败代码。", filterable=False)
    cancellable = computed("Whether it can be called off now. 当前是否可取消。", _cancellable, bool)
    org = relation("At which organisation. 组织。", "OrgNode")
    account = computed(
        "Who asked for it; null for an operator, and where the viewer may not see that. 提交账号。",
        _account,
        Optional[Account],
    )
    subject = computed(
        "What it is about; null where the viewer may not see it. 相关记录。", _subject, Optional[NodeInterface]
    )
    created_at = column("When it was asked for. 提交时间。", orderable=True)
    started_at = column("When it was begun first. 开始时间。")
    ended_at = column("When it ended. 结束时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


@fields("Long jobs. 后台任务查询。")
class JobQuery:
    """What `Query` gets."""

    job = record("One job. 后台任务。", Job)
    jobs = every("Jobs, the newest first. 后台任务列表。", "Job")


@strawberry.input(description="Which job is called off. 取消任务。")
class CancelJobInput(MutationInput):
    """Which."""

    job_id: strawberry.ID = required("One that has not ended. 任务。")


@mutation(
    "Call off a job that one sees: it stops, and what its steps wrote stays (NOT_CANCELLABLE for kinds that run to "
    "their end). 取消任务，已写入的数据保留。",
    Job,
)
async def cancel_job(info: Info, input: CancelJobInput) -> Row:  # noqa: A002
    """Whoever asked for it may, and whoever holds its kind's permission there."""
    context = info.context
    return await asking.cancel(context.district, await seen(context, Row, input.job_id, "jobId"))


@fields("Long jobs. 后台任务变更。")
class JobMutation:
    """What `Mutation` gets."""

    cancel_job = cancel_job


@dataclass
class _Following:
    """How one subscriber looks at a job: told what is new of it, until it has ended."""

    job_id: UUID
    told: int | None = None

    async def look(self, context: Context) -> Looked:
        """Nothing where it is as before; one look at the database for all who follow it."""
        if await version_of(context.district.store, self.job_id) == self.told:
            return Looked()
        job = await context.loaders.by_id(Row).load(self.job_id)
        if job is None:
            return Looked(over=True)
        self.told = job.version
        return Looked(job, over=job.state not in OPEN)


async def _nothing(_context: Context, _told: Told) -> None:
    """The end of a job is looked at, not told by its event."""


async def _progress(_root: Any, info: Info, id: str) -> Source:  # noqa: A002  the argument's name in the API
    job_id = info.context.required_id(id, "Job", "id")
    if await info.context.loaders.by_id(Row).load(job_id) is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=("id",))
    return Source(
        _nothing,
        types=frozenset({JOB_ENDED.name}),
        concerns=lambda told: told.event.subject_id == job_id,
        watch=Watch(_Following(job_id).look, TOLD_SECONDS),
    )


@fields("What can be followed of long jobs. 后台任务订阅。")
class JobSubscription:
    """What `Subscription` gets."""

    job_progress = subscription(
        "A job as it stands, then whenever it came further, twice a second at most, until it ends. 任务进度。",
        _progress,
        Job,
        id=ID,
    )
