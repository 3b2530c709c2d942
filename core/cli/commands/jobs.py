"""`linli jobs`: what long work there is, following it, calling it off. 后台任务。"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from .. import invocation, job_report
from ..group import Group
from ..language import words
from ..messages import CommandError, UsageError, note, say
from ..progress import progress
from ..running import entered, run

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.errors import Text
    from linli.core.jobs.models import Job

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415

app = typer.Typer(cls=Group, help="Long work that servers do behind. 后台任务。")

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for programs. 以 JSON 输出。")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Which job, by `linli jobs list`. 任务标识。")]

MOST_LISTED = 200


@app.command("list")
def list_jobs(
    district: DistrictOption = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended instead. 仅列已结束的任务。")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the jobs that wait or run, the oldest first; or those that ended, the newest first. 列出任务。"""
    call = invocation.current()
    run(_list(call, invocation.chosen(call.configuration(), district), ended=ended, as_json=as_json))


async def _list(call: invocation.Invocation, key: str, *, ended: bool, as_json: bool) -> None:
    from linli.core.jobs.models import OPEN, Job

    async with entered(call.configuration(), call.installed, key) as district:
        wanted = Job.exclude(state__in=OPEN) if ended else Job.filter(state__in=OPEN)
        order = ("-ended_at", "-id") if ended else ("created_at", "id")
        jobs, count = await wanted.order_by(*order).limit(MOST_LISTED), await wanted.count()
        names = await job_report.usernames(jobs)
        if as_json:
            told = [job_report.plain(job, district.job_kinds, names) for job in jobs]
            typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            job_report.show_jobs(jobs, district.job_kinds, names)
        if count > len(jobs):
            note(words("{key}: the first {listed} of {count}", key=key, listed=len(jobs), count=count))


@app.command()
def watch(id_: IdArgument, *, district: DistrictOption = None, as_json: JsonOption = False) -> None:
    """Show how far a job is until it ends; exits with 1 unless it is done then. 跟踪任务进度。"""
    wanted = _wanted(id_)
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    job = run(_watch(call, key, wanted, as_json=as_json))
    if job.state != "DONE":
        raise CommandError(_over(key, job))
    if not as_json:
        say(words("{key}: job {id} is done: {done}", key=key, id=job.id, done=job.done))


async def _watch(call: invocation.Invocation, key: str, wanted: UUID, *, as_json: bool) -> Job:
    from linli.core.jobs.watching import follow

    async with entered(call.configuration(), call.installed, key) as district:
        job = await _found(district, wanted)
        with progress() as bar:
            shown = job_report.Lines(district) if as_json else job_report.Shown(district, bar)
            async for job, seconds in follow(job):  # noqa: B020  it ends as the last that was found
                await shown(job, seconds)
        return job


@app.command()
def cancel(id_: IdArgument, *, district: DistrictOption = None, as_json: JsonOption = False) -> None:
    """Call a job off: whoever carries it out stops, and what its steps wrote stays. 取消任务，已写入的保留。"""
    wanted = _wanted(id_)
    call = invocation.current()
    run(_cancel(call, invocation.chosen(call.configuration(), district), wanted, as_json=as_json))


async def _cancel(call: invocation.Invocation, key: str, wanted: UUID, *, as_json: bool) -> None:
    async with entered(call.configuration(), call.installed, key) as district:
        found = await _found(district, wanted)
        job = await _called_off(district, found)
        if as_json:
            await job_report.print_json(district, job)
        elif found.state == job.state:
            say(words("{key}: job {id} was cancelled already", key=key, id=job.id))
        else:
            say(words("{key}: job {id} is cancelled; done until then: {done}", key=key, id=job.id, done=job.done))


async def _called_off(district: District, job: Job) -> Job:
    """The job when it is cancelled, also when it was before. Raises CommandError for one that ended otherwise."""
    from linli.core.jobs import asking
    from linli.core.jobs.models import OPEN, JobState
    from linli.core.records.unit_of_work import transact

    if job.state == JobState.CANCELLED:
        return job
    if job.state not in OPEN:
        raise CommandError(_over(district.key, job))
    if job.kind not in district.job_kinds:  # nobody here could tidy up after it
        raise CommandError(
            words(
                "{key}: no plugin that is on knows jobs of kind {kind}; turn it on first",
                key=district.key,
                kind=job.kind,
            )
        )
    return await transact(lambda _unit: asking.cancel(district, job))


async def _found(district: District, wanted: UUID) -> Job:
    from linli.core.jobs.models import Job

    found = await Job.get_or_none(id=wanted)
    if found is None:
        raise CommandError(words("{key}: there is no job {id}; see `linli jobs list`", key=district.key, id=wanted))
    return found


def _wanted(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise UsageError(words('"{id}" is no UUID; see `linli jobs list`', id=written)) from error


def _over(key: str, job: Job) -> Text:
    """How a job ended."""
    if job.failure is not None:
        return words("{key}: job {id} has failed: {failure}", key=key, id=job.id, failure=job.failure)
    return words("{key}: job {id} has ended: {state}", key=key, id=job.id, state=job.state)
