"""Sessions: short access tokens, refresh tokens that count once, limits, and ending them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from linli.core.access.models import Account, AccountSession, Grant, RefreshToken, Token
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients
from tests.schema.signing_in.conftest import PASSWORD, From, Register, holding, sign_in

REFRESH = """mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
    ... on Session { token expiresAt refreshToken } ... on Error { errorCode: code } } }"""
LOGOUT = "mutation { logout(input: {}) { ... on AccountSession { endedAt } ... on Error { errorCode: code } } }"
EVERYWHERE = "mutation { logoutEverywhere(input: {}) { ... on Account { username } ... on Error { errorCode: code } } }"
REVOKE = """mutation ($id: ID!) { revokeSession(input: {sessionId: $id}) {
    ... on AccountSession { endedAt } ... on Error { errorCode: code } } }"""
CHANGE = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
    ... on Account { version } ... on Error { errorCode: code path } } }"""
END = """mutation ($id: ID!) { endSessions(input: {accountId: $id}) {
    ... on Account { username } ... on Error { errorCode: code path } } }"""
ME = "{ viewer { account { username } } }"
SESSIONS = "{ viewer { sessions { id provider current network agent startedAt lastUsedAt expiresAt endedAt } } }"

SHORT = pytest.mark.linli(settings={"core": {"access_token_minutes": 10, "session_idle_hours": 1, "session_hours": 3}})


async def renew(client: Client, session: dict[str, Any]) -> dict[str, Any]:
    """What `refreshSession` answers."""
    found: dict[str, Any] = await client.mutate(REFRESH, input={"refreshToken": session["refreshToken"]})
    return found


async def works(client: Client, session: dict[str, Any]) -> bool:
    """Whether the access token is taken."""
    answer = await holding(client, session).query(ME)
    assert answer.codes in ([], ["UNAUTHENTICATED"], ["TOKEN_EXPIRED"])
    return not answer.codes


@SHORT
async def test_an_access_token_lives_shortly_and_is_renewed(
    client: Clients, register: Register, clock: FrozenClock
) -> None:
    await register()
    nobody = await client()
    first = await sign_in(nobody)
    assert datetime.fromisoformat(first["expiresAt"]) == clock.now() + timedelta(minutes=10)
    clock.advance(clock.now() + timedelta(minutes=10))
    assert (await holding(nobody, first).query(ME)).codes == ["TOKEN_EXPIRED"]
    second = await renew(nobody, first)
    assert await works(nobody, second)
    assert second["refreshToken"] != first["refreshToken"]


async def test_a_refresh_token_that_comes_again_ends_the_whole_session(
    client: Clients, register: Register, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    await register()
    nobody = await client()
    first, other = await sign_in(nobody), await sign_in(nobody)
    second = await renew(nobody, first)
    third = await renew(nobody, second)
    assert await renew(nobody, first) == {"errorCode": "SESSION_ENDED"}
    assert not await works(nobody, third)
    assert await renew(nobody, third) == {"errorCode": "SESSION_ENDED"}
    assert await works(nobody, other)
    assert [event.type for event in await events()][-3:] == ["core.signed_in"] * 2 + ["core.session_ended"]


async def test_of_two_that_renew_at_once_one_is_a_thief(client: Clients, register: Register) -> None:
    await register()
    nobody = await client()
    session = await sign_in(nobody)
    answers = await asyncio.gather(*(renew(nobody, session) for _ in range(4)))
    given = [answer for answer in answers if "token" in answer]
    assert len(given) <= 1
    assert [answer for answer in answers if "token" not in answer] == [{"errorCode": "SESSION_ENDED"}] * (
        4 - len(given)
    )
    assert not any([await works(nobody, answer) for answer in given])


@SHORT
async def test_a_session_that_nobody_renews_is_over(client: Clients, register: Register, clock: FrozenClock) -> None:
    await register()
    nobody = await client()
    session = await sign_in(nobody)
    clock.advance(clock.now() + timedelta(minutes=59))
    session = await renew(nobody, session)
    clock.advance(clock.now() + timedelta(minutes=60))
    assert await renew(nobody, session) == {"errorCode": "SESSION_ENDED"}


@SHORT
async def test_a_session_is_over_at_its_end_however_often_it_is_renewed(
    client: Clients, register: Register, clock: FrozenClock
) -> None:
    await register()
    nobody, began = await client(), clock.now()
    session = await sign_in(nobody)
    for minutes in (50, 100, 150, 175):
        clock.advance(began + timedelta(minutes=minutes))
        session = await renew(nobody, session)
    assert datetime.fromisoformat(session["expiresAt"]) == began + timedelta(hours=3)
    clock.advance(began + timedelta(hours=3))
    assert not await works(nobody, session)
    assert await renew(nobody, session) == {"errorCode": "SESSION_ENDED"}


async def test_tokens_are_kept_as_hashes_only(client: Clients, register: Register, district: District) -> None:
    await register()
    session = await sign_in(await client())
    with district.scope():
        kept = [*await Token.all().values(), *await RefreshToken.all().values()]
    assert len(kept) == 2
    for secret in (session["token"], session["refreshToken"]):
        assert secret not in str(kept)
        assert secret.removeprefix("linli_").removeprefix("linlir_") not in str(kept)


async def test_signing_out_ends_the_session_with_its_tokens(client: Clients, register: Register) -> None:
    await register()
    nobody = await client()
    here, there = await sign_in(nobody), await sign_in(nobody)
    assert (await holding(nobody, here).mutate(LOGOUT))["endedAt"]
    assert not await works(nobody, here)
    assert await renew(nobody, here) == {"errorCode": "SESSION_ENDED"}
    assert await works(nobody, there)


async def test_a_service_token_has_no_session_to_sign_out_of(client: Clients) -> None:
    service = await client("district-admin")
    assert await service.mutate(LOGOUT) == {"errorCode": "NO_SESSION"}


async def test_signing_out_everywhere_ends_ones_own_sessions_and_no_other(client: Clients, register: Register) -> None:
    await register()
    await register("wangwu")
    nobody = await client()
    mine, stranger = [await sign_in(nobody), await sign_in(nobody)], await sign_in(nobody, "wangwu")
    assert await holding(nobody, mine[0]).mutate(EVERYWHERE) == {"username": "lihua"}
    assert [await works(nobody, one) for one in (*mine, stranger)] == [False, False, True]


async def test_sessions_are_listed_coarsely_and_one_is_ended(
    client: Clients, register: Register, at_address: From
) -> None:
    await register()
    await register("wangwu")
    phone, desk = at_address("10.20.30.40"), at_address("2001:db8:1:2:3:4:5:6")
    phone.http.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile MicroMessenger/8.0"
    lost, here = await sign_in(phone), await sign_in(desk)
    strange = await sign_in(desk, "wangwu")
    listed = (await holding(desk, here).data(SESSIONS))["viewer"]["sessions"]
    assert [(one["current"], one["network"], one["agent"], one["provider"]) for one in listed] == [
        (True, "2001:db8:1::/48", "unknown", "password"),
        (False, "10.20.30.0/24", "微信 / Android", "password"),
    ]
    id_ = listed[1]["id"]
    assert await holding(desk, strange).mutate(REVOKE, id=id_) == {"errorCode": "NOT_FOUND"}
    assert await works(phone, lost)
    assert (await holding(desk, here).mutate(REVOKE, id=id_))["endedAt"]
    assert [await works(desk, one) for one in (lost, here)] == [False, True]
    assert len((await holding(desk, here).data(SESSIONS))["viewer"]["sessions"]) == 1


async def test_a_session_is_nobody_elses_to_read(client: Clients, register: Register) -> None:
    await register()
    nobody = await client()
    mine = holding(nobody, await sign_in(nobody))
    id_ = (await mine.data(SESSIONS))["viewer"]["sessions"][0]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on AccountSession { network } } }"
    for asking in (nobody, await client("district-admin"), await client("auditor")):
        assert await asking.data(query, id=id_) == {"node": None}
    assert (await mine.data(query, id=id_))["node"] is not None


async def test_a_changed_password_ends_the_other_sessions(client: Clients, register: Register) -> None:
    await register()
    nobody = await client()
    here, there = await sign_in(nobody), await sign_in(nobody)
    change = {"oldPassword": PASSWORD, "newPassword": "another horse battery"}
    assert await holding(nobody, here).mutate(CHANGE, input=change) == {"version": 2}
    assert [await works(nobody, one) for one in (here, there)] == [True, False]
    assert (await sign_in(nobody))["errorCode"] == "INVALID_CREDENTIALS"
    assert await works(nobody, await sign_in(nobody, password="another horse battery"))


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"oldPassword": "wrong", "newPassword": "another horse battery"}, "INVALID_CREDENTIALS", ["oldPassword"]),
        ({"oldPassword": PASSWORD, "newPassword": "short"}, "VALIDATION", ["newPassword"]),
    ],
)
async def test_a_password_is_not_changed_without_the_old_one_or_to_a_short_one(
    client: Clients, register: Register, change: dict[str, str], code: str, path: list[str]
) -> None:
    await register()
    nobody = await client()
    here, there = await sign_in(nobody), await sign_in(nobody)
    assert await holding(nobody, here).mutate(CHANGE, input=change) == {"errorCode": code, "path": path}
    assert [await works(nobody, one) for one in (here, there)] == [True, True]
    assert await works(nobody, await sign_in(nobody))


async def test_no_event_of_a_session_holds_a_secret(
    client: Clients, register: Register, events: Callable[[], Awaitable[list[Event]]], district: District
) -> None:
    await register()
    nobody = await client()
    session = await sign_in(nobody)
    await holding(nobody, session).mutate(LOGOUT)
    told = await events()
    assert [event.type for event in told][-2:] == ["core.signed_in", "core.session_ended"]
    assert told[-1].actor_id == told[-2].actor_id == told[-1].subject_id
    with district.scope():
        found = await AccountSession.get()
    assert found.ended_at is not None


async def test_a_disabled_account_renews_nothing(client: Clients, register: Register, district: District) -> None:
    account = await register()
    nobody = await client()
    session = await sign_in(nobody)
    with district.scope():
        await transact(lambda _unit: Account.filter(id=account.id).update(disabled_at=account.created_at))
    assert not await works(nobody, session)
    assert await renew(nobody, session) == {"errorCode": "SESSION_ENDED"}


async def test_whoever_manages_accounts_ends_the_sessions_of_another(
    client: Clients, register: Register, events: Callable[[], Awaitable[list[Event]]], district: District
) -> None:
    account = await register(role="community-secretary")
    nobody = await client()
    first, second = await sign_in(nobody), await sign_in(nobody)
    admin = await client("district-admin")
    id_ = global_id("Account", account.id)
    assert await admin.mutate(END, id=id_) == {"username": "lihua"}
    for session in (first, second):
        assert not await works(nobody, session)
        assert await renew(nobody, session) == {"errorCode": "SESSION_ENDED"}
    found = [event for event in await events() if event.type == "core.session_ended"]
    with district.scope():
        boss = await Grant.get(role="district-admin")
        told = await payloads(found, district.event_types)
    assert [(event.subject_id, event.actor_id) for event in found] == [(account.id, boss.account_id)] * 2
    assert {payload.reason for payload in told.values()} == {"ADMINISTRATION"}  # type: ignore[union-attr]
    assert await admin.mutate(END, id=id_) == {"username": "lihua"}
    assert len([event for event in await events() if event.type == "core.session_ended"]) == 2
    assert await works(nobody, await sign_in(nobody))


@pytest.mark.parametrize("role", ["street-official", "security-admin", "auditor", "resident"])
async def test_nobody_else_ends_the_sessions_of_another(client: Clients, register: Register, role: str) -> None:
    account = await register()
    nobody = await client()
    session = await sign_in(nobody)
    refused = await (await client(role)).mutate(END, id=global_id("Account", account.id))
    assert refused["errorCode"] == "FORBIDDEN"
    assert await works(nobody, session)


@pytest.mark.linli(settings={"core": {"three_admins": True}})
@pytest.mark.parametrize(("role", "ended"), [("auditor", False), ("security-admin", False), ("system-admin", True)])
async def test_no_system_admin_signs_out_those_who_watch_over_accounts(
    client: Clients, register: Register, *, role: str, ended: bool
) -> None:
    account = await register(role=role)
    nobody = await client()
    session = await sign_in(nobody)
    answer = await (await client("system-admin")).mutate(END, id=global_id("Account", account.id))
    assert answer == ({"username": "lihua"} if ended else {"errorCode": "FORBIDDEN", "path": []})
    assert await works(nobody, session) is not ended


async def test_who_may_take_the_role_away_may_end_the_sessions_too(client: Clients, register: Register) -> None:
    account = await register(role="district-admin")
    nobody = await client()
    session = await sign_in(nobody)
    admin = await client("district-admin")
    assert await admin.mutate(END, id=global_id("Account", account.id)) == {"username": "lihua"}
    assert not await works(nobody, session)
