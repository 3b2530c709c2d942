"""A repeated request acts once also where passwords and codes are asked for, and no secret is told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from linli.core.access.models import AccountSession, PersonClaim, RecoveryCode, SecondFactor, SignInTry
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.records import requests
from linli.core.records.models import Event, Request
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in.conftest import LOGIN, PASSWORD, From, Register, holding, sign_in
from tests.schema.signing_in.test_second_factor import code, pass_steps

NEW, OTHER = "another horse battery", "one more horse battery"
PATIENT = pytest.mark.linli(settings={"core": {"login_tries": 1000}})
FEW = pytest.mark.linli(settings={"core": {"login_tries": 3}})

CHANGE = """mutation ($input: ChangePasswordInput!) { changePassword(input: $input) {
    ... on Account { version } ... on Error { errorCode: code path } } }"""
ENROL = """mutation ($input: EnrolSecondFactorInput!) { enrolSecondFactor(input: $input) {
    ... on EnrolledSecondFactor { secret } ... on Error { errorCode: code path message } } }"""
CONFIRM = """mutation ($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) {
    ... on ConfirmedSecondFactor { recoveryCodes } ... on Error { errorCode: code path message } } }"""
DISABLE = """mutation ($input: DisableSecondFactorInput!) { disableSecondFactor(input: $input) {
    ... on Account { username } ... on Error { errorCode: code path } } }"""
CLAIM = """mutation ($input: ClaimPersonInput!) { claimPerson(input: $input) {
    ... on ClaimReceived { receivedAt } ... on Error { errorCode: code path } } }"""
WITH = """mutation ($input: LoginWithInput!) { loginWith(input: $input) {
    ... on Error { errorCode: code } ... on ValidationError { fields { path code } } } }"""
REFRESH = """mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
    ... on Session { token } ... on Error { errorCode: code } ... on ValidationError { fields { path code } } } }"""
SIGN_IN = """mutation ($input: LoginInput!) { login(input: $input) {
    ... on Error { errorCode: code } ... on ValidationError { fields { path code } } } }"""

Told = Callable[[], Awaitable[list[Event]]]


@pytest.fixture
async def mine(client: Clients, register: Register, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody who has signed in, where hashes cost little: there are many of them here."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr("linli.core.access.passwords._hasher", lambda: cheap)
    await register(password_hash=cheap.hash(PASSWORD))
    nobody = await client()
    return holding(nobody, await sign_in(nobody))


@pytest.fixture(params=["one process", "several processes"])
def processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the same requests arrive: in several processes none waits for another before the database says so."""
    if request.param == "several processes":
        monkeypatch.setattr(requests, "_turn", lambda *_: asyncio.Lock())
    arriving: str = request.param
    return arriving


async def at_once(client: Client, mutation: str, **given: Any) -> list[dict[str, Any]]:
    """What four of the same are answered that come at the same moment, sorted."""
    answers = await asyncio.gather(*(client.mutate(mutation, input=given) for _ in range(4)))
    return sorted(answers, key=str)


async def times(events: Told, type_: str) -> int:
    """How often something was told."""
    return [event.type for event in await events()].count(type_)


async def enrolled(client: Client, clock: FrozenClock) -> list[str]:
    """The recovery codes of a second factor that counts."""
    secret = (await client.mutate(ENROL, input={"password": PASSWORD}))["secret"]
    codes: list[str] = (await client.mutate(CONFIRM, input={"code": code(secret, clock)}))["recoveryCodes"]
    return codes


@PATIENT
async def test_a_password_is_changed_once(mine: Client, events: Told, processes: str) -> None:
    given = {"oldPassword": PASSWORD, "newPassword": NEW, "requestId": "r1"}
    assert await at_once(mine, CHANGE, **given) == [{"version": 2}] * 4
    assert await mine.mutate(CHANGE, input=given) == {"version": 2}
    assert await times(events, "core.password_changed") == 1


@PATIENT
async def test_the_header_stands_for_a_request_id_also_where_a_password_is_asked_for(
    mine: Client, events: Told
) -> None:
    for _ in range(2):
        answer = await mine.query(
            CHANGE, headers={"Idempotency-Key": "k1"}, input={"oldPassword": PASSWORD, "newPassword": NEW}
        )
        assert answer.data == {"changePassword": {"version": 2}}
    assert await times(events, "core.password_changed") == 1


@FEW
async def test_a_known_request_id_is_no_way_around_the_slowing_down(mine: Client) -> None:
    assert await mine.mutate(CHANGE, input={"oldPassword": PASSWORD, "newPassword": NEW, "requestId": "r1"}) == {
        "version": 2
    }
    guesses = [
        {"oldPassword": PASSWORD, "newPassword": f"guess {number}....", "requestId": "r1"} for number in range(4)
    ]
    answers = [await mine.mutate(CHANGE, input=guess) for guess in guesses]
    reused = {"errorCode": "IDEMPOTENCY_KEY_REUSED", "path": ["requestId"]}
    assert answers == [reused] * 3 + [{"errorCode": "RATE_LIMITED", "path": []}]


@PATIENT
async def test_nothing_is_kept_of_a_password_but_its_slow_hash(mine: Client, district: District) -> None:
    steps = (PASSWORD, NEW, OTHER)
    for number, (old, new) in enumerate(pairwise(steps)):
        given = {"oldPassword": old, "newPassword": new, "requestId": f"r{number}"}
        assert "version" in await mine.mutate(CHANGE, input=given)
    with district.scope():
        kept = await Request.all()
    assert len(kept) == 2
    assert len({request.body_hash for request in kept}) == 1


@PATIENT
async def test_a_wrong_password_leaves_the_request_id_free(mine: Client) -> None:
    wrong = {"oldPassword": "a wrong one", "newPassword": NEW, "requestId": "r1"}
    for _ in range(2):
        assert (await mine.mutate(CHANGE, input=wrong))["errorCode"] == "INVALID_CREDENTIALS"
    assert await mine.mutate(CHANGE, input={**wrong, "oldPassword": PASSWORD}) == {"version": 2}


@FEW
async def test_repeating_a_request_is_no_wrong_try(mine: Client, clock: FrozenClock) -> None:
    codes = await enrolled(mine, clock)
    for _ in range(5):
        assert await mine.mutate(DISABLE, input={"code": codes[0], "requestId": "r1"}) == {"username": "lihua"}
    change = {"oldPassword": PASSWORD, "newPassword": NEW, "requestId": "r2"}
    for _ in range(5):
        assert await mine.mutate(CHANGE, input=change) == {"version": 2}


@PATIENT
async def test_the_secret_of_a_second_factor_is_told_once(
    mine: Client, clock: FrozenClock, district: District, processes: str
) -> None:
    given = {"password": PASSWORD, "requestId": "r1"}
    *done, told = await at_once(mine, ENROL, **given)
    assert [(one["errorCode"], one["path"]) for one in done] == [("ALREADY_DONE", ["requestId"])] * 3
    assert "requestId" not in done[0]["message"]
    assert (await mine.mutate(ENROL, input={**given, "password": "a guess"}))["errorCode"] == "ALREADY_DONE"
    with district.scope():
        assert await SecondFactor.all().count() == 1
    anew = await mine.mutate(ENROL, input={**given, "requestId": "r2"})
    assert anew["secret"] != told["secret"]
    assert "recoveryCodes" in await mine.mutate(CONFIRM, input={"code": code(anew["secret"], clock)})


@PATIENT
async def test_recovery_codes_are_told_once(
    mine: Client, clock: FrozenClock, events: Told, *, district: District, processes: str
) -> None:
    secret = (await mine.mutate(ENROL, input={"password": PASSWORD}))["secret"]
    given = {"code": code(secret, clock), "requestId": "r1"}
    *done, told = await at_once(mine, CONFIRM, **given)
    assert len(told["recoveryCodes"]) == 10
    assert [(one["errorCode"], one["path"]) for one in done] == [("ALREADY_DONE", ["requestId"])] * 3
    assert await times(events, "core.second_factor_enabled") == 1
    with district.scope():
        assert await RecoveryCode.all().count() == 10


@PATIENT
async def test_a_wrong_code_leaves_the_request_id_free(mine: Client, clock: FrozenClock) -> None:
    secret = (await mine.mutate(ENROL, input={"password": PASSWORD}))["secret"]
    wrong = await mine.mutate(CONFIRM, input={"code": "000000", "requestId": "r1"})
    assert (wrong["errorCode"], wrong["path"]) == ("INVALID_CREDENTIALS", ["code"])
    right = await mine.mutate(CONFIRM, input={"code": code(secret, clock), "requestId": "r1"})
    assert "recoveryCodes" in right


@PATIENT
async def test_a_second_factor_is_disabled_once(mine: Client, clock: FrozenClock, events: Told, processes: str) -> None:
    codes = await enrolled(mine, clock)
    pass_steps(clock)
    assert await at_once(mine, DISABLE, code=codes[0], requestId="r1") == [{"username": "lihua"}] * 4
    assert await times(events, "core.second_factor_disabled") == 1
    reused = {"errorCode": "IDEMPOTENCY_KEY_REUSED", "path": ["requestId"]}
    assert await mine.mutate(DISABLE, input={"code": codes[1], "requestId": "r1"}) == reused


async def test_a_claim_is_received_once(
    mine: Client, tree: Tree, district: District, clock: FrozenClock, events: Told
) -> None:
    given = {"name": "示例老人", "phone": "13800000011", "requestId": "r1"}
    first, *others = await at_once(mine, CLAIM, **given)
    pass_steps(clock)
    later = await mine.mutate(CLAIM, input=given)
    assert "receivedAt" in first
    assert [*others, later] == [first] * 4
    assert await times(events, "core.person_claimed") == 1
    reused = {"errorCode": "IDEMPOTENCY_KEY_REUSED", "path": ["requestId"]}
    assert await mine.mutate(CLAIM, input={**given, "phone": "13800000012"}) == reused
    with district.scope():
        assert await PersonClaim.all().count() == 1
        await transact(lambda _unit: PersonClaim.all().delete())
    assert (await mine.mutate(CLAIM, input=given))["errorCode"] == "NOT_FOUND"


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        (SIGN_IN, {"username": "lihua", "password": PASSWORD}),
        (WITH, {"provider": "unknown", "credential": "x"}),
        (REFRESH, {"refreshToken": "linlir_x"}),
    ],
)
async def test_signing_in_takes_no_request_id(
    at_address: From, mine: Client, district: District, *, known: bool, mutation: str, given: dict[str, str]
) -> None:
    asking = mine if known else at_address("198.51.100.7")
    with district.scope():
        before = await SignInTry.all().values("key", "tries"), await AccountSession.all().count()
    refused = await asking.mutate(mutation, input={**given, "requestId": "r1"})
    assert refused == {"errorCode": "VALIDATION", "fields": [{"path": "requestId", "code": "NOT_REMEMBERED"}]}
    with district.scope():
        assert (await SignInTry.all().values("key", "tries"), await AccountSession.all().count()) == before
        assert await Request.all().count() == 0
    assert "NOT_REMEMBERED" not in str(await asking.mutate(mutation, input={**given, "requestId": None}))


async def test_a_header_that_is_sent_with_everything_stops_nobody_from_signing_in(
    mine: Client, client: Clients, district: District, events: Told
) -> None:
    key = {"Idempotency-Key": "always the same"}
    nobody = await client()
    for asking in (nobody, mine):
        for password, expected in (("wrong", False), (PASSWORD, True), (PASSWORD, True)):
            given = {"username": "lihua", "password": password}
            answer = (await asking.query(LOGIN, headers=key, input=given)).data["login"]
            assert ("token" in answer) is expected
    renewing = {"refreshToken": answer["refreshToken"]}
    assert "token" in (await nobody.query(REFRESH, headers=key, input=renewing)).data["refreshSession"]
    with district.scope():
        assert await AccountSession.all().count() == 5
        assert await Request.all().count() == 0
    assert await times(events, "core.login_failed") == 1


async def test_a_refresh_token_that_comes_again_ends_its_session_under_any_key(client: Clients, mine: Client) -> None:
    nobody = await client()
    session = await sign_in(nobody)
    renewing, key = {"refreshToken": session["refreshToken"]}, {"Idempotency-Key": "k1"}
    first = (await mine.query(REFRESH, headers=key, input=renewing)).data["refreshSession"]
    assert "token" in first
    again = (await mine.query(REFRESH, headers=key, input=renewing)).data["refreshSession"]
    assert again == {"errorCode": "SESSION_ENDED"}
    assert (await holding(nobody, first).query("{ viewer { account { username } } }")).codes == ["UNAUTHENTICATED"]
