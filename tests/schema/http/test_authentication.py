"""Who asks is found out anew for each request: in one statement, with the grants that count at that moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from linli.core.access.models import Account, Grant
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree

GRANTS = "{ viewer { account { username } person { id } grants { role org { name } validTo } } }"


async def roles(client: Client) -> list[str]:
    """The roles of the client's account that count now."""
    return [grant["role"] for grant in (await client.data(GRANTS))["viewer"]["grants"]]


async def test_who_asks_is_found_in_one_statement(
    client: Clients, tree: Tree, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    for asking in (await client("district-admin"), await client("street-official", at=tree.street, person=tree.staff)):
        with statements() as count:
            await asking.data("{ district { key } }")
        assert len(count) == 1


async def test_somebody_without_grants_is_known_by_account_and_person(client: Clients, tree: Tree) -> None:
    viewer = (await (await client(person=tree.resident)).data(GRANTS))["viewer"]
    assert viewer["account"]["username"].startswith("test-")
    assert viewer["person"] is not None
    assert viewer["grants"] == []


async def test_grants_count_from_their_beginning_until_their_end(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    hour, now = timedelta(hours=1), clock.now()
    asking = await client("street-official", at=tree.street, valid_to=now + hour)
    with district.scope():
        account = await Account.filter(username__startswith="test-").order_by("-created_at", "-id").first()
        assert account is not None
        given: dict[str, Any] = {"account_id": account.id, "org_id": tree.root.id}
        await transact(lambda _unit: Grant.create(role="district-admin", valid_from=now + hour, **given))
        await transact(lambda _unit: Grant.create(role="of-a-plugin-that-is-off", **given))
    assert await roles(asking) == ["street-official"]
    clock.advance(now + hour)
    assert await roles(asking) == ["district-admin"]


async def test_a_grant_ends_with_its_organisation(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    asking, end = await client("street-official", at=tree.other_street), clock.now() + timedelta(hours=1)
    with district.scope():
        await transact(lambda _unit: OrgNode.filter(id=tree.other_street.id).update(valid_to=end))
    assert await roles(asking) == ["street-official"]
    clock.advance(end)
    assert await roles(asking) == []
