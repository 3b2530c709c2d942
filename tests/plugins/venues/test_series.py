"""Series of bookings over GraphQL: each time judged by itself, kept together, given back together."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.jobs.sweepers import Sweepers
from linli.schema.testing import Client
from tests.plugins.venues.api import Api, at
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SERIES = """id firstDay lastDay weekdays everyWeeks start end partySize version cancelledAt
  bookings { nodes { id start state window } }
  refused { start end code message nextEligibleStart }"""
BOOK = (
    "mutation ($input: BookSeriesInput!) { bookSeries(input: $input) { __typename ... on BookingSeries { "
    + SERIES
    + """ } ... on Error { errorCode: code message path } ... on RejectedError { details }
      ... on ValidationError { fields { path code } } } }"""
)
CANCEL = (
    "mutation ($input: CancelSeriesInput!) { cancelSeries(input: $input) { __typename ... on BookingSeries { "
    + SERIES
    + " } ... on Error { errorCode: code path } } }"
)
NO_SHOWS = "{ noShows { nodes { halves date } } }"


async def book(api: Api, client: Client, **more: Any) -> Any:
    evenings = {"firstDay": "2026-03-09", "lastDay": "2026-03-29", "weekdays": ["WEDNESDAY"], "start": "19:00"}
    return await client.mutate(BOOK, input={"venueId": api.venue, **evenings, "end": "20:00", **more})


def days(series: Any, state: str = "CONFIRMED") -> list[str]:
    return [one["start"][:10] for one in series["bookings"]["nodes"] if one["state"] == state]


async def test_a_series_books_the_same_time_every_week(api: Api) -> None:
    partner = await api.of(api.tree.partner_staff)
    made = await book(api, partner, partySize=8)
    assert (made["firstDay"], made["weekdays"], made["everyWeeks"]) == ("2026-03-09", ["WEDNESDAY"], 1)
    assert (made["start"], made["end"], made["partySize"], made["refused"]) == ("19:00", "20:00", 8, [])
    assert days(made) == ["2026-03-11", "2026-03-18", "2026-03-25"]
    assert {one["start"][10:] for one in made["bookings"]["nodes"]} == {"T19:00:00+08:00"}
    first = made["bookings"]["nodes"][0]["id"]
    told = await partner.data("query ($id: ID!) { booking(id: $id) { series { id } } }", id=first)
    assert told["booking"] == {"series": {"id": made["id"]}}


async def test_only_the_occurrence_on_a_holiday_is_refused(api: Api) -> None:
    """Wednesday 2026-10-07 lies in the National Day block: partners have no access then."""
    partner = await api.of(api.tree.partner_staff)
    made = await book(api, partner, firstDay="2026-09-28", lastDay="2026-10-18")
    assert days(made) == ["2026-09-30", "2026-10-14"]
    (refused,) = made["refused"]
    assert refused.pop("message")
    assert refused == {
        "start": at("2026-10-07", "19:00"),
        "end": at("2026-10-07", "20:00"),
        "code": "OFF_DAY_PARTNERS_DISABLED",
        "nextEligibleStart": at("2026-10-08", "07:00"),
    }


async def test_what_others_booked_is_refused_and_the_rest_is_given(api: Api) -> None:
    await api.book(api.tree.staff, "2026-03-18", "19:30", "20:30")
    made = await book(api, await api.of(api.tree.partner_staff))
    assert days(made) == ["2026-03-11", "2026-03-25"]
    assert [one["code"] for one in made["refused"]] == ["OVERLAPPING"]


async def test_a_series_of_which_nothing_can_be_had_is_refused_and_leaves_nothing(api: Api) -> None:
    resident = await api.of(api.tree.resident)
    refused = await book(api, resident)
    assert (refused["__typename"], refused["errorCode"]) == ("RejectedError", "SERIES_REFUSED")
    assert [one["code"] for one in refused["details"]["refused"]] == ["NOT_ELIGIBLE"] * 3
    assert await resident.data("{ bookings { totalCount } }") == {"bookings": {"totalCount": 0}}


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({"weekdays": []}, [("weekdays", "EMPTY")]),
        (
            {"lastDay": "2026-05-31", "weekdays": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]},
            [("lastDay", "TOO_MANY")],
        ),
        ({"everyWeeks": 0, "lastDay": "2026-03-01"}, [("everyWeeks", "OUT_OF_RANGE"), ("lastDay", "END_BEFORE_START")]),
        ({"end": "19:00"}, [("end", "END_NOT_AFTER_START")]),
        ({"partySize": 0}, [("partySize", "OUT_OF_RANGE")]),
    ],
)
async def test_a_malformed_series_is_refused_as_a_whole(
    api: Api, more: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    partner = await api.of(api.tree.partner_staff)
    refused = await book(api, partner, **more)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == problems
    assert await partner.data("{ bookings { totalCount } }") == {"bookings": {"totalCount": 0}}


async def test_a_repeated_series_is_booked_once(api: Api) -> None:
    partner = await api.of(api.tree.partner_staff)
    first = await book(api, partner, requestId="s-1")
    assert await book(api, partner, requestId="s-1") == first
    other = await book(api, partner, requestId="s-1", partySize=2)
    assert other["errorCode"] == "IDEMPOTENCY_KEY_REUSED"
    assert await partner.data("{ bookings { totalCount } }") == {"bookings": {"totalCount": 3}}


async def test_the_rest_of_a_series_is_given_back_and_what_is_near_counts_half(api: Api, scene: Scene) -> None:
    partner = await api.of(api.tree.partner_staff)
    made = await book(api, partner)
    await Sweepers([scene.district]).advance(scene.at("2026-03-18 18:00"))
    given = {"seriesId": made["id"], "expectedVersion": made["version"], "reason": "活动取消"}
    left = await partner.mutate(CANCEL, input=given)
    assert (left["version"], bool(left["cancelledAt"])) == (2, True)
    assert days(left, "NO_SHOW") == ["2026-03-11"]
    assert days(left, "CANCELLED") == ["2026-03-18", "2026-03-25"]
    found = await partner.data(NO_SHOWS)
    assert [(one["date"], one["halves"]) for one in found["noShows"]["nodes"]] == [("2026-03-11", 2), ("2026-03-18", 1)]
    again = await partner.mutate(CANCEL, input={"seriesId": made["id"]})
    assert again == {"__typename": "RejectedError", "errorCode": "INVALID_TRANSITION", "path": []}
    assert (await partner.mutate(CANCEL, input=given))["errorCode"] == "CONFLICT"


async def test_a_series_is_given_back_from_a_day_on(api: Api) -> None:
    partner = await api.of(api.tree.partner_staff)
    made = await book(api, partner)
    left = await partner.mutate(CANCEL, input={"seriesId": made["id"], "since": at("2026-03-18", "00:00")})
    assert (days(left), days(left, "CANCELLED")) == (["2026-03-11"], ["2026-03-18", "2026-03-25"])


async def test_others_neither_see_nor_cancel_a_series(api: Api) -> None:
    made = await book(api, await api.of(api.tree.partner_staff))
    official = await api.clients("street-official", at=api.tree.street)
    elsewhere = await api.clients("street-official", at=api.tree.other_street)
    resident = await api.of(api.tree.resident)
    given = {"seriesId": made["id"]}
    assert (await official.mutate(CANCEL, input=given))["errorCode"] == "FORBIDDEN"
    for stranger in (elsewhere, resident):
        assert (await stranger.mutate(CANCEL, input=given))["errorCode"] == "NOT_FOUND"
        ask = "query ($id: ID!) { bookingSeries(id: $id) { id } node(id: $id) { id } }"
        assert await stranger.data(ask, id=made["id"]) == {"bookingSeries": None, "node": None}
    assert days(await api.owner.mutate(CANCEL, input=given), "CANCELLED") == ["2026-03-11", "2026-03-18", "2026-03-25"]
    assert await api.owner.data(NO_SHOWS) == {"noShows": {"nodes": []}}
