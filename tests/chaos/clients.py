"""Clients that change things all the time and remember what was acknowledged; what was not, they ask for again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from linli.core import clock
from linli.core.graph.models import OrgNode
from linli.core.records.record import new_id
from linli.schema.scalars import global_id

CREATE_ORG = """mutation ($input: CreateOrgInput!) { createOrg(input: $input) {
    ... on OrgNode { id name version } ... on Error { errorCode: code message } } }"""
UPDATE_ORG = """mutation ($input: UpdateOrgInput!) { updateOrg(input: $input) {
    ... on OrgNode { id name version } ... on Error { errorCode: code message } } }"""
CREATE_PERSON = """mutation ($input: CreatePersonInput!) { createPerson(input: $input) {
    ... on Person { id } ... on Error { errorCode: code message } } }"""


PASSING = {"STORAGE_FULL", "DATABASE_UNAVAILABLE"}


class BrokenPromiseError(AssertionError):
    """A server answered something that contradicts what it had acknowledged."""


@dataclass(frozen=True)
class Change:
    """One mutation under a request id of its own, and what it makes true."""

    document: str
    given: dict[str, Any]
    kind: str
    subject: UUID
    name: str


@dataclass(frozen=True)
class Course:
    """When work ends, and whether a failure that passes ends it."""

    ends: float
    patient: bool


@dataclass
class Known:
    """What was acknowledged of an organisation."""

    name: str
    version: int = 1


@dataclass
class Busy:
    """A client. `orgs` and `people` are what it was told is there; `asked_again` how many requests it repeated."""

    parent: OrgNode
    chance: random.Random
    orgs: dict[UUID, Known] = field(default_factory=dict)
    people: set[UUID] = field(default_factory=set)
    acknowledged: int = 0
    asked_again: int = 0
    refused: str | None = None
    _open: Change | None = None

    async def work(self, http: httpx.AsyncClient, url: str, course: Course) -> None:
        """Go on until the server is gone, the time is up, or the failure came that is waited for."""
        while clock.monotonic() < course.ends:
            again, change = self._open is not None, self._open or self._next()
            self._open = change
            try:
                answer = await http.post(url, json={"query": change.document, "variables": {"input": change.given}})
            except httpx.HTTPError:
                return
            failure = self._failure(change, answer)
            if failure is None:
                self._acknowledge(change, answer.json())
                self.asked_again += again
                self._open = None
            else:
                self.refused = failure
                if not course.patient:
                    return
                await asyncio.sleep(0.05)

    def _failure(self, change: Change, answer: httpx.Response) -> str | None:
        """The code of a failure that a client waits for to pass; raises BrokenPromiseError for any other."""
        errors = answer.json().get("errors")
        if not errors and answer.status_code == httpx.codes.OK:
            return None
        codes = {error.get("extensions", {}).get("code") for error in errors or ()}
        if len(codes & PASSING) != 1 or len(codes) != 1:
            raise BrokenPromiseError(f"{change}: {answer.status_code} {answer.text}")
        return str(codes.pop())

    def _next(self) -> Change:
        kind = self.chance.choice(["org", "org", "rename", "rename", "person"])
        once = {"requestId": uuid4().hex}
        if kind == "rename" and self.orgs:
            subject = self.chance.choice(list(self.orgs))
            name, known = f"改名{uuid4().hex[:12]}", self.orgs[subject]
            given = {"id": global_id("OrgNode", subject), "name": name, "expectedVersion": known.version}
            return Change(UPDATE_ORG, {**given, **once}, "rename", subject, name)
        subject, name = new_id(), f"示例{uuid4().hex[:12]}"
        if kind == "person":
            return Change(CREATE_PERSON, {"id": str(subject), "name": name, **once}, "person", subject, name)
        given = {
            "id": str(subject),
            "kind": "RESIDENT_UNIT",
            "name": name,
            "parentId": global_id("OrgNode", self.parent.id),
        }
        return Change(CREATE_ORG, {**given, **once}, "org", subject, name)

    def _acknowledge(self, change: Change, answer: dict[str, Any]) -> None:
        (found,) = answer["data"].values()
        if "errorCode" in found:
            raise BrokenPromiseError(f"{change}: {found}")
        self.acknowledged += 1
        if change.kind == "person":
            self.people.add(change.subject)
        else:
            self.orgs[change.subject] = Known(found["name"], found["version"])


async def all_work(
    clients: list[Busy], url: str, token: str, *, seconds: float = 3600.0, until: str = "", patient: bool = False
) -> None:
    """All of them at once, each on a connection of its own; the patient go on after a failure that passes."""
    course = Course(clock.monotonic() + seconds, patient)
    for client in clients:
        client.refused = None
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(_one(client, url, token, course))
    if until:
        assert {client.refused for client in clients} == {until}


async def _one(client: Busy, url: str, token: str, course: Course) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:
        await client.work(http, url, course)
