"""A receiver of webhooks, and a district that tells it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.records.sealing import Sealer
from linli.core.records.unit_of_work import transact
from linli.core.webhooks.models import Webhook
from linli.core.webhooks.services import Secret, create, known_of
from linli.core.webhooks.telling import Telling

CREATED, UPDATED = "core.person_created", "core.person_updated"


@dataclass
class Message:
    """One request, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def subject(self) -> str:
        return str(self.told["data"]["subject"]["id"])

    @property
    def sequence(self) -> int:
        return int(self.told["data"]["sequence"])


@dataclass
class Receiver:
    """Takes messages at `url`, and answers `status`; 0 hangs up."""

    status: int = 204
    got: list[Message] = field(default_factory=list)
    tries: int = 0
    port: int = 0
    moved: str = ""
    lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?to=us"

    async def until(self, count: int, seconds: float = 15.0) -> None:
        async with asyncio.timeout(seconds):
            while len(self.got) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with found.lock:
                found.tries += 1
                if found.status == 0:
                    self.close_connection = True
                    return
                if found.status < 300:
                    found.got.append(Message({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.status)
            if found.moved:
                self.send_header("location", found.moved)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    found.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


class Scene:
    """A district with one webhook of what happens to people."""

    def __init__(self, district: District, receiver: Receiver, root: OrgNode) -> None:
        self.district, self.receiver, self.root = district, receiver, root

    async def hook(self, org: OrgNode | None = None, types: tuple[str, ...] = (CREATED, UPDATED)) -> Secret:
        known = known_of(self.district)
        with self.district.scope():
            return await transact(lambda _unit: create(org or self.root, self.receiver.url, types, known, None))

    async def person(self, name: str = "李四", **more: Any) -> Person:
        with self.district.scope():
            return await transact(lambda _unit: create_person(name=name, **more))

    async def rename(self, person: Person, name: str) -> None:
        with self.district.scope():
            fresh = await Person.get(id=person.id)
            await transact(lambda _unit: update_person(fresh, None, name=name))

    async def fresh(self, webhook: Webhook) -> Webhook:
        with self.district.scope():
            return await Webhook.get(id=webhook.id)

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """A server of the district, as far as webhooks are concerned."""
        sealers = [Sealer(self.district.store)] if self.district.store.dialect == "postgres" else []
        for sealer in sealers:
            sealer.start()
        task = asyncio.create_task(Telling(self.district, seconds=0.05).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for sealer in sealers:
                await sealer.stop()


@pytest.fixture
async def scene(district: District, receiver: Receiver) -> Scene:
    with district.scope():
        return Scene(district, receiver, await OrgNode.get(parent_id=None))
