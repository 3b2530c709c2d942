"""An owner's terms over GraphQL: quotas and blackouts, as bookers meet them."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from linli.core.people.models import Person
from linli.plugins.venues.settings import VenueSettings
from linli.schema.testing import Client
from tests.plugins.venues.api import Api, at

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY, SUNDAY, NEXT_SATURDAY = "2026-03-11", "2026-03-14", "2026-03-15", "2026-03-21"
SET = """mutation ($input: SetOpeningPolicyInput!) { setOpeningPolicy(input: $input) { __typename
  ... on OpeningPolicy { number quotas { tier scope period counted limit windows } blackouts { start end ownStaff } }
  ... on Error { code path } ... on ValidationError { fields { path code } } } }"""
BOOK = """mutation ($input: BookVenueInput!) { bookVenue(input: $input) { __typename
  ... on Booking { id state tier }
  ... on Error { code message path }
  ... on NotEligibleError { window reason nextEligibleStart }
  ... on RejectedError { details }
  ... on QuotaExceededError { tier scope period counted limit used freesAt } } }"""
JOIN = """mutation ($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { __typename
  ... on WaitlistEntry { id state } ... on Error { code path } } }"""
WINDOWS = """query ($id: ID!) { venue(id: $id) { windows(from: "2026-03-11", to: "2026-03-11") {
  start end window tiers blackout } } }"""
TWO_A_WEEK = {"tier": "RESIDENT", "period": "WEEK", "limit": 2}


async def agree(api: Api, **terms: Any) -> Any:
    return await api.owner.mutate(SET, input={"venueId": api.venue, **terms})


async def book(api: Api, who: Person | Client, day: str, start: str, end: str, **more: Any) -> Any:
    client = who if isinstance(who, Client) else await api.of(who)
    return await client.mutate(BOOK, input={"venueId": api.venue, "start": at(day, start), "end": at(day, end), **more})


async def test_a_third_booking_in_a_week_is_refused_with_the_day_from_which_there_is_room(api: Api) -> None:
    policy = await agree(api, quotas=[TWO_A_WEEK])
    assert policy["quotas"] == [
        {
            **TWO_A_WEEK,
            "scope": "PERSON",
            "counted": "BOOKINGS",
            "windows": ["WORK", "AFTER_HOURS", "OFF"],
        }
    ]
    resident = await api.of(api.tree.resident)
    for day in (SATURDAY, SUNDAY):
        assert (await book(api, resident, day, "10:00", "11:00"))["state"] == "CONFIRMED"
    refused = await book(api, resident, SUNDAY, "15:00", "16:00", requestId="q-1")
    assert refused.pop("message")
    assert refused == {
        "__typename": "QuotaExceededError",
        "code": "QUOTA_EXCEEDED",
        "path": ["start"],
        "tier": "RESIDENT",
        "scope": "PERSON",
        "period": "WEEK",
        "counted": "BOOKINGS",
        "limit": 2,
        "used": 2,
        "freesAt": at("2026-03-16", "00:00"),
    }
    again = await book(api, resident, SUNDAY, "15:00", "16:00", requestId="q-1")
    assert {name: again[name] for name in refused} == refused
    assert (await book(api, api.tree.neighbour, SUNDAY, "15:00", "16:00"))["state"] == "CONFIRMED"
    assert (await book(api, resident, NEXT_SATURDAY, "10:00", "11:00"))["state"] == "CONFIRMED"


async def test_what_was_given_back_uses_up_no_quota(api: Api) -> None:
    await agree(api, quotas=[{**TWO_A_WEEK, "limit": 60, "counted": "MINUTES", "period": "DAY"}])
    first = await book(api, api.tree.resident, SATURDAY, "10:00", "11:00")
    assert (await book(api, api.tree.resident, SATURDAY, "12:00", "12:30"))["used"] == 60
    await api.step(api.tree.resident, "cancelBooking", first["id"])
    assert (await book(api, api.tree.resident, SATURDAY, "12:00", "12:30"))["state"] == "CONFIRMED"
    longer = await book(api, api.tree.resident, SUNDAY, "10:00", "12:00")
    assert (longer["code"], longer["used"], longer["freesAt"]) == ("QUOTA_EXCEEDED", 0, None)


async def test_a_quota_of_a_tier_counts_everybody_of_it_and_nobody_else(api: Api) -> None:
    await agree(api, quotas=[{"tier": "PARTNER_STAFF", "scope": "TIER", "period": "DAY", "limit": 1}])
    assert (await book(api, api.tree.partner_staff, WEDNESDAY, "18:00", "19:00"))["state"] == "CONFIRMED"
    assert (await book(api, api.tree.partner_staff, WEDNESDAY, "19:00", "20:00"))["code"] == "QUOTA_EXCEEDED"
    assert (await book(api, api.tree.staff, WEDNESDAY, "19:00", "20:00"))["state"] == "CONFIRMED"


async def test_of_ten_bookings_at_once_a_quota_admits_one(api: Api) -> None:
    await agree(api, quotas=[{**TWO_A_WEEK, "limit": 1}])
    clients = [await api.of(api.tree.resident) for _ in range(10)]
    hours = [(f"{hour:02}:00", f"{hour + 1:02}:00") for hour in range(8, 18)]
    asked = zip(clients, hours, strict=True)
    answers = await asyncio.gather(*(book(api, one, SATURDAY, start, end) for one, (start, end) in asked))
    assert Counter(one["__typename"] for one in answers) == {"Booking": 1, "QuotaExceededError": 9}


async def test_nobody_waits_beyond_a_quota(api: Api) -> None:
    await agree(api, quotas=[{**TWO_A_WEEK, "limit": 1}])
    await book(api, api.tree.staff, SATURDAY, "10:00", "11:00")
    await book(api, api.tree.resident, SATURDAY, "12:00", "13:00")
    wanted = {"venueId": api.venue, "start": at(SATURDAY, "10:00"), "end": at(SATURDAY, "11:00")}
    refused = await (await api.of(api.tree.resident)).mutate(JOIN, input=wanted)
    assert (refused["__typename"], refused["code"]) == ("QuotaExceededError", "QUOTA_EXCEEDED")


async def test_who_used_up_a_quota_while_waiting_is_passed_over(api: Api) -> None:
    await agree(api, quotas=[{**TWO_A_WEEK, "limit": 1}])
    taken = await book(api, api.tree.staff, SATURDAY, "10:00", "11:00")
    wanted = {"venueId": api.venue, "start": at(SATURDAY, "10:00"), "end": at(SATURDAY, "11:00")}
    for person in (api.tree.resident, api.tree.neighbour):
        assert (await (await api.of(person)).mutate(JOIN, input=wanted))["state"] == "WAITING"
    assert (await book(api, api.tree.resident, SUNDAY, "10:00", "11:00"))["state"] == "CONFIRMED"
    await api.step(api.tree.staff, "cancelBooking", taken["id"])
    states = [
        (await (await api.of(one)).data("{ waitlist { nodes { state } } }"))["waitlist"]["nodes"]
        for one in (api.tree.resident, api.tree.neighbour)
    ]
    assert states == [[{"state": "WAITING"}], [{"state": "OFFERED"}]]


async def test_nobody_waits_for_a_time_that_is_free(api: Api) -> None:
    wanted = {"venueId": api.venue, "start": at(SATURDAY, "10:00"), "end": at(SATURDAY, "11:00")}
    resident = await api.of(api.tree.resident)
    refused = await resident.mutate(JOIN, input=wanted)
    assert refused == {"__typename": "RejectedError", "code": "TIME_IS_FREE", "path": ["start"]}
    assert (await book(api, resident, SATURDAY, "10:00", "11:00"))["state"] == "CONFIRMED"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"quotas": [{**TWO_A_WEEK, "limit": 0}]}, ("VALIDATION", ["quotas", "0", "limit"])),
        ({"quotas": [{**TWO_A_WEEK, "counted": "MINUTES", "limit": 29}]}, ("VALIDATION", ["quotas", "0", "limit"])),
        ({"quotas": [{**TWO_A_WEEK, "windows": []}]}, ("VALIDATION", ["quotas", "0", "windows"])),
        ({"quotas": [{**TWO_A_WEEK, "scope": "TIER"}]}, ("BELOW_AGREEMENT_FLOOR", ["quotas", "0"])),
        (
            {"blackouts": [{"start": "08:00", "end": "09:00", "weekdays": []}]},
            ("VALIDATION", ["blackouts", "0", "weekdays"]),
        ),
        (
            {"blackouts": [{"start": "08:00", "end": "09:00", "validFrom": "2026-05-01", "validTo": "2026-05-01"}]},
            ("VALIDATION", ["blackouts", "0", "validTo"]),
        ),
        (
            {"blackouts": [{"start": "08:00", "end": "09:00", "windows": ["OFF"], "ownStaff": True}]},
            ("BELOW_AGREEMENT_FLOOR", ["blackouts", "0"]),
        ),
    ],
)
async def test_terms_that_cannot_be_meant_are_refused(api: Api, terms: Any, expected: tuple[str, list[str]]) -> None:
    refused = await agree(api, **terms)
    assert (refused["code"], refused["path"]) == expected
    shown = await api.owner.data("query ($id: ID!) { venue(id: $id) { policies { totalCount } } }", id=api.venue)
    assert shown["venue"]["policies"]["totalCount"] == 0


@pytest.mark.linli(
    plugins=["venues"], settings={"venues": {"quotas": [{"tier": "RESIDENT", "period": "DAY", "limit": 1}]}}
)
async def test_a_district_sets_quotas_that_a_venue_may_replace(api: Api) -> None:
    assert (await book(api, api.tree.resident, SATURDAY, "10:00", "11:00"))["state"] == "CONFIRMED"
    assert (await book(api, api.tree.resident, SATURDAY, "12:00", "13:00"))["code"] == "QUOTA_EXCEEDED"
    assert (await agree(api))["quotas"] is None
    assert (await book(api, api.tree.resident, SATURDAY, "12:00", "13:00"))["code"] == "QUOTA_EXCEEDED"
    assert (await agree(api, quotas=[]))["quotas"] == []
    assert (await book(api, api.tree.resident, SATURDAY, "12:00", "13:00"))["state"] == "CONFIRMED"


@pytest.mark.parametrize(
    "quota",
    [{"limit": 0}, {"limit": 1, "windows": []}, {"limit": 1, "scope": "TIER"}],
)
def test_settings_ration_no_days_off_and_leave_something(quota: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="quota"):
        VenueSettings.model_validate({"quotas": [{"tier": "RESIDENT", "period": "WEEK", **quota}]})


async def test_a_blackout_shows_and_is_stepped_over(api: Api) -> None:
    policy = await agree(api, blackouts=[{"start": "18:00", "end": "20:00", "weekdays": ["WEDNESDAY"]}])
    assert policy["blackouts"] == [{"start": "18:00", "end": "20:00", "ownStaff": False}]
    shown = (await (await api.clients()).data(WINDOWS, id=api.venue))["venue"]["windows"]
    assert [(one["start"][11:16], one["tiers"], one["blackout"]) for one in shown] == [
        ("07:00", ["OWN_STAFF", "PARTNER_STAFF"], False),
        ("09:00", ["OWN_STAFF"], False),
        ("18:00", [], True),
        ("20:00", ["OWN_STAFF", "PARTNER_STAFF"], False),
    ]
    assert all(one["end"] == following["start"] for one, following in pairwise(shown))
    closed = await book(api, api.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    assert (closed["code"], closed["details"]) == ("VENUE_CLOSED", {"nextEligibleStart": "2026-03-11T12:00:00+00:00"})
    working = await book(api, api.tree.partner_staff, WEDNESDAY, "16:00", "17:00")
    assert (working["code"], working["nextEligibleStart"]) == ("NOT_ELIGIBLE", at(WEDNESDAY, "20:00"))


async def test_a_blackout_may_leave_the_venue_to_the_owners_staff_between_two_days(api: Api) -> None:
    dated = {"start": "18:00", "end": "22:00", "validFrom": "2026-03-11", "validTo": "2026-03-12", "ownStaff": True}
    await agree(api, blackouts=[dated])
    assert (await book(api, api.tree.staff, WEDNESDAY, "19:00", "20:00"))["tier"] == "OWN_STAFF"
    refused = await book(api, api.tree.partner_staff, WEDNESDAY, "20:00", "21:00")
    assert (refused["code"], refused["window"]) == ("NOT_ELIGIBLE", "AFTER_HOURS")
    assert refused["nextEligibleStart"] == at("2026-03-12", "07:00")


async def test_a_school_admits_residents_in_the_evening_but_not_on_school_days(api: Api) -> None:
    evening = {"extraTiers": [{"window": "AFTER_HOURS", "tier": "RESIDENT"}]}
    await agree(api, **evening)
    assert (await book(api, api.tree.resident, WEDNESDAY, "19:00", "20:00"))["tier"] == "RESIDENT"
    await agree(api, **evening, residentsExcludedOnSchoolDays=True)
    refused = await book(api, api.tree.resident, WEDNESDAY, "20:00", "21:00")
    assert (refused["code"], refused["nextEligibleStart"]) == ("NOT_ELIGIBLE", at(SATURDAY, "07:00"))


async def test_new_terms_take_nothing_away_from_whoever_booked_before(api: Api) -> None:
    booking = await book(api, api.tree.partner_staff, WEDNESDAY, "19:00", "20:00")
    await agree(api, blackouts=[{"start": "18:00", "end": "22:00"}])
    api.clock.advance(datetime.fromisoformat(at(WEDNESDAY, "19:00")))
    assert (await api.step(api.tree.partner_staff, "checkInBooking", booking["id"]))["state"] == "IN_USE"
