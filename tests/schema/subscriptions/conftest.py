"""A server with real sockets, in the test's own process, so that what it holds can be counted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from linli.core.districts import District, Platform
from linli.core.graph.models import OrgNode
from linli.core.records.sealing import seal_now
from linli.core.tasks import stop_all
from linli.schema.http.application import application
from linli.schema.http.server import Server, settings
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from linli.schema.testing.schemas import composed_once
from tests.core.cli.conftest import _plain_environment, linli, migrated, project, sqlite, template

__all__ = ["_plain_environment", "linli", "migrated", "project", "sqlite", "template"]

CREATE = """mutation ($input: CreateOrgInput!) { createOrg(input: $input) { __typename
  ... on OrgNode { id } ... on Error { code message } } }"""


@dataclass
class Serving:
    """A server at `url`, which ends when `stop` is called."""

    url: str
    server: Server
    running: asyncio.Task[None]

    async def stop(self) -> None:
        """Stop it, as a signal would."""
        self.server.should_exit = True
        await self.running


@asynccontextmanager
async def serving(platform: Platform, district: District) -> AsyncIterator[Serving]:
    """Serve the platform on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    ready = asyncio.Event()
    server = Server(settings(application(platform, composer=composed_once)), ready.set)
    running = asyncio.create_task(server.serve([listening]))
    port = listening.getsockname()[1]
    made = Serving(f"http://127.0.0.1:{port}/d/{district.key}/graphql", server, running)
    try:
        async with asyncio.timeout(30):
            await ready.wait()
        yield made
    finally:
        await made.stop()
        await stop_all()
        listening.close()


@pytest.fixture
async def served(platform: Platform, district: District) -> AsyncIterator[Serving]:
    """The test's district, served."""
    async with serving(platform, district) as made:
        yield made


Creator = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def create(district: District, client: Clients, tree: Tree) -> Creator:
    """Makes an organisation beneath another, which is an event there; what was before is sealed."""
    assert tree.root.parent_id is None
    await seal_now(district.store)
    admin = await client("district-admin")
    return lambda parent, **more: creating(admin, parent, **more)


async def creating(admin: Client, parent: OrgNode, kind: str = "TEAM", name: str = "一队", **more: Any) -> Any:
    """Make it as this client."""
    given = {"kind": kind, "name": name, "parentId": global_id("OrgNode", parent.id), **more}
    made = await admin.mutate(CREATE, input=given)
    assert made["__typename"] == "OrgNode", made
    return made
