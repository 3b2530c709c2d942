"""Appeals to no-shows over GraphQL, and who may say that somebody came after all."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.jobs.sweepers import Sweepers
from linli.core.records.models import Event
from linli.schema.scalars import global_id
from tests.plugins.venues.api import Api, at
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SUNDAYS = ("2026-03-15", "2026-03-22", "2026-03-29")
LATER = "2026-04-05"
TOLD = {"venues.no_show_appealed", "venues.appeal_decided", "venues.no_show_waived"}
APPEAL = """mutation ($input: AppealNoShowInput!) { appealNoShow(input: $input) { __typename
  ... on NoShowAppeal { id state reason version noShow { date halves } } ... on Error { code path } } }"""
DECIDE = """mutation ($input: DecideNoShowAppealInput!) { decideNoShowAppeal(input: $input) { __typename
  ... on NoShowAppeal { state reason decision decidedAt decidedBy { id }
    noShow { struckAt struckReason struckBy { id } } }
  ... on Error { code path } } }"""
WAIVE = """mutation ($input: WaiveNoShowInput!) { waiveNoShow(input: $input) { ... on Booking { state }
  ... on Error { code } } }"""
LISTED = "{ noShowAppeals { nodes { state reason decision } } noShows { totalCount } }"


async def miss(api: Api, scene: Scene, *days: str) -> list[str]:
    """Bookings of the resident that nobody came for; the clock stands at the last one's noon."""
    missed = []
    for day in days:
        await Sweepers([scene.district]).advance(scene.at(f"{day} 07:00"))
        missed.append((await api.book(api.tree.resident, day, "09:00", "10:00"))["id"])
        await Sweepers([scene.district]).advance(scene.at(f"{day} 12:00"))
    return missed


async def test_an_upheld_appeal_lifts_the_bar_and_tells_who_decided(api: Api, scene: Scene) -> None:
    missed = await miss(api, scene, *SUNDAYS)
    assert (await api.book(api.tree.resident, LATER, "09:00", "10:00"))["code"] == "BARRED"
    resident = await api.of(api.tree.resident)
    filed = await resident.mutate(APPEAL, input={"bookingId": missed[2], "reason": " 当日住院 "})
    assert (filed["state"], filed["reason"], filed["noShow"]) == (
        "PENDING",
        "当日住院",
        {"date": SUNDAYS[2], "halves": 2},
    )
    assert (await api.book(api.tree.resident, LATER, "09:00", "10:00"))["code"] == "BARRED"
    manager = await api.clients("unit-admin", at=api.tree.unit, person=api.tree.staff)
    given = {"appealId": filed["id"], "uphold": True, "reason": "有住院证明", "expectedVersion": 1}
    done = await manager.mutate(DECIDE, input=given)
    staff = global_id("Person", api.tree.staff.id)
    assert (done["state"], done["decision"], done["decidedBy"]) == ("UPHELD", "有住院证明", {"id": staff})
    assert (bool(done["noShow"]["struckAt"]), done["noShow"]["struckReason"]) == (True, "有住院证明")
    assert done["noShow"]["struckBy"] == {"id": staff}
    assert (await api.book(api.tree.resident, LATER, "09:00", "10:00"))["state"] == "CONFIRMED"
    with scene.district.scope():
        told = await Event.filter(
            type__in=["venues.no_show_appealed", "venues.appeal_decided", "venues.no_show_waived"]
        )
    assert len(told) == 3
    again = await manager.mutate(DECIDE, input={**given, "expectedVersion": None})
    assert again["code"] == "INVALID_TRANSITION"


async def test_a_dismissed_appeal_leaves_the_bar_and_is_final(api: Api, scene: Scene) -> None:
    missed = await miss(api, scene, *SUNDAYS)
    resident = await api.of(api.tree.resident)
    filed = await resident.mutate(APPEAL, input={"bookingId": missed[0], "reason": "忘记了"})
    decided = {"appealId": filed["id"], "uphold": False, "reason": "理由不足"}
    assert (await api.owner.mutate(DECIDE, input=decided))["state"] == "DISMISSED"
    assert (await api.book(api.tree.resident, LATER, "09:00", "10:00"))["code"] == "BARRED"
    again = await resident.mutate(APPEAL, input={"bookingId": missed[0], "reason": "再次申诉"})
    assert again["code"] == "INVALID_TRANSITION"
    shown = await resident.data(LISTED)
    assert shown["noShowAppeals"]["nodes"] == [{"state": "DISMISSED", "reason": "忘记了", "decision": "理由不足"}]
    assert shown["noShows"]["totalCount"] == 3


async def test_appeals_are_for_whoever_booked_and_answers_for_somebody_else(api: Api, scene: Scene) -> None:
    (missed,) = await miss(api, scene, SUNDAYS[0])
    official = await api.clients("street-official", at=api.tree.street)
    given = {"bookingId": missed, "reason": "x"}
    assert (await official.mutate(APPEAL, input=given))["code"] == "FORBIDDEN"
    assert (await (await api.of(api.tree.neighbour)).mutate(APPEAL, input=given))["code"] == "NOT_FOUND"
    resident = await api.of(api.tree.resident)
    empty = await resident.mutate(APPEAL, input={**given, "reason": "  "})
    assert (empty["code"], empty["path"]) == ("VALIDATION", ["reason"])
    both = await api.clients("unit-admin", at=api.tree.unit, person=api.tree.resident)
    filed = await resident.mutate(APPEAL, input=given)
    decide = {"appealId": filed["id"], "uphold": True, "reason": "x"}
    assert (await both.mutate(DECIDE, input=decide))["code"] == "SELF_VERIFICATION"
    assert (await resident.mutate(DECIDE, input=decide))["code"] == "FORBIDDEN"
    community = await api.clients("community-staff", at=api.tree.community)
    assert (await community.mutate(DECIDE, input=decide))["code"] == "FORBIDDEN"
    partner = await api.clients("unit-admin", at=api.tree.partner)
    assert (await partner.mutate(DECIDE, input=decide))["code"] == "NOT_FOUND"
    assert (await api.owner.mutate(DECIDE, input={**decide, "reason": ""}))["code"] == "VALIDATION"
    assert (await api.owner.data(LISTED))["noShowAppeals"]["nodes"][0]["state"] == "PENDING"


async def test_the_reasons_of_an_appeal_are_for_the_person_and_whoever_decides(api: Api, scene: Scene) -> None:
    (missed,) = await miss(api, scene, SUNDAYS[0])
    resident = await api.of(api.tree.resident)
    await resident.mutate(APPEAL, input={"bookingId": missed, "reason": "当日住院"})
    community = await api.clients("community-staff", at=api.tree.community)
    grid = await api.clients("grid-officer", at=api.tree.community)
    seen: list[Any] = [
        (await one.data(LISTED))["noShowAppeals"]["nodes"] for one in (resident, api.owner, community, grid)
    ]
    filed = {"state": "PENDING", "reason": "当日住院", "decision": None}
    assert seen == [[filed], [filed], [{**filed, "reason": None}], []]


async def test_striking_a_no_show_out_upholds_the_appeal_that_waits(api: Api, scene: Scene) -> None:
    (missed,) = await miss(api, scene, SUNDAYS[0])
    resident = await api.of(api.tree.resident)
    await resident.mutate(APPEAL, input={"bookingId": missed, "reason": "当日住院"})
    assert await api.owner.mutate(WAIVE, input={"bookingId": missed, "reason": "属实"}) == {"state": "NO_SHOW"}
    assert (await resident.data(LISTED))["noShowAppeals"]["nodes"] == [
        {"state": "UPHELD", "reason": "当日住院", "decision": "属实"}
    ]


async def test_a_no_show_is_reversed_by_the_owners_side_and_never_by_whoever_booked(api: Api, scene: Scene) -> None:
    (missed,) = await miss(api, scene, SUNDAYS[0])
    came = {"occurredAt": at(SUNDAYS[0], "09:05")}
    alone = await api.step(api.tree.resident, "checkInBooking", missed, **came)
    assert (alone["__typename"], alone["code"]) == ("RejectedError", "SELF_VERIFICATION")
    both = await api.clients("unit-admin", at=api.tree.unit, person=api.tree.resident)
    assert (await api.step(both, "checkInBooking", missed, **came))["code"] == "SELF_VERIFICATION"
    actions = "query ($id: ID!) { booking(id: $id) { state availableActions { name } } noShows { nodes { struckAt } } }"
    mine = await (await api.of(api.tree.resident)).data(actions, id=missed)
    assert mine["booking"] == {"state": "NO_SHOW", "availableActions": []}
    assert mine["noShows"]["nodes"] == [{"struckAt": None}]
    manager = await api.clients("unit-admin", at=api.tree.unit, person=api.tree.staff)
    assert (await api.step(manager, "checkInBooking", missed, **came))["state"] == "COMPLETED"
    struck = await manager.data("{ noShows { nodes { struckAt struckBy { id } } } }")
    assert struck["noShows"]["nodes"][0]["struckBy"] == {"id": global_id("Person", api.tree.staff.id)}


async def test_a_backdated_cancellation_of_ones_own_is_late_all_the_same(api: Api, scene: Scene) -> None:
    booking = await api.book(api.tree.resident, SUNDAYS[0], "09:00", "10:00")
    await Sweepers([scene.district]).advance(scene.at(f"{SUNDAYS[0]} 08:00"))
    early = {"occurredAt": at("2026-03-14", "20:00")}
    assert (await api.step(api.tree.resident, "cancelBooking", booking["id"], **early))["state"] == "CANCELLED"
    found = await (await api.of(api.tree.resident)).data("{ noShows { nodes { halves date } } }")
    assert found["noShows"]["nodes"] == [{"halves": 1, "date": SUNDAYS[0]}]
    begun = await api.book(api.tree.neighbour, SUNDAYS[0], "11:00", "12:00")
    await Sweepers([scene.district]).advance(scene.at(f"{SUNDAYS[0]} 11:10"))
    late = await api.step(api.tree.neighbour, "cancelBooking", begun["id"], occurredAt=at(SUNDAYS[0], "08:30"))
    assert late["code"] == "CANCELLATION_TIME_PAST"
