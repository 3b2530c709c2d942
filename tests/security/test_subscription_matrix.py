"""Who may follow what: every root field of subscriptions as each viewer, who is sent what queries show it too."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from graphql import GraphQLSchema
from starlette.requests import HTTPConnection

from linli.core.records.sealing import seal_now
from linli.schema.execution import Executor, Request
from linli.schema.http.authentication import subscriber
from linli.schema.problems import ProblemError
from linli.schema.subscriptions.streams import Streams
from linli.schema.testing import Client
from linli.schema.testing.schemas import composed_once
from tests.security.expectations import SUBSCRIPTIONS
from tests.security.test_matrix import rows_of
from tests.security.world import VIEWERS, World

pytestmark = pytest.mark.linli(plugins=["venues"])

SILENCE_SECONDS = 1.0
ASKED = {
    "bookingChanged": """subscription ($it: ID!) {
        asked: bookingChanged(venueId: $it, after: 0) { sequence booking { id } } }""",
    "events": "subscription { asked: events(after: 0) { sequence id } }",
    "jobProgress": "subscription ($it: ID!) { asked: jobProgress(id: $it) { id } }",
}
"""What is asked of each field."""
OF = {"bookingChanged": "Venue", "jobProgress": "Job"}
"""Of which record, for those that take one."""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


async def received(world: World, streams: Streams, viewer: Client, name: str) -> list[dict[str, Any]] | None:
    """What a viewer is sent of all that happened, None where the subscription is refused."""
    headers = [] if viewer.token is None else [(b"authorization", f"Bearer {viewer.token}".encode())]
    try:
        by = await subscriber(HTTPConnection({"type": "http", "headers": headers, "client": None}), world.district)
    except ProblemError:
        return None
    given = {"it": world.ids[OF[name]]} if name in OF else {}
    found: list[dict[str, Any]] = []
    answers = streams.open(Request(ASKED[name], given), by)
    try:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS * (1 if found else 5)):
                answer = (await anext(answers)).body()
            if "errors" in answer:
                return None
            found.append(answer)
    except (TimeoutError, StopAsyncIteration):
        return found
    finally:
        await answers.aclose()


async def test_everything_that_can_be_followed_is_sent_to_those_who_may_see_it_and_to_no_other(
    world: World, schema: GraphQLSchema
) -> None:
    assert schema.subscription_type is not None
    assert sorted(ASKED) == sorted(schema.subscription_type.fields), "a field without a line here"
    with world.district.scope():
        await seal_now(world.district.store)
    streams = Streams(world.district, Executor(composed_once(world.district)), 30)
    found: dict[str, str] = {}
    for name in ASKED:
        got = await asyncio.gather(*(received(world, streams, world.clients[one], name) for one in VIEWERS))
        found[name] = "".join("+" if one else "." for one in got)
        for viewer, answers in zip(VIEWERS, got, strict=True):
            await _seen_otherwise(world.clients[viewer], answers or [])
    assert rows_of(found) == rows_of(SUBSCRIPTIONS)


async def _seen_otherwise(viewer: Client, answers: list[dict[str, Any]]) -> None:
    """What was sent is what the viewer is shown by a query, to the id."""
    sent = [orjson.loads(orjson.dumps(one))["data"]["asked"] for one in answers]
    ids = sorted({one["id"] if "id" in one else one["booking"]["id"] for one in sent})
    for begun in range(0, len(ids), 50):
        part = ids[begun : begun + 50]
        assert [one and one["id"] for one in (await viewer.data(NODES, ids=part))["nodes"]] == part
    sequences = [one["sequence"] for one in sent if "sequence" in one]
    assert sequences == sorted(set(sequences))
