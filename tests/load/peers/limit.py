"""The limit: a server without GraphQL that sends the text that one statement made. 理论上限。

`python -m tests.load.peers.limit`, told by PORT, POSTGRES and DISTRICT_SCHEMA. Each of the documents that it knows
stands for its statement, as if every operation had been compiled beforehand, and nobody is asked who they are.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import orjson
import uvicorn

from .dialects import WRITTEN
from .limit_statements import STATEMENTS

CONNECTIONS = 10
Bound = Callable[[dict[str, Any]], Sequence[Any]]


def _reported(given: dict[str, Any]) -> Sequence[Any]:
    payload = orjson.dumps({"category": given["category"], "title": given["title"]}).decode()
    told = (given["orgId"], given["title"], given["category"], given["reporter"], given["requestId"])
    made = (uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4())
    return *made, *told, payload, hashlib.sha256(payload.encode()).hexdigest()


BOUND: dict[str, Bound] = {
    "Q1": lambda given: (given["id"],),
    "Q2": lambda given: (given["offset"],),
    "Q3": lambda _given: (),
    "Q4": lambda given: (given["under"] + "%", given["status"]),
    "Q5": lambda _given: (),
    "M1": _reported,
}


class Limit:
    """The application."""

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[dict[str, Any]] = asyncio.LifoQueue()
        self._names = {words.document: name for name, words in WRITTEN.items()}

    async def open(self) -> None:
        """Prepare every statement on every connection."""
        for _ in range(CONNECTIONS):
            options = {"search_path": os.environ["DISTRICT_SCHEMA"]}
            connection = await asyncpg.connect(os.environ["POSTGRES"], server_settings=options)
            # The text as it comes: nothing is decoded that is only sent on.
            await connection.set_type_codec(
                "text", schema="pg_catalog", format="binary", encoder=str.encode, decoder=_as_is
            )
            prepared = {name: await connection.prepare(text) for name, text in STATEMENTS.items()}
            self._free.put_nowait(prepared)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer; the lifespan opens the connections."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = orjson.loads(await _body(receive))
        name = self._names[asked["query"]]
        prepared = await self._free.get()
        try:
            content = await prepared[name].fetchval(*BOUND[name](asked["variables"]))
        finally:
            self._free.put_nowait(prepared)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        await self.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _as_is(content: bytes) -> bytes:
    return content


async def _body(receive: Any) -> bytes:
    content, more = b"", True
    while more:
        message = await receive()
        content += message["body"]
        more = message.get("more_body", False)
    return content


if __name__ == "__main__":
    uvicorn.run(
        Limit(), port=int(os.environ["PORT"]), log_level="error", access_log=False, loop="uvloop", http="httptools"
    )
