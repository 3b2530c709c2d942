"""Clients that create organisations over HTTP, each under a request id of its own. 建组织请求。"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count
from uuid import UUID

import orjson

from linli.core.clock import monotonic
from linli.core.graph.models import OrgNode
from linli.core.records.record import new_id
from linli.schema.scalars import global_id

from .wire import Connection, WrongAnswerError, body

_CREATE = """mutation ($input: CreateOrgInput!) {
  createOrg(input: $input) { __typename ... on OrgNode { id } ... on Error { code message } }
}"""


class Creator:
    """Creates units beneath one organisation, and counts them in `made`."""

    def __init__(self, parent: OrgNode) -> None:
        self._parent = global_id("OrgNode", parent.id)
        self._numbers = count(1)
        self.made = 0

    async def create(self, client: Connection, times: int = 1) -> UUID:
        """Create one, sending the request so many times: it acts once and answers the same each time.

        Raises WrongAnswerError unless it was made.
        """
        org_id = new_id()
        sent = self._body(org_id, next(self._numbers))
        wanted = {"data": {"createOrg": {"__typename": "OrgNode", "id": global_id("OrgNode", org_id)}}}
        for _ in range(times):
            answer = orjson.loads(await client.post(sent))
            if answer != wanted:
                raise WrongAnswerError(f"{answer}")
        self.made += 1
        return org_id

    async def rate(self, clients: Sequence[Connection], seconds: float) -> float:
        """How many per second these clients create, each sending one after the other."""
        began, before = monotonic(), self.made

        async def send(client: Connection) -> None:
            while monotonic() - began < seconds:
                await self.create(client)

        await asyncio.gather(*map(send, clients))
        return (self.made - before) / (monotonic() - began)

    def _body(self, org_id: UUID, number: int) -> bytes:
        wanted = {
            "id": str(org_id),
            "requestId": f"request {number}",
            "kind": "RESIDENT_UNIT",
            "code": f"L{number}",
            "name": f"示例单位{number}",
            "parentId": self._parent,
        }
        return body(_CREATE, input=wanted)
