"""One search for all kinds of records, within what the viewer may see."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.districts import District
from linli.core.graph import services
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

SEARCH = """query ($typed: String!, $kinds: [SearchKind!], $under: ID, $first: Int) {
    search(text: $typed, kinds: $kinds, under: $under, first: $first) {
        kind reason record { id __typename ... on OrgNode { name } } } }"""


async def found(who: Client, text: str, **given: Any) -> list[tuple[str, str]]:
    """Names and reasons."""
    hits = (await who.data(SEARCH, typed=text, **given))["search"]
    return [(hit["record"].get("name", hit["record"]["__typename"]), hit["reason"]) for hit in hits]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("观音", [("观音阁社区", "NAME")]),
        (" 观音阁社区 ", [("观音阁社区", "NAME")]),
        ("guanyin", [("观音阁社区", "PINYIN")]),
        ("GuanYin", [("观音阁社区", "PINYIN")]),
        ("gyg", [("观音阁社区", "INITIALS")]),
        ("dml", [("东茅岭街道", "INITIALS"), ("东茅岭社区", "INITIALS")]),
        ("430602003006", [("观音阁社区", "CODE"), ("第一网格", "CODE")]),  # what is exact comes first
        ("430602005", [("东茅岭街道", "CODE"), ("东茅岭社区", "CODE")]),
        ("阁社区", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_organisations_are_found_by_code_name_pinyin_and_initials(
    client: Clients, tree: Tree, text: str, expected: list[tuple[str, str]]
) -> None:
    official = await client("district-official")
    assert sorted(await found(official, text)) == sorted(expected)
    if text == "430602003006":
        assert await found(official, text) == expected


async def test_only_what_the_viewer_may_see_is_found(client: Clients, tree: Tree) -> None:
    nobody, staff, other = (
        await client(),
        await client("community-staff", at=tree.community),
        await client("community-staff", at=tree.other_community),
    )
    assert await found(nobody, "第一") == await found(other, "第一") == []
    assert await found(staff, "第一") == [("第一网格", "NAME")]
    assert await found(nobody, "东茅") == [("东茅岭社区", "NAME"), ("东茅岭街道", "NAME")]


@pytest.mark.linli(settings={"core": {"public_directory": False}})
async def test_without_a_public_directory_nobody_finds_anything(client: Clients, tree: Tree) -> None:
    assert await found(await client(), "东茅") == []


async def test_what_is_asked_beneath_an_organisation_lies_there(client: Clients, tree: Tree) -> None:
    official = await client("district-official")
    street, elsewhere = (global_id("OrgNode", one.id) for one in (tree.street, tree.other_street))
    assert await found(official, "示例单位", under=elsewhere) == []
    assert len(await found(official, "示例单位", under=street)) == 3
    assert len(await found(official, "示例单位", under=street, first=2)) == 2
    nobody = await client()
    refused = await nobody.query(SEARCH, typed="示例", under=global_id("OrgNode", tree.grid.id))
    assert (refused.data, refused.codes) == (None, ["NOT_FOUND"])


@pytest.mark.parametrize(
    ("given", "argument", "what"),
    [
        ({"typed": " "}, "text", "1 to 100 characters"),
        ({"typed": "长" * 101}, "text", "1 to 100 characters"),
        ({"typed": "x"}, "text", "A search has two letters or digits, or one Chinese character, at least"),
        ({"typed": "Ｘ"}, "text", "A search has two letters or digits, or one Chinese character, at least"),
        ({"typed": "7"}, "text", "A search has two letters or digits, or one Chinese character, at least"),
        ({"typed": "示例\x7f丙"}, "text", "A search has no control characters"),
        ({"typed": "示例\x1b丙"}, "text", "A search has no control characters"),
        ({"typed": "示例", "first": 0}, "first", "Between 1 and 200"),
        ({"typed": "示例", "first": 201}, "first", "Between 1 and 200"),
    ],
)
async def test_what_cannot_be_searched_for_is_refused(
    client: Clients, tree: Tree, given: dict[str, Any], argument: str, what: str
) -> None:
    official = await client("district-official")
    refused = await official.query(SEARCH, headers={"Accept-Language": "en"}, **given)
    assert refused.codes == ["VALIDATION"]
    assert (refused.errors[0]["extensions"]["argument"], refused.errors[0]["message"]) == (argument, what)


async def test_what_has_ended_is_not_found(client: Clients, tree: Tree, district: District) -> None:
    with district.scope():
        await transact(lambda _unit: services.end_org(district.kinds, tree.grid.id))
    assert await found(await client("district-official"), "第一") == []


ROOM = "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { __typename } }"


@pytest.mark.linli(plugins=["venues"])
async def test_plugins_add_their_kinds(client: Clients, tree: Tree) -> None:
    boss, nobody = await client("district-admin"), await client()
    owner = {"ownerId": global_id("OrgNode", tree.unit.id), "communityId": global_id("OrgNode", tree.community.id)}
    room = {"name": "观音阁阅览室", "kind": "READING_ROOM", "capacity": 5, **owner}
    assert await boss.mutate(ROOM, input=room) == {"__typename": "Venue"}
    assert await found(nobody, "guanyinge") == [("观音阁社区", "PINYIN"), ("Venue", "PINYIN")]
    assert await found(nobody, "观音阁阅览室") == [("Venue", "NAME")]
    assert await found(nobody, "观音", kinds=["VENUE"]) == [("Venue", "NAME")]
    assert await found(nobody, "观音", kinds=["ORGANISATION"]) == [("观音阁社区", "NAME")]
    assert await found(nobody, "观音", kinds=[]) == []
    elsewhere = global_id("OrgNode", tree.other_street.id)
    assert await found(nobody, "观音", under=elsewhere) == []
    street = global_id("OrgNode", tree.street.id)
    # the unit's name is public as it owns a venue; where it stands is not
    assert await found(nobody, "示例单位1") == [("示例单位1", "NAME")]
    assert await found(nobody, "示例单位1", under=street) == []


async def test_a_kind_of_a_plugin_that_is_off_is_no_kind(client: Clients, tree: Tree) -> None:
    refused = await (await client()).query(SEARCH, typed="观音", kinds=["VENUE"])
    assert refused.codes == ["GRAPHQL_VALIDATION"]
