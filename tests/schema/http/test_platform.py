"""`POST /graphql/platform`: figures over all districts, for whoever holds the token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import tomlkit

from linli.core.config import load
from linli.core.districts import Platform, figures, open_platform
from linli.core.districts.migrating import ensure_root
from linli.core.districts.namespaces import schema_of
from linli.core.errors import text
from linli.core.people.services import create_person
from linli.core.plugins.discovery import installed
from linli.core.plugins.figures import Figure
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact
from linli.schema.http.application import application
from linli.schema.testing.engines import leave, postgres_url, prepare
from linli.schema.testing.schemas import composed_once

TOKEN = "a-token-of-thirty-two-characters-or-more"
FIGURES = "people organisations events lastSequence timersLate openDeliveries plugins failedPlugins"
ALL = f"""{{ districts {{ key name figures {{ {FIGURES} contributed {{ plugin name value }} }} }}
  totals {{ districts people organisations contributed {{ plugin name value }} }} }}"""


@pytest.fixture
async def two(engine: Dialect, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform of two districts, with three people in the one and seven in the other."""
    keys = [f"t{uuid4().hex[:16]}" for _ in range(2)]
    url = f"sqlite://{tmp_path}/{{district}}.sqlite3" if engine == "sqlite" else str(postgres_url())
    file = tmp_path / "linli.toml"
    districts = {key: {"name": f"示例{key[-1]}区", "plugins": ["venues"]} for key in keys}
    told = {"database": {"url": url}, "server": {"platform_token": TOKEN}, "districts": districts}
    file.write_text(tomlkit.dumps(told), "utf-8")
    configuration = load(file, installed())
    for key in keys:
        await prepare(configuration, installed(), key, ["venues"])
    async with open_platform(configuration, installed()) as opened:
        for key, count in zip(keys, (3, 7), strict=True):
            await ensure_root(opened.districts[key])
            with opened.districts[key].scope():
                for _ in range(count):
                    await transact(lambda _unit: create_person(name="示例"))
        yield opened
    for key in keys if engine == "postgres" else ():
        await leave(url, schema_of(key))


async def asked(
    platform: Platform, query: str = ALL, token: str | None = TOKEN, behind: dict[str, Any] | None = None
) -> httpx.Response:
    app = application(platform, behind, composer=composed_once)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform.test") as http:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        return await http.post("/graphql/platform", json={"query": query}, headers=headers)


async def test_figures_of_every_district_and_their_sums_are_told(two: Platform) -> None:
    body = (await asked(two)).json()
    assert "errors" not in body, body
    found = [one["figures"] for one in body["data"]["districts"]]
    assert [one["key"] for one in body["data"]["districts"]] == list(two.districts)
    assert [one["people"] for one in found] == [3, 7]
    assert all(one["organisations"] == 1 and one["plugins"] == ["venues"] for one in found)
    assert all(one["events"] >= one["people"] + 1 and one["failedPlugins"] == [] for one in found)
    totals = body["data"]["totals"]
    assert (totals["districts"], totals["people"], totals["organisations"]) == (2, 10, 2)
    assert {"plugin": "venues", "name": "venues", "value": 0} in totals["contributed"]


async def test_a_figure_that_tells_of_single_people_is_withheld_everywhere(
    two: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linli.plugins.venues import figures as of_venues  # noqa: PLC0415

    async def counted() -> list[Figure]:
        return [Figure(name="few", value=2, description="People. 人数。", people=True)]

    monkeypatch.setattr(of_venues, "figures", counted)
    data = (await asked(two)).json()["data"]
    shown = [one["figures"]["contributed"] for one in data["districts"]]
    assert shown == [[{"plugin": "venues", "name": "few", "value": None}]] * 2
    assert data["totals"]["contributed"] == [{"plugin": "venues", "name": "few", "value": None}]


async def test_a_district_that_is_closed_or_hangs_is_an_error_of_its_own(
    two: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two.districts
    body = (await asked(two, behind={first: text("its database does not answer")})).json()
    assert [one["figures"] is None for one in body["data"]["districts"]] == [True, False]
    assert body["data"]["totals"]["people"] == 7
    (error,) = body["errors"]
    assert error["path"] == ["districts", 0, "figures"]
    assert error["extensions"] == {"code": "DISTRICT_UNAVAILABLE", "district": first}

    original = figures.figures_of

    async def hangs(district: Any) -> Any:
        return await (asyncio.sleep(60) if district.key == second else original(district))

    monkeypatch.setattr(figures, "figures_of", hangs)
    monkeypatch.setattr(figures, "SECONDS", 0.5)
    body = (await asked(two)).json()
    assert [one["figures"] is None for one in body["data"]["districts"]] == [False, True]
    assert body["errors"][0]["extensions"]["district"] == second


@pytest.mark.parametrize("token", [None, "another-token-of-thirty-two-characters"])
async def test_nobody_else_is_told_anything(two: Platform, token: str | None) -> None:
    response = await asked(two, token=token)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in response.json()


async def test_what_is_no_operation_of_the_platform_is_refused(two: Platform) -> None:
    body = (await asked(two, "{ people { name } }")).json()
    assert body["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION"


async def test_without_a_token_in_the_configuration_there_is_no_such_path(platform: Platform) -> None:
    assert (await asked(platform)).status_code in (404, 405)
