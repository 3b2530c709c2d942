"""Households: who lives together, in one household at a time, with one head."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.core.access.event_types import Searched
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.core.registry import households, premises
from linli.core.registry.models import Household, HouseholdMember
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office, who
from tests.schema.registry.conftest import Unchanged

MEMBERS = """query ($id: ID!) { household(id: $id) { kind premises { number }
    members(orderBy: []) { nodes { relation person { name } } } } }"""


def head(person: Any, relation: str = "HEAD") -> dict[str, str]:
    return {"personId": who(person), "relation": relation}


async def test_a_household_lives_in_a_home_with_its_members(office: Office, tree: Tree) -> None:
    home = await office.home()
    household = await office.do("createHousehold", premisesId=home, members=[head(tree.resident)])
    await office.do("createHouseholdMember", householdId=household, **head(tree.neighbour, "SPOUSE"))
    found = (await office.client.data(MEMBERS, id=household))["household"]
    assert (found["kind"], found["premises"]) == ("FAMILY", {"number": "502"})
    assert {(one["relation"], one["person"]["name"]) for one in found["members"]["nodes"]} == {
        ("HEAD", "示例丙"),
        ("SPOUSE", "示例戊"),
    }
    asked = "query ($id: ID!) { person(id: $id) { households { nodes { relation household { id } } } } }"
    assert await office.client.data(asked, id=who(tree.neighbour)) == {
        "person": {"households": {"nodes": [{"relation": "SPOUSE", "household": {"id": household}}]}}
    }


async def test_nobody_lives_in_two_households_at_a_time(
    office: Office, tree: Tree, told: Unchanged, clock: FrozenClock
) -> None:
    first = await office.do("createHousehold", premisesId=await office.home("1"), members=[head(tree.resident)])
    other = await office.home("2")
    before = await told()
    two = {"premisesId": other, "members": [head(tree.neighbour), head(tree.resident, "SPOUSE")]}
    assert await office.refused("createHousehold", **two) == "PERSON_IN_HOUSEHOLD"
    assert await told() == before
    twice = {"premisesId": other, "members": [head(tree.neighbour), head(tree.neighbour, "SPOUSE")]}
    assert await office.refused("createHousehold", **twice) == "PERSON_IN_HOUSEHOLD"
    assert await told() == before
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endHousehold", id=first)
    await office.do("createHousehold", **two)
    asked = "query ($id: ID!) { household(id: $id) { validTo members { totalCount } } }"
    shown = (await office.client.data(asked, id=first))["household"]
    assert (shown["validTo"], shown["members"]) == ("2026-03-10T08:00:00+08:00", {"totalCount": 0})


async def test_that_somebody_lives_elsewhere_is_told_and_kept_as_a_search(
    office: Office, tree: Tree, district: District
) -> None:
    await office.do("createHousehold", premisesId=await office.home("1"), members=[head(tree.resident)])
    second = {"premisesId": await office.home("2"), "members": [head(tree.resident)]}
    answer = await office.send("createHousehold", "... on ConflictError { currentId }", **second)
    assert (answer["code"], answer["currentId"]) == ("PERSON_IN_HOUSEHOLD", None)
    with district.scope():
        (event,) = await Event.filter(type="core.searched")
        told = (await payloads([event], district.event_types))[event.id]
    assert isinstance(told, Searched)
    assert (told.type, told.field, told.operator) == ("HouseholdMember", "personId", "createHousehold")


async def test_a_household_has_one_head(office: Office, tree: Tree, told: Unchanged) -> None:
    household = await office.do(
        "createHousehold", premisesId=await office.home(), members=[head(tree.resident), head(tree.neighbour, "SON")]
    )
    asked = "query ($id: ID!) { household(id: $id) { members { nodes { id relation } } } }"
    nodes = (await office.client.data(asked, id=household))["household"]["members"]["nodes"]
    ids = {one["relation"]: one["id"] for one in nodes}
    before = await told()
    assert await office.refused("updateHouseholdMember", id=ids["SON"], relation="HEAD") == "HOUSEHOLD_HAS_HEAD"
    assert await told() == before
    await office.do("updateHouseholdMember", id=ids["HEAD"], relation="PARENT")
    await office.do("updateHouseholdMember", id=ids["SON"], relation="HEAD")


async def test_what_cannot_be_is_refused_and_changes_nothing(
    office: Office, tree: Tree, told: Unchanged, clock: FrozenClock
) -> None:
    household = await office.do("createHousehold", premisesId=await office.home())
    other, before = await office.do("createHousehold", premisesId=await office.home("503")), await told()
    join = {"householdId": household, **head(tree.resident)}
    assert await office.refused("createHouseholdMember", **join, validTo="2020-01-01T00:00:00Z") == "END_BEFORE_START"
    assert await office.refused("updateHousehold", id=household, kind=None) == "NULL"
    assert await office.refused("updateHousehold", id=household, kind="COLLECTIVE", expectedVersion=9) == "CONFLICT"
    assert await told() == before
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endHousehold", id=other)
    assert await office.refused("createHouseholdMember", **{**join, "householdId": other}) == "HOUSEHOLD_ENDED"
    assert await office.refused("endHousehold", id=other) == "INVALID_TRANSITION"


async def test_two_clients_at_once_put_nobody_into_two_households(
    office: Office, tree: Tree, district: District
) -> None:
    homes = [await office.home(str(number)) for number in range(6)]
    people = [head(tree.resident), head(tree.neighbour, "SPOUSE")]
    answers = await asyncio.gather(
        *(
            office.send("createHousehold", premisesId=home, members=people if number % 2 else people[::-1])
            for number, home in enumerate(homes)
        )
    )
    assert sorted(one.get("code", "") for one in answers) == ["", *["PERSON_IN_HOUSEHOLD"] * 5]
    with district.scope():
        assert (await Household.all().count(), await HouseholdMember.all().count()) == (1, 2)


async def test_members_see_their_household_and_not_each_other(
    office: Office, client: Clients, tree: Tree, clock: FrozenClock
) -> None:
    household = await office.do(
        "createHousehold", premisesId=await office.home(), members=[head(tree.resident), head(tree.neighbour, "SON")]
    )
    asked = "query ($id: ID!) { household(id: $id) { members { nodes { person { name } } } } }"
    me = await client(person=tree.resident)
    shown = {"household": {"members": {"nodes": [{"person": {"name": "示例丙"}}]}}}
    assert await me.data(asked, id=household) == shown
    assert await (await client(person=tree.staff)).data(asked, id=household) == {"household": None}
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endHousehold", id=household)
    assert await me.data(asked, id=household) == {"household": None}


days = st.one_of(st.none(), st.integers(0, 8))
steps = st.lists(
    st.tuples(st.sampled_from(["join", "leave", "move"]), st.integers(0, 2), st.integers(0, 2), days, days),
    max_size=14,
)


async def test_after_any_steps_nobody_was_in_two_households_on_any_day(district: District, tree: Tree) -> None:
    people, loop = [tree.resident, tree.neighbour, tree.staff], asyncio.get_running_loop()
    taken = {"accepted": 0, "refused": 0}
    with district.scope():
        homes = [await transact(lambda _u, n=n: home(tree, n)) for n in range(3)]  # type: ignore[misc]

    async def follow(asked: list[tuple[str, int, int, int | None, int | None]]) -> None:
        with district.scope():
            for step, person, place, start, end in asked:
                done = await attempt(step, people[person].id, homes[place], start, end)
                taken["accepted" if done else "refused"] += 1
            spans: dict[UUID, list[HouseholdMember]] = {}
            for member in await HouseholdMember.all():
                spans.setdefault(member.person_id, []).append(member)
            for member_of in spans.values():
                assert all(sum(covers(one, day) for one in member_of) <= 1 for day in range(-1, 10))
            await transact(lambda _unit: HouseholdMember.all().delete())

    @settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
    @given(steps)
    def run(asked: list[tuple[str, int, int, int | None, int | None]]) -> None:
        asyncio.run_coroutine_threadsafe(follow(asked), loop).result()

    await asyncio.to_thread(run)
    assert all(taken.values()), taken


async def home(tree: Tree, number: int) -> UUID:
    """A household of a home of its own."""
    made = await premises.create_premises(tree.community, number=str(number), use="RESIDENTIAL", valid_from=None)
    return (await households.create_household(made.id, valid_from=None)).id


def at(day: int | None) -> datetime | None:
    return None if day is None else datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


def covers(member: HouseholdMember, day: int) -> bool:
    now = at(day)
    assert now is not None
    return (member.valid_from is None or member.valid_from <= now) and (
        member.valid_to is None or now < member.valid_to
    )


async def attempt(step: str, person: UUID, household: UUID, start: int | None, end: int | None) -> bool:
    """Take a step; whether it was carried out."""

    async def work(_unit: object) -> None:
        if step == "join":
            await households.add_member(household, person, "OTHER", valid_from=at(start), valid_to=at(end))
            return
        member = await HouseholdMember.filter(person_id=person).order_by("-created_at", "id").first()
        if member is None:
            raise RejectedError("nobody to change")
        if step == "leave":
            await households.end_member(member, at(end))
        else:
            await households.update_member(member, valid_from=at(start), valid_to=at(end))

    try:
        await transact(work)
    except RejectedError:
        return False
    return True
