"""One answer serves all who would have got it, and nobody else: whatever they may, whoever they are, however asked."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
import pytest

from linli.core.access.models import Account, Grant
from linli.core.access.tokens import digest, issue
from linli.core.districts import District
from linli.core.feed import Feed, Told
from linli.core.graph.models import OrgNode
from linli.core.graph.services import create_org
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.records.models import Event
from linli.core.records.record import new_id
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.context import Context
from linli.schema.execution import Answer, Executor, Request
from linli.schema.scalars import global_id
from linli.schema.subscriptions.sharing import Sharing
from linli.schema.subscriptions.streams import Streams, Subscriber
from linli.schema.testing import Tree
from linli.schema.testing.schemas import composed_once

ROLES = ("community-staff", "community-secretary", "auditor", "district-admin", "security-admin", "grid-officer")
LANGUAGES = ("zh-CN", "en")
QUERIES = (
    "subscription { events(after: 0) { sequence type org { code name } details } }",
    """subscription { events(after: 0) { sequence type actor { id name } account { id }
      subject { ... on Person { id name phone idNumber } } } }""",
    """subscription { events(after: 0, types: ["core.person_created", "core.person_updated", "core.org_created"]) {
      sequence subject { ... on Person { name phone(reveal: {purpose: "核对老年餐补贴资格"}) }
      ... on OrgNode { called: name } } } }""",
)


class Counting(Executor):
    """Counts how often an answer is made."""

    made = 0

    async def deliver(self, *given: Any) -> Answer:
        self.made += 1
        return await super().deliver(*given)


def streams(district: District) -> Streams:
    return Streams(district, Counting(composed_once(district)), 30)


async def enter(district: District, held: Sequence[tuple[str, OrgNode]], person: Person | None = None) -> str:
    """An account with these roles; its token's digest."""

    async def made(_unit: object) -> str:
        person_id = None if person is None else person.id
        account = await Account.create(username=f"follower-{new_id()}", person_id=person_id)
        for role, at in held:
            await Grant.create(account_id=account.id, role=role, org_id=at.id)
        return await issue(account.id)

    with district.scope():
        return digest(await transact(made))


async def happen(district: District, tree: Tree, chance: random.Random, count: int) -> None:
    """People and organisations come and change, here and there."""
    places = [tree.community, tree.other_community, tree.street, tree.grid]
    for number in range(count):
        place, name = chance.choice(places), f"示例{number}"

        async def one(_unit: object, place: OrgNode = place, name: str = name, number: int = number) -> None:
            if number % 3 == 0:
                await create_org(
                    district.kinds, kind="TEAM", name=name, parent_id=tree.community.id, code=None, valid_from=None
                )
            elif number % 3 == 1:
                phone = f"1380000{chance.randrange(1000, 9999)}"
                await create_person(name=name, phone=phone, habitual_residence_id=place.id)
            else:
                known = await Person.get(id=chance.choice([tree.resident, tree.neighbour, tree.staff]).id)
                await update_person(known, None, name=name)

        await transact(one)
    await seal_now(district.store)


async def received(
    all_streams: Sequence[Streams], asking: Sequence[tuple[Subscriber, str]], district: District, after: int
) -> list[list[dict[str, Any]]]:
    """What each is sent, by the streams at the same place, until nothing comes any more."""
    got: list[list[dict[str, Any]]] = [[] for _ in asking]

    async def run(of: Streams, by: Subscriber, query: str, into: list[dict[str, Any]]) -> None:
        asked = Request(query.replace("after: 0", f"after: {after}"))
        async for answer in of.open(asked, by):
            into.append(orjson.loads(orjson.dumps(answer.body())))

    tasks = [
        asyncio.create_task(run(of, by, query, into))
        for of, (by, query), into in zip(all_streams, asking, got, strict=True)
    ]
    quiet, before = 0, 0
    while quiet < (3 if before else 40):  # as many half seconds, more until the first comes
        await asyncio.sleep(0.5)
        now = sum(map(len, got))
        quiet, before = (quiet + 1 if now == before else 0), now
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    over = [each[-1:] for one, each in zip(ended, got, strict=True) if not isinstance(one, asyncio.CancelledError)]
    assert over == [], "nobody's subscription ends"
    return got


@pytest.mark.parametrize("given", [None])
async def test_everybody_is_sent_what_they_would_be_sent_alone(
    district: District, tree: Tree, given: int | None
) -> None:
    seed = random.randrange(10**6) if given is None else given
    print(f"seed {seed}")
    chance = random.Random(seed)
    places, people = (
        [tree.root, tree.street, tree.community, tree.other_community],
        [None, tree.resident, tree.neighbour],
    )
    known = []
    for _ in range(14):
        held = [(chance.choice(ROLES), chance.choice(places)) for _ in range(chance.choice([0, 1, 1, 2]))]
        known += [await enter(district, held, chance.choice(people)) for _ in range(chance.choice([1, 2]))]
    asking = [
        (await subscriber_of(district, one, language), query)
        for one in known
        for language in LANGUAGES
        for query in chance.sample(QUERIES, 1)
    ]
    with district.scope():
        await seal_now(district.store)
        await happen(district, tree, chance, 12)
        shared = streams(district)
        together = await received([shared] * len(asking), asking, district, 0)
        alone = await received([streams(district) for _ in asking], asking, district, 0)
    assert together == alone
    assert len({orjson.dumps(one) for one in alone}) > 6, "they see different things"
    made = shared.executor.made  # type: ignore[attr-defined]
    assert 0 < made <= sum(map(len, alone)), "how much is shared depends on the seed; see below"


async def subscriber_of(district: District, known: str, language: str) -> Subscriber:
    with district.scope():
        viewer = await Streams(district, Executor(composed_once(district)), 30).guard.now(known)
    return Subscriber(known, viewer, language)


async def test_those_who_may_the_same_cost_one_answer(district: District, tree: Tree) -> None:
    staff = [("community-staff", tree.community)]
    known = [await enter(district, staff, person) for person in (None, tree.staff, tree.resident, None, None)]
    known += [await enter(district, [("community-staff", tree.other_community)]) for _ in range(5)]
    asking = [(await subscriber_of(district, one, "zh-CN"), QUERIES[0]) for one in known]
    with district.scope():
        await seal_now(district.store)
        shared = streams(district)
        got = await received([shared] * len(asking), asking, district, 0)
    sequences = [[one["data"]["events"]["sequence"] for one in each] for each in got]
    assert sequences[:5] == [sequences[0]] * 5
    assert sequences[5:] == [sequences[5]] * 5
    assert shared.executor.made == len(sequences[0]) + len(sequences[5])  # type: ignore[attr-defined]


async def test_who_was_merged_into_another_is_that_one_in_a_subscription_too(district: District, tree: Tree) -> None:
    known = await enter(district, [("community-staff", tree.root), ("auditor", tree.root)])
    by = await subscriber_of(district, known, "zh-CN")
    with district.scope():
        for one in (tree.resident, tree.neighbour):
            await transact(lambda _unit, one=one: update_person(one, None, name="示例"))  # type: ignore[misc]
        merging = Person.filter(id=tree.neighbour.id)
        await transact(lambda _unit: merging.update(merged_into=tree.resident.id))
        await seal_now(district.store)
        [got] = await received([streams(district)], [(by, QUERIES[1])], district, 0)
        asked = Request(f"{{ events(first: 200) {{ nodes {QUERIES[1].split(')', 1)[1].rstrip()[:-1]} }} }}")
        context = Context(district, composed_once(district), by.viewer)
        shown = (await Executor(composed_once(district)).execute(asked, context)).plain["events"]["nodes"]
    assert [one["data"]["events"] for one in got] == shown
    standing = [one["subject"]["id"] for one in shown if one["subject"] and "name" in one["subject"]]
    assert standing.count(global_id("Person", tree.resident.id)) == 2, "one by itself, one in the other's place"


class Reading(Feed):
    """A feed of which a test says when an event was read."""

    def __init__(self, district: District) -> None:
        super().__init__(district.store)
        self.reads: list[asyncio.Future[Told]] = []

    async def current(self, _told: Told) -> Told:
        self.reads.append(asyncio.get_running_loop().create_future())
        return await self.reads[-1]


async def test_what_was_read_before_rights_changed_serves_nobody_who_asks_after(
    district: District, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    [event, *_] = await events()
    feed, told = Reading(district), Told(event, None)
    sharing = Sharing(feed)
    before = asyncio.create_task(sharing.of(told))
    await asyncio.sleep(0)
    feed.turn += 1
    after = asyncio.create_task(sharing.of(told))
    await asyncio.sleep(0)
    early, late = (Told(event, None) for _ in range(2))
    feed.reads[0].set_result(early)
    assert (await before).told is early
    feed.reads[1].set_result(late)
    assert (await after).told is late
    assert (await sharing.of(told)).told is late, "and it stays so for whoever comes next"
