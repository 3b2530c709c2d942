"""The doorman's list as a page: the same authentication and visibility as `doorList`. Over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from linli.core.graph.names import keys
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client
from tests.plugins.venues.api import Api
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

SATURDAY = "2026-03-14"


async def page(api: Api, who: Client, venue: str, query: str = f"?date={SATURDAY}", **headers: str) -> httpx.Response:
    path = who.path.removesuffix("graphql") + f"p/venues/doors/{venue}{query}"
    sent = {} if who.token is None else {"authorization": f"Bearer {who.token}"}
    return await api.clients.http.get(path, headers={**sent, **headers})


def code(response: httpx.Response) -> Any:
    (error,) = response.json()["errors"]
    return error["extensions"]["code"]


async def test_the_owner_prints_whom_to_expect(api: Api) -> None:
    await api.book(api.tree.resident, SATURDAY, "10:00", "11:30", partySize=4)
    response = await page(api, api.owner, api.venue)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    cells = "".join(f"<td>{cell}</td>" for cell in ("10:00-11:30", "1", "示**", "4", "社区居民", "已确认"))
    assert f"<tr>{cells}</tr>" in response.text
    assert "<h1>示例篮球场</h1>" in response.text
    english = await page(api, api.owner, api.venue, **{"accept-language": "en"})
    assert "<th>Persons</th>" in english.text


async def test_others_find_no_more_than_the_api_shows_them(api: Api) -> None:
    await api.book(api.tree.resident, SATURDAY, "10:00", "11:00")
    for other in (await api.clients(), await api.of(api.tree.neighbour)):
        response = await page(api, other, api.venue)
        assert (response.status_code, "<td>" in response.text) == (200, False)
        assert "没有预约的人" in response.text
    own = await page(api, await api.of(api.tree.resident), api.venue)
    assert "示例丙" in own.text


async def test_without_a_date_it_is_today(api: Api) -> None:
    await api.book(api.tree.staff, "2026-03-09", "20:00", "21:00")
    assert "20:00-21:00" in (await page(api, api.owner, api.venue, "")).text


async def test_names_are_shown_as_text(api: Api, scene: Scene) -> None:
    name = '<script>alert("示例")</script>'
    with scene.district.scope():
        person = await transact(
            lambda _unit: Person.create(name=name, name_key=keys(name)[0], habitual_residence_id=api.tree.community.id)
        )
    await api.book(person, SATURDAY, "10:00", "11:00")
    told = (await page(api, await api.of(person), api.venue)).text
    assert "<script" not in told
    assert "&lt;script&gt;" in told


@pytest.mark.parametrize("day", ["", "tomorrow", "2026-02-30", "20260314", "9999-01-01"])
async def test_what_is_no_date_is_refused(api: Api, day: str) -> None:
    response = await page(api, api.owner, api.venue, f"?date={day}")
    assert (response.status_code, code(response)) == (400, "VALIDATION")
    assert response.json()["errors"][0]["message"] == "请给出日期，例如 2026-03-11"


@pytest.mark.parametrize("venue", ["nonsense", "VmVudWU6MDE5Yjc2ZGEtYTgwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDY1"])
async def test_an_unknown_venue_is_not_found(api: Api, venue: str) -> None:
    response = await page(api, api.owner, venue)
    assert (response.status_code, code(response)) == (404, "NOT_FOUND")


async def test_an_unknown_token_is_refused(api: Api) -> None:
    stranger = Client(api.clients.http, api.owner.path, "linli_of_nobody")
    response = await page(api, stranger, api.venue)
    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")


@pytest.mark.linli(plugins=[])
async def test_where_venues_is_off_there_is_no_such_page(client: Any) -> None:
    nobody = await client()
    response = await client.http.get(nobody.path.removesuffix("graphql") + "p/venues/doors/x")
    assert response.status_code == 404
