"""User names: one spelling of each, and accounts that are made without holding up the writers."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.access import services
from linli.core.access.passwords import hashed
from linli.core.districts import District
from linli.core.records.store import WriteOutsideUnitOfWorkError
from linli.core.records.unit_of_work import current_unit
from linli.schema.testing import Client, Clients
from tests.schema.signing_in.conftest import PASSWORD, Register, sign_in

CREATE = """mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
    ... on Account { username } ... on Error { errorCode: code }
    ... on ValidationError { fields { path code } } } }"""


async def make(client: Client, username: str, **more: Any) -> dict[str, Any]:
    """What `createAccount` answers."""
    found: dict[str, Any] = await client.mutate(CREATE, input={"username": username, **more})
    return found


async def test_a_name_that_looks_like_another_is_the_same_name(client: Clients) -> None:
    admin = await client("district-admin")
    assert await make(admin, " Ｌihua", password=PASSWORD) == {"username": "lihua"}
    for twin in ("lihua", "LiHua", "ｌｉｈｕａ", "lihua ", "\u3000lihua"):
        assert await make(admin, twin) == {"errorCode": "CONFLICT"}
    assert await make(admin, "Straße") == {"username": "strasse"}
    assert await make(admin, "李华") == {"username": "李华"}
    for spelling in ("lihua", "LIHUA", "Ｌｉｈｕａ", " lihua "):
        assert "token" in await sign_in(await client(), spelling)


async def test_a_name_that_was_kept_as_it_came_stays_its_owners(client: Clients, register: Register) -> None:
    await register("LiHua")
    await register("王ａ")
    admin = await client("district-admin")
    for twin in ("lihua", "LIHUA", "王a"):
        assert await make(admin, twin) == {"errorCode": "CONFLICT"}
    assert "token" in await sign_in(await client(), "LiHua")
    assert await sign_in(await client(), "lihua") == {"errorCode": "INVALID_CREDENTIALS"}


@pytest.mark.parametrize(
    "name",
    [
        "ad\u200bmin",
        "\ufeffadmin",
        "admin\u202e",
        "admin\n",
        "ad\u00admin",
        "admin\ufe0f",
        "\u3164",
        "a\u0007",
        "a\x7f",
    ],
)
async def test_a_name_shows_all_that_it_has(client: Clients, name: str) -> None:
    refused = await make(await client("district-admin"), name)
    assert [(one["path"], one["code"]) for one in refused["fields"]] == [("username", "INVISIBLE")]


@pytest.mark.parametrize("name", ["", " ", "a b", "a\u3000b", "a" * 101, "ﷺ"])
async def test_a_name_has_letters_and_no_spaces(client: Clients, name: str) -> None:
    refused = await make(await client("district-admin"), name)
    assert [one["code"] for one in refused["fields"]] == ["USERNAME"]


async def test_the_hash_of_a_new_account_is_made_ahead_of_the_transaction_and_for_who_may_alone(
    client: Clients, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[bool] = []

    def noted(password: str) -> str:
        try:
            current_unit()
        except WriteOutsideUnitOfWorkError:
            within.append(False)
        else:
            within.append(True)
        return hashed(password)

    monkeypatch.setattr(services, "hashed", noted)
    assert (await make(await client("resident"), "a b", password="short"))["errorCode"] == "FORBIDDEN"
    assert (await make(await client("resident"), "wangwu", password=PASSWORD))["errorCode"] == "FORBIDDEN"
    assert within == []
    admin = await client("district-admin")
    for _ in range(2):
        assert await make(admin, "lihua", password=PASSWORD, requestId="r1") == {"username": "lihua"}
    assert within == [False]
    assert "token" in await sign_in(await client())
