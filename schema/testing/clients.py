"""Clients that speak HTTP to a test district, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from starlette.applications import Starlette

from linli.core.access import tokens
from linli.core.access.models import Account, Grant
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact

BASE = "http://district.test"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    data: Any
    errors: list[dict[str, Any]]
    headers: dict[str, str] = field(repr=False)

    @property
    def codes(self) -> list[str]:
        """The codes of the request's errors."""
        return [error["extensions"]["code"] for error in self.errors]


@dataclass(frozen=True)
class Client:
    """Speaks for one account, or for nobody."""

    http: httpx.AsyncClient
    path: str
    token: str | None = None

    async def query(self, text: str, *, headers: dict[str, str] | None = None, **variables: Any) -> Answer:
        """Send an operation and read the answer, whatever it is."""
        sent = {
            "accept": "application/json",
            **({} if self.token is None else {"authorization": f"Bearer {self.token}"}),
        }
        response = await self.http.post(
            self.path, json={"query": text, "variables": variables}, headers={**sent, **(headers or {})}
        )
        body = response.json()
        return Answer(response.status_code, body.get("data"), body.get("errors", []), dict(response.headers))

    async def data(self, text: str, **variables: Any) -> Any:
        """Send an operation that must succeed and return its data."""
        answer = await self.query(text, **variables)
        assert not answer.errors, answer.errors
        return answer.data

    async def mutate(self, text: str, **variables: Any) -> Any:
        """Send an operation with one mutation that must be executed and return what it answered."""
        (result,) = (await self.data(text, **variables)).values()
        return result


class Clients:
    """Makes clients for a district: call it."""

    def __init__(self, district: District, http: httpx.AsyncClient) -> None:
        self._district, self.http = district, http

    async def __call__(
        self,
        as_: str | None = None,
        *,
        at: OrgNode | None = None,
        person: Person | None = None,
        valid_to: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Client:
        """A client with a new account: with the role `as_` at the node `at`, for `person`; without both for nobody."""
        token = None
        if as_ is not None or person is not None:
            with self._district.scope():
                token = await transact(lambda _unit: self._account(as_, at, person, valid_to, expires_at))
        return Client(self.http, f"/d/{self._district.key}/graphql", token)

    async def _account(
        self,
        role: str | None,
        at: OrgNode | None,
        person: Person | None,
        valid_to: datetime | None,
        expires_at: datetime | None,
    ) -> str:
        account = await Account.create(username=f"test-{new_id()}", person_id=None if person is None else person.id)
        if role is not None:
            node = at or await OrgNode.get(parent_id=None)
            await Grant.create(account_id=account.id, role=role, org_id=node.id, valid_to=valid_to)
        return await tokens.issue(account.id, expires_at)


@asynccontextmanager
async def clients(district: District, app: Starlette) -> AsyncIterator[Clients]:
    """Clients of an application that runs in this process."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as http:
        yield Clients(district, http)
