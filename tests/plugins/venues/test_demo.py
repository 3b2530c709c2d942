"""What venues adds to a demonstration. Through the hook, seen over GraphQL."""

from __future__ import annotations

import pytest

from linli.core.districts import District
from linli.schema.testing import Clients, Tree

pytestmark = pytest.mark.linli(plugins=["venues"])

VENUES = """{ venues(orderBy: [{field: NAME, direction: ASC}]) {
  nodes { id name version capacity owner { code } community { code }
    windows(from: "2026-03-09", to: "2026-03-09") { start window } } } }"""


async def demonstrate(district: District) -> None:
    with district.scope():
        outcomes = await district.hooks.outcomes("linli_demo", district=district)
    assert [(one.plugin, one.failure) for one in outcomes] == [("venues", None)]


async def test_the_first_stationed_unit_shares_two_rooms(district: District, tree: Tree, client: Clients) -> None:
    await demonstrate(district)
    nobody = await client()
    found = (await nobody.data(VENUES))["venues"]["nodes"]
    assert [(one["name"], one["capacity"]) for one in found] == [("示例单位1篮球场", 20), ("示例单位1图书室", 40)]
    assert {(one["owner"]["code"], one["community"]["code"]) for one in found} == {("U1", tree.community.code)}
    assert [one["window"] for one in found[0]["windows"]] == ["AFTER_HOURS", "WORK", "AFTER_HOURS"]
    await demonstrate(district)
    assert (await nobody.data(VENUES))["venues"]["nodes"] == found


async def test_a_district_without_units_gets_none(district: District, client: Clients) -> None:
    await demonstrate(district)
    assert await (await client()).data("{ venues { totalCount } }") == {"venues": {"totalCount": 0}}
