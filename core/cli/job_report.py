"""Jobs as commands show them: rows and a bar for people, objects for programs. 任务列表与进度。"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from linli.core.errors import Text

from .language import in_words, words
from .messages import note
from .progress import Bar
from .tables import table

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.jobs.job_kinds import JobKinds
    from linli.core.jobs.models import Job
    from linli.core.records.record import MutableRecord

SILENT_SECONDS = 20.0
"""Whoever carries a job out writes something of it more often than that, and takes one over sooner."""

Usernames = Mapping[object, str]
"""Of accounts by their id."""


async def usernames(jobs: Iterable[Job]) -> Usernames:
    """Of whoever asked for the jobs; the district is entered."""
    from linli.core.access.models import Account  # noqa: PLC0415  `linli --help` is to be quick

    asking = {job.account_id for job in jobs if job.account_id is not None}
    found: Iterable[MutableRecord] = await Account.filter(id__in=list(asking)) if asking else ()
    return {one.id: one.username for one in found if isinstance(one, Account)}


def standing(job: Job, kinds: JobKinds) -> Text | str:
    """What is to be said of a job beside its figures: why it failed, else what it does now."""
    from linli.core import kept_texts  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.jobs.models import OPEN  # noqa: PLC0415

    if job.failure is not None:
        return job.failure
    if job.state in OPEN and job.kind not in kinds:
        return words("waits until a plugin that is on knows this kind")
    return "" if job.message is None else kept_texts.read(job.message)


def show_jobs(jobs: Iterable[Job], kinds: JobKinds, names: Usernames) -> None:
    """A line for each."""
    headers = [words("job"), words("kind"), words("state"), words("done"), words("asked for by")]
    headers += [words("asked for"), words("begun"), words("what")]
    table(headers, [_row(job, kinds, names) for job in jobs])


def _row(job: Job, kinds: JobKinds, names: Usernames) -> tuple[Text | str, ...]:
    done = str(job.done) if job.total is None else f"{job.done}/{job.total}"
    by = words("operator") if job.account_id is None else names.get(job.account_id, str(job.account_id))
    when = _second(job.created_at) or "", _second(job.started_at) or ""
    return str(job.id), job.kind, job.state, done, by, *when, standing(job, kinds)


def plain(job: Job, kinds: JobKinds, names: Usernames) -> dict[str, Any]:
    """As JSON: `by` is null for an operator, `total` while nobody knows, `failure` a stable code or null."""
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "by": None if job.account_id is None else names.get(job.account_id, str(job.account_id)),
        "asked_at": _second(job.created_at),
        "begun_at": _second(job.started_at),
        "ended_at": _second(job.ended_at),
        "failure": job.failure,
        "told": None if job.failure is not None else in_words(standing(job, kinds)) or None,
    }


async def print_json(district: District, job: Job) -> None:
    """A line of JSON; the district is entered."""
    typer.echo(json.dumps(plain(job, district.job_kinds, await usernames([job])), ensure_ascii=False))


class Lines:
    """Prints a line of JSON for each change of a job that is followed."""

    def __init__(self, district: District) -> None:
        self._district = district
        self._version: int | None = None

    async def __call__(self, job: Job, _seconds: float) -> None:
        if job.version != self._version:
            self._version = job.version
            await print_json(self._district, job)


class Shown:
    """Shows by a bar how far a job is that is followed, and tells when nobody seems to carry it out."""

    def __init__(self, district: District, bar: Bar) -> None:
        self._district, self._bar = district, bar
        self._silent = False

    async def __call__(self, job: Job, seconds: float) -> None:
        self._bar(standing(job, self._district.job_kinds) or job.kind, job.done, job.total or 0)
        silent = seconds >= SILENT_SECONDS
        if silent and not self._silent:
            note(words("nothing is heard of this job: does a server of district {key} run?", key=self._district.key))
        self._silent = silent


def _second(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
