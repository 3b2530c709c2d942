"""`bookingChanged`: the bookings of one venue as they change, for whoever sees them."""

from __future__ import annotations

import pytest

from linli.schema.testing import Clients, Tree
from tests.plugins.venues.api import Api, step
from tests.schema.subscriptions.conftest import Serving, served
from tests.schema.subscriptions.sockets import Socket, opened

__all__ = ["served"]

pytestmark = pytest.mark.linli(plugins=["venues"])

FOLLOW = """subscription ($venueId: ID!, $after: Long) { bookingChanged(venueId: $venueId, after: $after) {
  sequence type booking { state person { id } venue { id } } } }"""


async def change(socket: Socket) -> tuple[str, str]:
    """The next change: what happened, and the state of the booking."""
    payload = await socket.next()
    assert "errors" not in payload, payload  # the venue is public, and judged in memory
    told = payload["data"]["bookingChanged"]
    return told["type"], told["booking"]["state"]


async def test_owners_follow_the_bookings_of_their_venue_and_people_their_own(
    served: Serving, api: Api, client: Clients, tree: Tree
) -> None:
    mine, other = await client(person=tree.staff), await client(person=tree.neighbour)
    async with (
        opened(served.url, api.owner.token) as owner,
        opened(served.url, mine.token) as own,
        opened(served.url, other.token) as stranger,
    ):
        for socket in (owner, own, stranger):
            await socket.subscribe(FOLLOW, venueId=api.venue)
        booked = await api.book(mine, "2026-03-11", "10:00", "11:00")
        assert booked["__typename"] == "Booking", booked
        for socket in (owner, own):
            assert await change(socket) == ("venues.confirmed", "CONFIRMED")
        cancelled = await mine.mutate(step("cancelBooking"), input={"bookingId": booked["id"]})
        assert cancelled["__typename"] == "Booking", cancelled
        for socket in (owner, own):
            assert await change(socket) == ("venues.cancelled", "CANCELLED")
        assert await stranger.silent()


async def test_a_venue_that_there_is_not_cannot_be_followed(served: Serving, api: Api, client: Clients) -> None:
    async with opened(served.url, api.owner.token) as socket:
        await socket.send(type="subscribe", id="1", payload={"query": FOLLOW, "variables": {"venueId": "bm9uZTox"}})
        [error] = (await socket.next())["errors"]
        assert error["extensions"] == {"code": "NOT_FOUND", "argument": "venueId"}
        assert (await socket.receive())["type"] == "complete"


async def test_changes_are_resumed_after_the_last_one(served: Serving, api: Api, client: Clients, tree: Tree) -> None:
    mine = await client(person=tree.staff)
    async with opened(served.url, mine.token) as socket:
        await socket.subscribe(FOLLOW, venueId=api.venue)
        await api.book(mine, "2026-03-11", "10:00", "11:00")
        first = (await socket.next())["data"]["bookingChanged"]["sequence"]
    await api.book(mine, "2026-03-11", "14:00", "15:00")
    async with opened(served.url, mine.token) as socket:
        await socket.subscribe(FOLLOW, venueId=api.venue, after=first)
        payload = await socket.next()
        assert payload["data"]["bookingChanged"]["sequence"] > first
        assert await socket.silent()
