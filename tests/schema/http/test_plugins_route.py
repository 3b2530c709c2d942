"""What plugins did in a server: told on this machine alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from linli.schema.testing import Clients


@pytest.mark.linli(plugins=["venues"])
async def test_calls_are_counted_for_each_plugin_and_hook(client: Clients) -> None:
    boss = await client("district-admin")
    before = await counted(boss.http)
    made = await boss.mutate('mutation { createPerson(input: {name: "示例己"}) { __typename } }')
    assert made["__typename"] == "Person"
    after = await counted(boss.http)
    assert after["calls"] > before["calls"]
    assert after["failures"] == 0
    assert after["seconds"] > before["seconds"]


async def counted(http: httpx.AsyncClient) -> Any:
    response = await http.get("/plugins")
    assert response.status_code == 200
    ((_, plugins),) = response.json()["districts"].items()
    return plugins["venues"]["linli_event"]


@pytest.mark.parametrize(
    "sent", [{"headers": {"X-Forwarded-For": "127.0.0.1"}}, {"headers": {"Origin": "http://localhost"}}]
)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_others_find_nothing_there(client: Clients, sent: dict[str, Any]) -> None:
    http = (await client()).http
    assert (await http.get("/plugins", **sent)).status_code == 404
    assert (await http.post("/plugins")).status_code == 404
