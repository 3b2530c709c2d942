from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

POST = """mutation ($input: PostNoticeInput!) { postNotice(input: $input) { __typename
  ... on Notice { words org { code } } ... on ValidationError { fields { path code } } ... on Error { code } } }"""


@pytest.mark.linli(plugins=["notices"])
async def test_what_staff_post_everybody_reads(
    client: Clients, tree: Tree, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    staff = await client(as_="community-staff", at=tree.community)
    given = {"orgId": global_id("OrgNode", tree.community.id), "words": "周六停水"}
    posted = await staff.mutate(POST, input=given)
    assert posted == {"__typename": "Notice", "words": "周六停水", "org": {"code": tree.community.code}}
    resident = await client(person=tree.resident)
    assert (await resident.mutate(POST, input=given))["code"] == "FORBIDDEN"
    nobody = await client()
    assert await nobody.data("{ notices { nodes { words } } }") == {"notices": {"nodes": [{"words": "周六停水"}]}}
    assert [one.type for one in await events() if one.type.startswith("notices.")] == ["notices.posted"]


@pytest.mark.linli(plugins=["notices"], settings={"notices": {"max_length": 3}})
async def test_a_district_says_how_long_a_notice_may_be(client: Clients, tree: Tree) -> None:
    staff = await client(as_="community-staff", at=tree.community)
    given = {"orgId": global_id("OrgNode", tree.community.id), "words": "周六停水"}
    refused = await staff.mutate(POST, input=given)
    assert refused["fields"] == [{"path": "words", "code": "LENGTH"}]


@pytest.mark.linli(plugins=["notices"])
async def test_the_register_shows_what_was_posted(client: Clients, tree: Tree) -> None:
    staff = await client("community-staff", at=tree.community)
    community = global_id("OrgNode", tree.community.id)
    await staff.mutate(POST, input={"orgId": community, "words": "周六停水"})
    asked = 'query ($under: ID!) { ledger(code: "notices.posted", under: $under) { count rows } }'
    found = (await staff.data(asked, under=community))["ledger"]
    assert found == {"count": 1, "rows": [[tree.community.name, "周六停水", "2026-03-09 08:00:00"]]}
