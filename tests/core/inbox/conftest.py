"""A gateway that takes notifications, and somebody who gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.errors import text
from linli.core.inbox.kinds import NoticeKind
from linli.core.inbox.models import Notification
from linli.core.inbox.notifying import About, notify
from linli.core.people.models import Person
from linli.core.records.classes import FieldClass
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Tree

PRIVATE = NoticeKind("core.private", text("Something about you"), text("You: {what}"))
OPEN = NoticeKind("core.open", text("Notice"), text("All: {what}"), classed=FieldClass.PUBLIC)
LEGAL = NoticeKind("core.legal", text("Decision"), text("Decided: {what}"), needs_ack=True, classed=FieldClass.PUBLIC)


@dataclass
class Gateway:
    """Takes messages while it is `up`; the last header of each is kept."""

    up: bool = True
    status: int = 204
    tries: int = 0
    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    location: str = ""
    port: int = 0

    def told(self, person: Person) -> list[str]:
        """What one person was told, in the order in which it came."""
        mine = [body for _, body in self.got if body["personId"] == str(person.id)]
        return [body["texts"]["en"] for body in mine]


def _taking(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with gateway.lock:
                gateway.tries += 1
                status = gateway.status if gateway.up else 503
                if status < 300:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    gateway.got.append((headers, json.loads(body)))
            self.send_response(status)
            if gateway.location:
                self.send_header("location", gateway.location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Taking


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    found = Gateway()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _taking(found))
    found.port = server.server_address[1]
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


class Scene:
    """A district that tells people things."""

    def __init__(self, district: District, tree: Tree) -> None:
        self.district, self.tree = district, tree
        kinds = {one.name: one for one in (PRIVATE, OPEN, LEGAL)}
        district.__dict__["notice_kinds"] = {**district.notice_kinds, **kinds}

    async def tell(self, person: Person, kind: NoticeKind, what: str) -> Notification:
        with self.district.scope():
            about = About("OrgNode", self.tree.community.id)
            made = await transact(lambda _unit: notify(person.id, kind, about, {"what": what}))
        assert made is not None
        return made


@pytest.fixture
def scene(district: District, tree: Tree) -> Scene:
    return Scene(district, tree)
