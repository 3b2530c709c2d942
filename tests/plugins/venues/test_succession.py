"""Venues whose owner or community is merged or split, over GraphQL."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from linli.core.errors import RejectedError
from linli.core.graph.models import OrgNode
from linli.core.graph.services import NewOrg, plan_split
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.unit_of_work import transact
from linli.core.succession.applying import apply_reform
from linli.core.succession.changing import change_orgs, open_things
from linli.core.succession.reforms import reform
from linli.plugins.venues.models import Booking, Venue
from linli.schema.testing import Client
from tests.plugins.venues.api import Api, org
from tests.plugins.venues.conftest import Scene
from tests.plugins.venues.test_persons import without_plugins
from tests.schema.test_succession import MERGE, SPLIT

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY, SUNDAY = "2026-03-11", "2026-03-14", "2026-03-15"
STATES = "{ bookings { nodes { state } } }"
COUNTED = "query ($id: ID!) { org(id: $id) { bookingCounts { total } venues { totalCount } } }"


async def merge(api: Api, source: OrgNode, target: OrgNode, **more: Any) -> Any:
    boss = await api.clients("district-admin")
    return await boss.mutate(MERGE, input={"sourceIds": [org(source)], "target": {"id": org(target)}, **more})


async def states(asking: Client) -> list[str]:
    return [booking["state"] for booking in (await asking.data(STATES))["bookings"]["nodes"]]


async def counted(asking: Client, node: OrgNode) -> tuple[int, int]:
    told = (await asking.data(COUNTED, id=org(node)))["org"]
    return told["bookingCounts"]["total"], told["venues"]["totalCount"]


async def test_when_a_community_is_merged_its_venue_opens_for_the_successors_residents_too(
    api: Api, scene: Scene
) -> None:
    resident, partner = await api.of(api.tree.resident), await api.of(api.tree.partner_staff)
    elsewhere = await api.of(api.tree.stranger_staff)  # lives in the other community
    assert (await api.book(resident, SATURDAY, "10:00", "11:00"))["state"] == "CONFIRMED"
    assert (await api.book(partner, WEDNESDAY, "19:00", "20:00"))["state"] == "CONFIRMED"
    assert (await api.book(elsewhere, SATURDAY, "12:00", "13:00"))["code"] != "OVERLAPPING"
    shown = await merge(api, api.tree.community, api.tree.other_community, dryRun=True)
    told = {(one["plugin"], one["what"], one["fate"]): one["count"] for one in shown["records"]}
    assert (told["venues", "Venue", "KEPT"], told["venues", "Booking", "KEPT"]) == (2, 2)
    assert (await merge(api, api.tree.community, api.tree.other_community))["__typename"] == "OrgSuccession"
    await Sweepers([scene.district]).advance(scene.clock.now())
    assert await states(resident) == ["CONFIRMED"]
    assert await states(partner) == ["CONFIRMED"]
    assert (await api.book(resident, SUNDAY, "10:00", "11:00"))["tier"] == "RESIDENT"
    assert (await api.book(elsewhere, SATURDAY, "12:00", "13:00"))["tier"] == "RESIDENT"
    assert (await api.book(partner, WEDNESDAY, "20:00", "21:00"))["tier"] == "PARTNER_STAFF"
    boss = await api.clients("district-admin")
    assert await counted(boss, api.tree.other_community) == (5, 2)
    assert await counted(boss, api.tree.other_street) == (5, 2)
    assert (await counted(boss, api.tree.street))[0] == 0
    with scene.district.scope():
        assert await Venue.filter(community_id=api.tree.community.id).count() == 2


async def test_when_the_owner_is_merged_the_successors_staff_are_the_venues_own(api: Api, scene: Scene) -> None:
    before = await api.book(api.tree.staff, WEDNESDAY, "10:00", "11:00")
    assert (before["tier"], before["state"]) == ("OWN_STAFF", "CONFIRMED")
    assert (await merge(api, api.tree.unit, api.tree.stranger))["__typename"] == "OrgSuccession"
    await Sweepers([scene.district]).advance(scene.clock.now())
    staff, new = await api.of(api.tree.staff), await api.of(api.tree.stranger_staff)
    assert await states(staff) == ["CONFIRMED"]
    for number, who in enumerate((staff, new)):  # working hours are those that the predecessor stated
        assert (await api.book(who, WEDNESDAY, f"{14 + number}:00", f"{15 + number}:00"))["tier"] == "OWN_STAFF"
    boss = await api.clients("unit-admin", at=api.tree.stranger)
    assert (await api.step(boss, "cancelBooking", before["id"], reason="检修"))["state"] == "CANCELLED"


async def test_a_split_says_which_successor_takes_the_venues(api: Api, scene: Scene) -> None:
    boss = await api.clients("district-admin")
    new = [{"name": name, "parentId": org(api.tree.street)} for name in ("东社区", "西社区")]
    children = [api.tree.grid, api.tree.unit, api.tree.partner, api.tree.stranger]
    given = {
        "sourceId": org(api.tree.community),
        "targets": new,
        "children": [{"childId": org(child), "target": 1} for child in children],
    }
    refused = await boss.mutate(SPLIT, input=given)
    assert (refused["code"], refused["plugin"]) == ("SUCCESSION_REFUSED", "core")
    assert refused["details"] == {"records": [{"plugin": "venues", "what": "Venue", "count": 2}]}
    with scene.district.scope():
        assert (await OrgNode.get(id=api.tree.community.id)).valid_to is None
    assert (await boss.mutate(SPLIT, input={**given, "heir": 1}))["__typename"] == "OrgSuccession"
    found = await boss.data(
        '{ orgs(filter: {name: {contains: "社区"}}) { nodes { name bookingCounts { total }'
        " venues { totalCount } relations(kind: CO_BUILDS) { totalCount } } } }"
    )
    by_name = {one.pop("name"): one for one in found["orgs"]["nodes"]}
    assert by_name["西社区"]["venues"]["totalCount"] == 2
    assert by_name["西社区"]["relations"]["totalCount"] == 1
    assert by_name["东社区"]["venues"]["totalCount"] == 0
    assert (await api.book(api.tree.resident, SATURDAY, "10:00", "11:00"))["tier"] == "RESIDENT"


async def test_a_booking_beside_a_merge_is_not_lost(api: Api, scene: Scene) -> None:
    people = (api.tree.resident, api.tree.neighbour)
    clients = [await api.of(person) for person in people]
    hours = [f"{hour:02}:00" for hour in range(8, 20)]
    books = [api.book(clients[number % 2], SATURDAY, start, end) for number, (start, end) in enumerate(pairwise(hours))]
    *booked, merged = await asyncio.gather(*books, merge(api, api.tree.community, api.tree.other_community))
    assert merged["__typename"] == "OrgSuccession", merged
    assert {one["__typename"] for one in booked} == {"Booking"}, booked
    await Sweepers([scene.district]).advance(scene.clock.now())
    with scene.district.scope():
        assert {one.state for one in await Booking.all()} == {"CONFIRMED"}
        assert await Booking.all().count() == len(books)


async def test_venues_have_a_say_in_a_split_also_where_they_are_off(api: Api, scene: Scene) -> None:
    off = without_plugins(scene.district)
    new = [NewOrg("COMMUNITY", name, api.tree.street.id) for name in ("东社区", "西社区")]
    children = [(child.id, 0) for child in (api.tree.grid, api.tree.unit, api.tree.partner, api.tree.stranger)]

    async def split(_unit: object) -> None:
        plan = await plan_split(off.kinds, api.tree.community.id, new, children)
        await change_orgs(off, plan, await open_things(off, plan))

    with off.scope():
        with pytest.raises(RejectedError) as refused:
            await transact(split)
        assert refused.value.code == "SUCCESSION_REFUSED"
        assert (await OrgNode.get(id=api.tree.community.id)).valid_to is None


async def test_a_dry_run_of_a_reform_tells_what_is_refused_and_goes_on(api: Api, scene: Scene) -> None:
    code, other = api.tree.community.code, api.tree.other_community.code
    file = f"""change,code,into,name,under,heir
split,{code},430602003091,东社区,,
split,{code},430602003092,西社区,,
child,430602003006-G001,430602003091,,,
child,U1,430602003091,,,
child,U2,430602003091,,,
child,U3,430602003091,,,
rename,{other},,新社区,,
"""
    with scene.district.scope():
        split, rename = await apply_reform(scene.district, reform(file.encode()), dry_run=True)
        assert (split.refused, rename.refused, rename.done_before) == (True, False, False)
        assert ("Venue", "REFUSED", 2) in {(one.what, one.thing.fate.value, one.count) for one in split.found}
        assert (await OrgNode.get(id=api.tree.other_community.id)).name == "东茅岭社区"
        with pytest.raises(RejectedError, match="SUCCESSION_REFUSED"):
            await apply_reform(scene.district, reform(file.encode()))
        assert (await OrgNode.get(id=api.tree.other_community.id)).name == "东茅岭社区"
