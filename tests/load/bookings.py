"""Twenty people want one slot of one court in the same moment: exactly one gets it. 并发预约。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import orjson

from linli.core import clock
from linli.core.clock import monotonic
from linli.core.districts import District
from linli.core.records.events import sealed_events
from linli.core.records.verify import verify
from linli.plugins.venues.models import Booking
from linli.schema.scalars import global_id

from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .people import Staff, staff
from .processes import Server, serving
from .sizes import Size
from .tables import Table, milliseconds, spread
from .wire import Connection, WrongAnswerError, body, connections

RIVALS = 20
STARTS = datetime.fromisoformat("2026-03-09T08:00:00+08:00")
CLOCK = ("--clock", STARTS.isoformat())
SLOT = timedelta(minutes=30)
SLOTS_A_DAY = 30

_CREATE = """mutation ($input: CreateVenueInput!) {
  createVenue(input: $input) { ... on Venue { id } ... on Error { code message } }
}"""
_BOOK = """mutation ($input: BookVenueInput!) {
  bookVenue(input: $input) { __typename ... on Booking { id } ... on Error { code message } }
}"""


@dataclass(frozen=True)
class Round:
    """One slot: how long until everybody had an answer, in seconds, who got it, and that booking's id."""

    seconds: float
    winner: Connection
    booking: str


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine, and one for several processes on PostgreSQL."""
    rows = []
    for engine in engines():
        for processes in (1, 2) if engine.server else (1,):
            count = size.booking_rounds // processes**2
            say(f"bookings: {engine.name}, {processes} process(es), {count} rounds")
            rows.append(_row(engine, processes, race(engine, count, processes)))
    yield Table(
        f"{RIVALS} concurrent bookings of one slot",
        ("engine", "processes", "rounds", "booked", "refused", "accounts that won", "round, ms"),
        rows,
        "Every round had one winner and the database holds one booking for each slot, else this would have failed.",
    )


def _row(engine: Engine, processes: int, rounds: Sequence[Round]) -> tuple[str, ...]:
    return (
        engine.name,
        str(processes),
        str(len(rounds)),
        str(len({one.booking for one in rounds})),
        str((RIVALS - 1) * len(rounds)),
        str(len({one.winner for one in rounds})),
        spread(milliseconds([one.seconds for one in rounds])),
    )


def race(engine: Engine, count: int, processes: int = 1) -> list[Round]:
    """`count` rounds against a server; raises WrongAnswerError unless each slot has exactly one booking."""
    with deployed(engine, {"court": ["venues"]}) as deployment:
        people = asyncio.run(deployment.inside("court", lambda district: staff(district, RIVALS)))
        options = CLOCK if processes == 1 else ("--workers", str(processes))
        with serving(deployment.config, *options) as server:
            rounds = asyncio.run(_rounds(server, deployment, people, count, processes))
        asyncio.run(deployment.inside("court", lambda district: _check(district, rounds)))
    return rounds


async def _rounds(server: Server, deployment: Deployment, people: Staff, count: int, processes: int) -> list[Round]:
    url = server.endpoint(deployment.keys["court"])
    async with connections(url, people.admin, *people.members) as (chief, *rivals):
        venue = await court(chief, people)
        # Several processes share no clock of a scenario, so their slots begin tomorrow.
        first = STARTS if processes == 1 else clock.now().astimezone(STARTS.tzinfo)
        turns, rounds = Random(count), []
        for slot in islice(slots(first), count):
            turns.shuffle(rivals)  # else the one who connected first would win again and again
            rounds.append(await _round(rivals, venue, slot))
        return rounds


async def court(chief: Connection, people: Staff) -> str:
    """A court of the unit, which takes one booking at a time; its id."""
    made = await chief.mutate(
        _CREATE,
        name="示例篮球场",
        kind="COURT",
        ownerId=global_id("OrgNode", people.tree.unit.id),
        communityId=global_id("OrgNode", people.tree.community.id),
        capacity=20,
        exclusive=True,
    )
    if "id" not in made:
        raise WrongAnswerError(f"no court: {made}")
    return str(made["id"])


def slots(first: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Half hours from 07:00 to 22:00, from the day after `first`."""
    day = first.replace(hour=7, minute=0, second=0, microsecond=0)
    while True:
        day += timedelta(days=1)
        yield from ((day + number * SLOT, day + (number + 1) * SLOT) for number in range(SLOTS_A_DAY))


async def _round(rivals: Sequence[Connection], venue: str, slot: tuple[datetime, datetime]) -> Round:
    start, end = (instant.isoformat() for instant in slot)
    wanted = {"venueId": venue, "start": start, "end": end, "partySize": 1}
    sent = body(_BOOK, input={**wanted, "requestId": start})
    began = monotonic()
    answers = await asyncio.gather(*(one.post(sent) for one in rivals))
    seconds = monotonic() - began
    results = [orjson.loads(answer) for answer in answers]
    won = winner(results)
    return Round(seconds, rivals[won], results[won]["data"]["bookVenue"]["id"])


def winner(results: Sequence[Any]) -> int:
    """Which of the answers is the booking; raises WrongAnswerError unless all others say that the time is taken."""
    told = [(result.get("data") or {}).get("bookVenue") or result for result in results]
    won = [number for number, one in enumerate(told) if one.get("__typename") == "Booking"]
    others = [one for number, one in enumerate(told) if number not in won]
    if len(won) != 1 or any(one.get("code") != "OVERLAPPING" for one in others):
        raise WrongAnswerError(f"{len(won)} bookings of one slot; the others were told {others}")
    return won[0]


async def _check(district: District, rounds: Sequence[Round]) -> None:
    """What the answers said is what is stored, with one event for each, in a chain that verifies."""
    stored = await Booking.all()
    told = await sealed_events().filter(subject_id__in=[one.id for one in stored])
    verified = await verify()
    ids, starts = {global_id("Booking", one.id) for one in stored}, {one.start for one in stored}
    if ids != {one.booking for one in rounds} or len(starts) != len(rounds):
        raise WrongAnswerError(f"{len(stored)} bookings are stored for {len(rounds)} rounds in {district.key}")
    if len(told) != len(rounds) or not verified.ok:
        raise WrongAnswerError(f"{len(told)} events for {len(rounds)} rounds; {verified.findings}")
