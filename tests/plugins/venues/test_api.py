"""Venues through GraphQL: the acceptance scenarios as a frontend drives them."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.jobs.sweepers import Sweepers
from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.plugins.venues.api import BOOK, CREATE, Api, at, org, set_up
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY, SUNDAY, SWAP_DAY = "2026-03-11", "2026-03-14", "2026-03-15", "2026-10-06"


async def test_a_venue_has_the_promised_defaults(client: Clients, tree: Tree) -> None:
    _, venue = await set_up(client, tree, exclusive=None)
    del venue["id"]
    assert venue == {
        "__typename": "Venue",
        "name": "示例篮球场",
        "mode": "BOOKED",
        "units": 1,
        "exclusive": False,
        "openFrom": "07:00",
        "openTo": "22:00",
        "granularityMinutes": 30,
        "bufferBeforeMinutes": 0,
        "minMinutes": None,
        "requiresApproval": False,
        "owner": {"name": "示例单位1"},
        "community": {"code": "430602003006"},
    }


async def test_working_hours_belong_to_the_owner(api: Api) -> None:
    """AC-01."""
    given = await api.book(api.tree.staff, WEDNESDAY, "10:00", "11:00")
    assert (given["state"], given["window"], given["tier"]) == ("CONFIRMED", "WORK", "OWN_STAFF")
    assert (given["unit"], given["tierEvidence"], given["person"]) == (1, "REGISTRY", {"name": "示例甲"})
    partner = await api.book(api.tree.partner_staff, WEDNESDAY, "14:00", "15:00")
    assert partner["__typename"] == "NotEligibleError"
    assert (partner["code"], partner["window"]) == ("NOT_ELIGIBLE", "WORK")
    assert partner["nextEligibleStart"] == at(WEDNESDAY, "18:00")
    resident = await api.book(api.tree.resident, WEDNESDAY, "14:00", "15:00")
    assert (resident["code"], resident["nextEligibleStart"]) == ("NOT_ELIGIBLE", at(SATURDAY, "07:00"))


async def test_after_hours_belong_to_partners_too(api: Api) -> None:
    """AC-02."""
    given = await api.book(api.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    assert (given["state"], given["window"]) == ("CONFIRMED", "AFTER_HOURS")
    resident = await api.book(api.tree.resident, WEDNESDAY, "20:00", "21:00")
    assert (resident["code"], resident["window"]) == ("NOT_ELIGIBLE", "AFTER_HOURS")
    stranger = await api.book(api.tree.stranger_staff, WEDNESDAY, "20:00", "21:00")
    assert (stranger["__typename"], stranger["code"]) == ("NotEligibleError", "NO_ACTIVE_AGREEMENT")


async def test_days_off_are_free_for_residents(api: Api) -> None:
    """AC-03."""
    given = await api.book(api.tree.resident, SATURDAY, "09:00", "11:00")
    assert (given["state"], given["window"], given["fee"]) == ("CONFIRMED", "OFF", 0)
    policy = await api.owner.mutate(
        "mutation ($input: SetOpeningPolicyInput!) { setOpeningPolicy(input: $input) {"
        " ... on Error { code path } ... on OpeningPolicy { number } } }",
        input={"venueId": api.venue, "fees": [{"window": "OFF", "tier": "RESIDENT", "fen": 1000}]},
    )
    assert policy == {"code": "FEE_NOT_ALLOWED", "path": ["fees", "0", "fen"]}


async def test_a_swap_day_is_a_day_off_for_residents_and_not_for_partners(api: Api) -> None:
    """AC-04."""
    given = await api.book(api.tree.resident, SWAP_DAY, "10:00", "12:00")
    assert (given["state"], given["dayKind"]) == ("CONFIRMED", "HOLIDAY_ADJUSTED")
    partner = await api.book(api.tree.partner_staff, SWAP_DAY, "14:00", "15:00")
    assert (partner["code"], partner["reason"]) == ("OFF_DAY_PARTNERS_DISABLED", "OFF_DAY_PARTNERS_DISABLED")


async def test_of_twenty_clients_one_gets_the_slot(api: Api) -> None:
    """AC-07."""
    await api.book(api.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    taken = await api.book(api.tree.staff, WEDNESDAY, "19:30", "20:30")
    assert (taken["__typename"], taken["code"]) == ("OverlappingError", "OVERLAPPING")
    clients = [await api.of(api.tree.staff) for _ in range(20)]
    answers = await asyncio.gather(*(api.book(one, WEDNESDAY, "20:00", "21:00") for one in clients))
    assert Counter(one["__typename"] for one in answers) == {"Booking": 1, "OverlappingError": 19}
    listed = await api.owner.data(
        "query ($id: ID!) { venue(id: $id) { bookings(filter: {state: {eq: CONFIRMED}}) { totalCount } } }",
        id=api.venue,
    )
    assert listed == {"venue": {"bookings": {"totalCount": 2}}}


async def test_a_no_show_and_who_waited(api: Api, scene: Scene, events: Callable[[], Awaitable[list[Event]]]) -> None:
    """AC-08."""
    missed = await api.book(api.tree.resident, SUNDAY, "09:00", "10:00")
    neighbour = await api.of(api.tree.neighbour)
    entry = await neighbour.mutate(
        "mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) {"
        " ... on WaitlistEntry { id state tier } ... on Error { code } } }",
        input={"venueId": api.venue, "start": at(SUNDAY, "09:00"), "end": at(SUNDAY, "10:00")},
    )
    assert (entry["state"], entry["tier"]) == ("WAITING", "RESIDENT")
    shown = "query ($id: ID!) { booking(id: $id) { state history { nodes { type } } } }"
    api.clock.advance(scene.at(f"{SUNDAY} 09:15"))
    resident = await api.of(api.tree.resident)
    due = await resident.data(shown, id=missed["id"])
    assert due["booking"]["state"] == "NO_SHOW"
    await Sweepers([scene.district]).advance(scene.at(f"{SUNDAY} 09:15"))
    swept = await resident.data(shown, id=missed["id"])
    assert swept["booking"]["state"] == "NO_SHOW"
    await events()
    told = await api.owner.data(shown, id=missed["id"])
    types = [one["type"] for one in told["booking"]["history"]["nodes"]]
    assert types == ["venues.confirmed", "venues.no_show"]
    waited = await neighbour.data("{ waitlist { nodes { state booking { state } } } }")
    assert waited["waitlist"]["nodes"] == [{"state": "FULFILLED", "booking": {"state": "CONFIRMED"}}]


async def test_a_closure_displaces_and_offers(api: Api) -> None:
    """AC-09."""
    booked = [
        await api.book(api.tree.resident, SATURDAY, "08:00", "09:00"),
        await api.book(api.tree.neighbour, SATURDAY, "17:30", "18:30"),
        await api.book(api.tree.staff, SATURDAY, "19:00", "20:00"),
    ]
    closure = await api.owner.mutate(
        "mutation ($input: CloseVenueInput!) { closeVenue(input: $input) {"
        " ... on Closure { id kind reason } ... on Error { code } } }",
        input={
            "venueId": api.venue,
            "start": at(SATURDAY, "08:00"),
            "end": at(SATURDAY, "18:00"),
            "reason": "更换地板",
            "kind": "MAINTENANCE",
        },
    )
    assert closure["kind"] == "MAINTENANCE"
    listed = await api.owner.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Booking {"
        " state closure { id } alternatives { venueId start end } } } }",
        ids=[one["id"] for one in booked],
    )
    first, second, third = listed["nodes"]
    assert [first["state"], second["state"], third["state"]] == ["DISPLACED", "DISPLACED", "CONFIRMED"]
    assert first["closure"] == {"id": closure["id"]}
    assert first["alternatives"][0] == {
        "venueId": api.venue,
        "start": at(SATURDAY, "18:00"),
        "end": at(SATURDAY, "19:00"),
    }
    refused = await api.book(api.tree.resident, SATURDAY, "10:00", "11:00")
    assert (refused["__typename"], refused["code"]) == ("RejectedError", "VENUE_CLOSED")


@pytest.mark.parametrize(
    ("start", "end", "typename", "codes"),
    [
        pytest.param("2026-03-11T09:00", "2026-03-12T10:00", "ValidationError", ["NOT_ONE_DAY"], id="25 hours"),
        pytest.param("2026-03-11T11:00", "2026-03-11T10:00", "ValidationError", ["END_NOT_AFTER_START"], id="reversed"),
        pytest.param("2026-03-11T10:10", "2026-03-11T11:00", "RejectedError", "NOT_ON_GRANULARITY", id="off the grid"),
        pytest.param("2026-03-08T10:00", "2026-03-08T11:00", "RejectedError", "IN_THE_PAST", id="past"),
        pytest.param("2026-03-11T22:00", "2026-03-11T23:00", "RejectedError", "OUTSIDE_OPENING_HOURS", id="closed"),
    ],
)
async def test_what_cannot_be_booked_says_why(api: Api, start: str, end: str, typename: str, codes: Any) -> None:
    client = await api.of(api.tree.staff)
    given = {"venueId": api.venue, "start": f"{start}:00+08:00", "end": f"{end}:00+08:00"}
    answer = await client.mutate(BOOK, input=given)
    assert answer["__typename"] == typename
    found = [one["code"] for one in answer["fields"]] if typename == "ValidationError" else answer["code"]
    assert found == codes
    assert answer["message"]


async def test_an_unknown_word_is_no_request_at_all(api: Api) -> None:
    answer = await api.owner.query(CREATE, input={"name": "x", "kind": "POOL"})
    assert answer.codes
    assert answer.codes[0] == "GRAPHQL_VALIDATION"


async def test_anybody_reads_venues_with_their_windows_and_owner_and_nobody_the_bookings(api: Api) -> None:
    await api.book(api.tree.staff, WEDNESDAY, "10:00", "11:00")
    nobody = await api.clients()
    data = await nobody.data(
        """query ($id: ID!) { venue(id: $id) { name owner { kind code name } community { name }
          windows(from: "2026-03-13", to: "2026-03-14") { start end window tiers dayKind }
          availability(from: "2026-03-11", to: "2026-03-11") { start unit remaining }
          eligibility(start: "2026-03-14T09:00:00+08:00", end: "2026-03-14T10:00:00+08:00") { eligible reason }
          doorList(date: "2026-03-11") { name } bookings { totalCount } }
          bookings { totalCount } orgs(filter: {kind: {eq: RESIDENT_UNIT}}) { nodes { code } } }""",
        id=api.venue,
    )
    venue = data["venue"]
    assert venue["owner"] == {"kind": "RESIDENT_UNIT", "code": "U1", "name": "示例单位1"}
    assert [(one["start"][:16], one["window"], one["tiers"]) for one in venue["windows"]] == [
        ("2026-03-13T07:00", "AFTER_HOURS", ["OWN_STAFF", "PARTNER_STAFF"]),
        ("2026-03-13T09:00", "WORK", ["OWN_STAFF"]),
        ("2026-03-13T18:00", "AFTER_HOURS", ["OWN_STAFF", "PARTNER_STAFF"]),
        ("2026-03-14T07:00", "OFF", ["OWN_STAFF", "RESIDENT"]),
    ]
    starts = [one["start"] for one in venue["availability"]]
    assert at(WEDNESDAY, "10:00") not in starts
    assert at(WEDNESDAY, "10:30") not in starts
    assert {at(WEDNESDAY, "09:30"), at(WEDNESDAY, "11:00")} <= set(starts)
    assert venue["eligibility"] == {"eligible": False, "reason": "NOT_ELIGIBLE"}
    assert (venue["doorList"], venue["bookings"], data["bookings"]) == ([], {"totalCount": 0}, {"totalCount": 0})
    assert data["orgs"]["nodes"] == [{"code": "U1"}]


async def test_eligibility_explains_itself(api: Api) -> None:
    ask = """query ($id: ID!, $start: DateTime!, $end: DateTime!) { venue(id: $id) {
      eligibility(start: $start, end: $end) {
        eligible tier window reason nextEligibleStart pieces { start window tier dayKind } } } }"""
    client = await api.of(api.tree.partner_staff)
    data = await client.data(ask, id=api.venue, start=at(WEDNESDAY, "17:00"), end=at(WEDNESDAY, "19:00"))
    found = data["venue"]["eligibility"]
    assert (found["eligible"], found["tier"], found["window"]) == (False, None, "WORK")
    assert (found["reason"], found["nextEligibleStart"]) == ("NOT_ELIGIBLE", at(WEDNESDAY, "18:00"))
    assert [(one["window"], one["tier"]) for one in found["pieces"]] == [
        ("WORK", None),
        ("AFTER_HOURS", "PARTNER_STAFF"),
    ]


@pytest.mark.parametrize(
    ("first", "last"), [("2026-03-14", "2026-03-13"), ("2026-03-01", "2026-04-01")], ids=["reversed", "32 days"]
)
async def test_windows_are_asked_for_at_most_31_days(api: Api, first: str, last: str) -> None:
    ask = "query ($id: ID!, $a: Date!, $b: Date!) { venue(id: $id) { windows(from: $a, to: $b) { start } } }"
    answer = await (await api.clients()).query(ask, id=api.venue, a=first, b=last)
    assert answer.codes == ["VALIDATION"]
    whole = await (await api.clients()).data(ask, id=api.venue, a="2026-03-01", b="2026-03-31")
    assert len(whole["venue"]["windows"]) == 22 * 3 + 9


async def test_the_steps_offered_are_those_that_work(api: Api) -> None:
    booking = await api.book(api.tree.resident, SATURDAY, "10:00", "12:00")
    ask = "query ($id: ID!) { booking(id: $id) { availableActions { name title allowed reason requires until } } }"
    resident = await api.of(api.tree.resident)
    found = await resident.data(ask, id=booking["id"])
    offered = {one["name"]: one for one in found["booking"]["availableActions"]}
    assert {name: one["allowed"] for name, one in offered.items()} == {"cancelBooking": True, "checkInBooking": False}
    assert offered["cancelBooking"]["until"] == at(SATURDAY, "10:00")
    assert offered["checkInBooking"]["reason"]
    early = await api.step(resident, "checkInBooking", booking["id"])
    assert (early["code"], early["message"]) == ("INVALID_TRANSITION", offered["checkInBooking"]["reason"])
    done = await api.step(resident, "cancelBooking", booking["id"], expectedVersion=1)
    assert (done["state"], done["version"], done["availableActions"]) == ("CANCELLED", 2, [])
    stale = await api.step(resident, "cancelBooking", booking["id"], expectedVersion=1)
    assert stale["code"] == "CONFLICT"


async def test_the_door_knows_who_comes(api: Api) -> None:
    await api.book(api.tree.staff, SATURDAY, "10:00", "11:00")
    await api.book(api.tree.resident, SATURDAY, "11:00", "12:00", partySize=3)
    ask = """query ($id: ID!) { venue(id: $id) { doorList(date: "2026-03-14") {
      name unit partySize tier state start booking { id } } } }"""
    listed = (await api.owner.data(ask, id=api.venue))["venue"]["doorList"]
    assert [(one["name"], one["partySize"], one["tier"]) for one in listed] == [
        ("示例甲", 1, "OWN_STAFF"),
        ("示**", 3, "RESIDENT"),
    ]
    resident = await api.of(api.tree.resident)
    assert [one["name"] for one in (await resident.data(ask, id=api.venue))["venue"]["doorList"]] == ["示例丙"]


async def test_roles_that_may_not_are_told_so_and_strangers_learn_nothing(api: Api) -> None:
    booking = await api.book(api.tree.resident, SATURDAY, "10:00", "12:00")
    official = await api.clients("street-official", at=api.tree.street)
    elsewhere = await api.clients("street-official", at=api.tree.other_street)
    seen = "query ($id: ID!) { booking(id: $id) { state } node(id: $id) { id } }"
    assert (await official.data(seen, id=booking["id"]))["booking"] == {"state": "CONFIRMED"}
    assert await elsewhere.data(seen, id=booking["id"]) == {"booking": None, "node": None}
    forbidden = await api.step(official, "cancelBooking", booking["id"])
    assert (forbidden["__typename"], forbidden["code"]) == ("RejectedError", "FORBIDDEN")
    hidden = await api.step(elsewhere, "cancelBooking", booking["id"])
    absent = global_id("Booking", api.tree.unit.id)
    missing = await api.step(elsewhere, "cancelBooking", absent)
    assert hidden == missing
    assert hidden["code"] == "NOT_FOUND"
    for wrong in ("x", base64.b64encode(b"Venue:1").decode(), api.venue):
        assert (await api.step(elsewhere, "cancelBooking", wrong))["code"] == "NOT_FOUND"


async def test_who_may_not_set_up_venues(api: Api) -> None:
    given = {"name": "x", "kind": "OTHER", "capacity": 0, "communityId": org(api.tree.community)}
    community = await api.clients("community-staff", at=api.tree.community)
    refused = await community.mutate(CREATE, input={**given, "ownerId": org(api.tree.unit)})
    assert refused["code"] == "FORBIDDEN"
    partner = await api.clients("unit-admin", at=api.tree.partner)
    hidden = await partner.mutate(CREATE, input={**given, "ownerId": org(api.tree.stranger)})
    assert hidden["code"] == "NOT_FOUND"
    own = await community.mutate(CREATE, input={**given, "ownerId": org(api.tree.community)})
    assert (own["__typename"], [one["path"] for one in own["fields"]]) == ("ValidationError", ["capacity"])


async def test_without_a_token_nothing_is_booked(api: Api) -> None:
    answer = await (await api.clients()).query(
        BOOK, input={"venueId": api.venue, "start": at(SATURDAY, "10:00"), "end": at(SATURDAY, "11:00")}
    )
    assert answer.codes == ["UNAUTHENTICATED"]


async def test_a_repeated_request_books_once(api: Api) -> None:
    client = await api.of(api.tree.resident)
    first = await api.book(client, SATURDAY, "10:00", "11:00", requestId="r-1")
    again = await api.book(client, SATURDAY, "10:00", "11:00", requestId="r-1")
    assert first == again
    other = await api.book(client, SATURDAY, "12:00", "13:00", requestId="r-1")
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_street_and_its_communities_list_their_venues(api: Api) -> None:
    nobody = await api.clients()
    ask = "query ($id: ID!) { org(id: $id) { venues { nodes { name } } } }"
    for node, found in ((api.tree.street, 1), (api.tree.community, 1), (api.tree.other_street, 0)):
        data = await nobody.data(ask, id=org(node))
        assert len(data["org"]["venues"]["nodes"]) == found


async def test_a_communitys_terms_wait_for_its_secretary(api: Api) -> None:
    staff = await api.clients("community-staff", at=api.tree.community)
    secretary = await api.clients("community-secretary", at=api.tree.community)
    given = {"name": "示例活动室", "kind": "CULTURE_ROOM", "capacity": 30, "communityId": org(api.tree.community)}
    room = await staff.mutate(CREATE, input={**given, "ownerId": org(api.tree.community)})
    policy = await staff.mutate(
        "mutation ($input: SetOpeningPolicyInput!) { setOpeningPolicy(input: $input) {"
        " ... on OpeningPolicy { id number approvedAt blackouts { start end weekdays windows } }"
        " ... on Error { code } } }",
        input={"venueId": room["id"], "blackouts": [{"start": "08:00", "end": "09:00", "weekdays": ["MONDAY"]}]},
    )
    assert (policy["number"], policy["approvedAt"]) == (1, None)
    assert policy["blackouts"] == [
        {"start": "08:00", "end": "09:00", "weekdays": ["MONDAY"], "windows": ["WORK", "AFTER_HOURS"]}
    ]
    approve = (
        "mutation ($input: ApproveOpeningPolicyInput!) { approveOpeningPolicy(input: $input) {"
        " ... on OpeningPolicy { approvedAt } ... on Error { code } } }"
    )
    assert await staff.mutate(approve, input={"policyId": policy["id"]}) == {"code": "FORBIDDEN"}
    done = await secretary.mutate(approve, input={"policyId": policy["id"]})
    assert done["approvedAt"]


async def test_people_who_walked_in_are_logged_by_the_owner(api: Api) -> None:
    log = (
        "mutation ($input: RecordUsageInput!) { recordUsage(input: $input) {"
        " ... on UsageEntry { date heads minutes } ... on Error { code } } }"
    )
    given = {"venueId": api.venue, "date": "2026-03-08", "window": "OFF", "tier": "RESIDENT", "heads": 12}
    assert await api.owner.mutate(log, input=given) == {"date": "2026-03-08", "heads": 12, "minutes": 0}
    assert await api.owner.mutate(log, input={**given, "window": "WORK"}) == {"code": "VALIDATION"}
    assert await api.owner.mutate(log, input={**given, "date": "2026-03-10"}) == {"code": "VALIDATION"}
    resident = await api.of(api.tree.resident)
    assert await resident.mutate(log, input=given) == {"code": "FORBIDDEN"}
    listed = await api.owner.data(
        "query ($id: ID!) { venue(id: $id) { usage { nodes { heads tier window } } } }", id=api.venue
    )
    assert listed["venue"]["usage"]["nodes"] == [{"heads": 12, "tier": "RESIDENT", "window": "OFF"}]


async def test_a_venue_is_changed_under_its_version(api: Api) -> None:
    change = (
        "mutation ($input: UpdateVenueInput!) { updateVenue(input: $input) {"
        " ... on Venue { name version openTo maxMinutes } ... on Error { code path } } }"
    )
    given = {"id": api.venue, "expectedVersion": 1, "openTo": "24:00", "maxMinutes": 120}
    done = await api.owner.mutate(change, input=given)
    assert done == {"name": "示例篮球场", "version": 2, "openTo": "24:00", "maxMinutes": 120}
    assert (await api.owner.mutate(change, input=given))["code"] == "CONFLICT"
    cleared = await api.owner.mutate(change, input={"id": api.venue, "maxMinutes": None})
    assert cleared["maxMinutes"] is None
    assert (await api.owner.mutate(change, input={"id": api.venue, "units": None}))["code"] == "VALIDATION"


async def test_an_owner_answers_requests(api: Api) -> None:
    given = {"name": "示例会议室", "kind": "MEETING_ROOM", "capacity": 12, "requiresApproval": True}
    ends = {"ownerId": org(api.tree.unit), "communityId": org(api.tree.community)}
    room = await api.owner.mutate(CREATE, input={**given, **ends})
    asked = [
        await api.book(api.tree.resident, SATURDAY, start, end, venueId=room["id"])
        for start, end in (("10:00", "11:00"), ("11:00", "12:00"))
    ]
    assert [one["state"] for one in asked] == ["REQUESTED", "REQUESTED"]
    ask = "query ($id: ID!) { booking(id: $id) { availableActions { name allowed } } }"
    seen = (await api.owner.data(ask, id=asked[0]["id"]))["booking"]["availableActions"]
    assert [one["name"] for one in seen if one["allowed"]] == ["approveBooking", "rejectBooking", "cancelBooking"]
    own = await api.step(api.tree.resident, "approveBooking", asked[0]["id"])
    assert own["code"] == "FORBIDDEN"
    approved = await api.step(api.owner, "approveBooking", asked[0]["id"])
    rejected = await api.step(api.owner, "rejectBooking", asked[1]["id"], reason="另有会议")
    assert (approved["state"], rejected["state"]) == ("CONFIRMED", "REJECTED")
    again = await api.step(api.owner, "approveBooking", asked[1]["id"])
    assert again["code"] == "INVALID_TRANSITION"


async def test_people_come_and_go(api: Api, scene: Scene) -> None:
    booking = await api.book(api.tree.resident, SATURDAY, "10:00", "12:00")
    api.clock.advance(scene.at(f"{SATURDAY} 10:30"))
    came = {"occurredAt": at(SATURDAY, "10:05")}
    alone = await api.step(api.tree.resident, "checkInBooking", booking["id"], **came)
    assert (alone["__typename"], alone["code"]) == ("RejectedError", "SELF_VERIFICATION")
    here = await api.step(api.owner, "checkInBooking", booking["id"], **came)
    assert here["state"] == "IN_USE"
    gone = await api.step(api.tree.resident, "checkOutBooking", booking["id"])
    assert gone["state"] == "COMPLETED"


async def test_whoever_waits_may_take_an_offer_or_leave(api: Api) -> None:
    taken = await api.book(api.tree.staff, SATURDAY, "10:00", "11:00")
    resident, neighbour = await api.of(api.tree.resident), await api.of(api.tree.neighbour)
    join = "mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { ... on WaitlistEntry { id state } } }"
    wanted = {"venueId": api.venue, "start": at(SATURDAY, "10:00"), "end": at(SATURDAY, "11:00")}
    first, second = [await one.mutate(join, input=wanted) for one in (resident, neighbour)]
    await api.step(api.tree.staff, "cancelBooking", taken["id"])
    leave = "mutation ($input: LeaveWaitlistInput!) { leaveWaitlist(input: $input) { ... on WaitlistEntry { state } } }"
    assert await resident.mutate(leave, input={"entryId": first["id"]}) == {"state": "LEFT"}
    accept = (
        "mutation ($input: AcceptWaitlistOfferInput!) { acceptWaitlistOffer(input: $input) {"
        " ... on Booking { state } ... on Error { code } } }"
    )
    assert await resident.mutate(accept, input={"entryId": second["id"]}) == {"code": "NOT_FOUND"}
    assert await neighbour.mutate(accept, input={"entryId": second["id"]}) == {"state": "CONFIRMED"}


async def test_a_no_show_is_waived_on_appeal(api: Api, scene: Scene) -> None:
    booking = await api.book(api.tree.resident, SATURDAY, "10:00", "12:00")
    await Sweepers([scene.district]).advance(scene.at(f"{SATURDAY} 12:00"))
    waive = (
        "mutation ($input: WaiveNoShowInput!) { waiveNoShow(input: $input) {"
        " ... on Booking { state } ... on Error { code } } }"
    )
    given = {"bookingId": booking["id"], "reason": "当日住院"}
    assert await (await api.of(api.tree.resident)).mutate(waive, input=given) == {"code": "FORBIDDEN"}
    assert await api.owner.mutate(waive, input=given) == {"state": "NO_SHOW"}


@pytest.mark.linli(plugins=["venues"], settings={"core": {"public_directory": False}})
async def test_a_district_may_keep_its_venues_from_the_public(api: Api) -> None:
    ask = "query ($id: ID!) { venue(id: $id) { name owner { name } } venues { totalCount } }"
    hidden = await (await api.clients()).data(ask, id=api.venue)
    assert hidden == {"venue": None, "venues": {"totalCount": 0}}
    shown = await (await api.of(api.tree.resident)).data(ask, id=api.venue)
    assert shown["venue"] == {"name": "示例篮球场", "owner": {"name": "示例单位1"}}
