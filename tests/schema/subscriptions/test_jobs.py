"""`jobProgress`, `job`, `cancelJob` and `replayEvents`: followed to the end by those who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.deliveries.handlers import EventHandler, Handler
from linli.core.districts import District
from linli.core.jobs.asking import ask
from linli.core.jobs.job_kinds import JobKind
from linli.core.jobs.models import Job
from linli.core.records.delivery_models import Delivery
from linli.core.records.models import Event
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.core.jobs.counting import Counting, counting, slowly
from tests.schema.subscriptions.conftest import Serving
from tests.schema.subscriptions.sockets import opened

PROGRESS = """subscription ($id: ID!) { jobProgress(id: $id) { state done total message title } }"""
JOB = "query ($id: ID!) { job(id: $id) { state done total failure cancellable org { id } } jobs { totalCount } }"
CANCEL = """mutation ($input: CancelJobInput!) { cancelJob(input: $input) {
    ... on Job { state endedAt } ... on Error { code } } }"""
REPLAY = """mutation ($input: ReplayEventsInput!) { replayEvents(input: $input) {
    ... on Job { id kind state total org { id } } ... on Error { code } } }"""


@pytest.fixture
def kind(district: District) -> JobKind:
    """A kind of slow jobs that the district knows before it is served."""
    made = counting(slowly)
    district.__dict__["job_kinds"] = {**district.job_kinds, made.name: made}
    return made


async def begun(district: District, tree: Tree, kind: JobKind, steps: int = 40) -> str:
    given = Counting(steps=steps)
    with district.scope():
        job = await transact(lambda _unit: ask(kind, given, org_id=tree.root.id, account_id=None, total=steps))
    return global_id("Job", job.id)


async def test_progress_is_told_until_the_job_ends_and_to_nobody_who_may_not_see_it(
    kind: JobKind, served: Serving, district: District, client: Clients, tree: Tree
) -> None:
    admin, staff = await client("district-admin"), await client("community-staff", at=tree.community)
    id_ = await begun(district, tree, kind)
    assert (await staff.data(JOB, id=id_)) == {"job": None, "jobs": {"totalCount": 0}}
    assert (await staff.mutate(CANCEL, input={"jobId": id_}))["code"] == "NOT_FOUND"
    async with opened(served.url, staff.token) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": PROGRESS, "variables": {"id": id_}})
        refused = await socket.receive()
        assert "jobProgress" in str(refused), refused
        assert "NOT_FOUND" in str(refused), refused
    told: list[dict[str, Any]] = []
    async with opened(served.url, admin.token) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": PROGRESS, "variables": {"id": id_}})
        while (message := await socket.receive())["type"] == "next":
            told.append(message["payload"]["data"]["jobProgress"])
        assert message == {"type": "complete", "id": "1"}
    assert told[-1] == {"state": "DONE", "done": 40, "total": 40, "message": "40 left", "title": "Counting"}
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)
    assert 2 <= len(told) < 40
    shown = (await admin.data(JOB, id=id_))["job"]
    assert (shown["state"], shown["failure"], shown["cancellable"]) == ("DONE", None, False)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_job_is_called_off_once(kind: JobKind, client: Clients, district: District, tree: Tree) -> None:
    admin = await client("district-admin")
    id_ = await begun(district, tree, kind)
    assert (await admin.data(JOB, id=id_))["job"]["cancellable"]
    assert (await admin.mutate(CANCEL, input={"jobId": id_}))["state"] == "CANCELLED"
    assert (await admin.mutate(CANCEL, input={"jobId": id_}))["code"] == "INVALID_TRANSITION"


async def _handle(_district: District, _event: Event, _payload: Any) -> None:
    """It is looked at what it would be told."""


async def test_a_handler_is_told_of_past_events_by_a_job(
    client: Clients, district: District, tree: Tree, runner: object
) -> None:
    handler = EventHandler("test.looks", {"core.job_ended": 1, "core.person_created": 1}, _handle, "Looks.")
    district.__dict__["event_handlers"] = {**district.event_handlers, handler.name: Handler("test", handler)}
    assert runner is not None
    admin: Client = await client("district-admin")
    await seal_now(district.store)
    with district.scope():
        head = await Event.filter(sequence__isnull=False).count()
        wanted = await Event.filter(type="core.person_created", sequence__lte=head).count()
    made = await admin.mutate(REPLAY, input={"handler": handler.name, "first": 1})
    assert (made["kind"], made["total"]) == ("core.replay", head)
    shown: dict[str, Any] = {}
    while shown.get("state") not in ("DONE", "FAILED"):
        shown = (await admin.data(JOB, id=made["id"]))["job"]
    assert (shown["state"], shown["done"]) == ("DONE", head)
    with district.scope():
        assert await Delivery.filter(handler=handler.name).count() == wanted
        assert await Job.filter(kind="core.replay").count() == 1
    assert (await admin.mutate(REPLAY, input={"handler": "test.none", "first": 1}))["code"] == "NOT_FOUND"
    assert (await admin.mutate(REPLAY, input={"handler": handler.name, "first": 0}))["code"] == "VALIDATION"
    nobody = await client("community-staff", at=tree.community)
    assert (await nobody.mutate(REPLAY, input={"handler": handler.name, "first": 1}))["code"] == "FORBIDDEN"
