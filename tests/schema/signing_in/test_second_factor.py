"""The second factor: RFC 6238's own examples, replay, drift, recovery codes, and roles that sleep without it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linli.core.access import totp
from linli.core.access.models import Grant, RecoveryCode, SecondFactor
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.records.models import Event
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.signing_in.conftest import PASSWORD, Register, holding, sign_in

ENROL = """mutation ($password: String) { enrolSecondFactor(input: {password: $password}) {
    ... on EnrolledSecondFactor { secret address } ... on Error { errorCode: code path } } }"""
CONFIRM = """mutation ($code: String!) { confirmSecondFactor(input: {code: $code}) {
    ... on ConfirmedSecondFactor { recoveryCodes } ... on Error { errorCode: code } } }"""
DISABLE = """mutation ($code: String!) { disableSecondFactor(input: {code: $code}) {
    ... on Account { username } ... on Error { errorCode: code } } }"""
DELEGATE = """mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {
    ... on Grant { id } ... on Error { code } } }"""
STATUS = "{ viewer { permissions secondFactor { enabled shown missing } } }"

MANY = {"login_tries": 1000}
PATIENT = pytest.mark.linli(settings={"core": MANY})
FOR_ADMINS = pytest.mark.linli(settings={"core": {**MANY, "second_factor_roles": ["district-admin"]}})


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    at = datetime.fromtimestamp(second, UTC)
    assert totp.code_at(secret, totp.step_at(at)) == code


def code(secret: str, clock: FrozenClock, steps: int = 0) -> str:
    """What the app shows, so many steps from now."""
    return totp.code_at(secret, totp.step_at(clock.now()) + steps)


def pass_steps(clock: FrozenClock, steps: int = 3) -> None:
    """Let so many steps pass."""
    clock.advance(clock.now() + timedelta(seconds=30 * steps))


async def enrolled(client: Client, clock: FrozenClock) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that counts."""
    secret = (await client.mutate(ENROL, password=PASSWORD))["secret"]
    codes = (await client.mutate(CONFIRM, code=code(secret, clock)))["recoveryCodes"]
    pass_steps(clock)
    return secret, codes


@PATIENT
async def test_a_login_asks_for_the_second_factor_once_it_is_confirmed(
    client: Clients, register: Register, clock: FrozenClock, events: Callable[[], Awaitable[list[Event]]]
) -> None:
    await register()
    nobody = await client()
    mine = holding(nobody, await sign_in(nobody))
    given = await mine.mutate(ENROL, password=PASSWORD)
    assert given["address"].startswith("otpauth://totp/")
    assert given["secret"] in given["address"]
    assert "token" in await sign_in(nobody)
    assert await mine.mutate(CONFIRM, code="000000") == {"errorCode": "INVALID_CREDENTIALS"}
    assert len((await mine.mutate(CONFIRM, code=code(given["secret"], clock)))["recoveryCodes"]) == 10
    pass_steps(clock)
    assert await sign_in(nobody) == {"errorCode": "SECOND_FACTOR_REQUIRED"}
    assert await sign_in(nobody, secondFactor="000000") == {"errorCode": "INVALID_CREDENTIALS"}
    assert (await sign_in(nobody, password="wrong"))["errorCode"] == "INVALID_CREDENTIALS"
    assert "token" in await sign_in(nobody, secondFactor=code(given["secret"], clock))
    assert "core.second_factor_enabled" in [event.type for event in await events()]


@PATIENT
async def test_a_code_counts_once_and_no_earlier_one_after_it(
    client: Clients, register: Register, clock: FrozenClock
) -> None:
    await register()
    nobody = await client()
    secret, _ = await enrolled(holding(nobody, await sign_in(nobody)), clock)
    now, before = code(secret, clock), code(secret, clock, -1)
    assert "token" in await sign_in(nobody, secondFactor=now)
    for again in (now, before):
        assert await sign_in(nobody, secondFactor=again) == {"errorCode": "INVALID_CREDENTIALS"}


@PATIENT
@pytest.mark.parametrize(("drift", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_the_apps_clock_may_differ_by_one_step(
    client: Clients, register: Register, clock: FrozenClock, drift: int, fits: bool
) -> None:
    await register()
    nobody = await client()
    secret, _ = await enrolled(holding(nobody, await sign_in(nobody)), clock)
    pass_steps(clock)
    assert ("token" in await sign_in(nobody, secondFactor=code(secret, clock, drift))) is fits


@PATIENT
async def test_a_recovery_code_stands_in_once_and_is_kept_as_a_hash(
    client: Clients, register: Register, clock: FrozenClock, district: District
) -> None:
    await register()
    nobody = await client()
    secret, codes = await enrolled(holding(nobody, await sign_in(nobody)), clock)
    assert "token" in await sign_in(nobody, secondFactor=codes[0])
    assert await sign_in(nobody, secondFactor=codes[0]) == {"errorCode": "INVALID_CREDENTIALS"}
    assert "token" in await sign_in(nobody, secondFactor=codes[1].replace("-", " ").upper())
    with district.scope():
        kept = str(await RecoveryCode.all().values())
        factor = await SecondFactor.get()
    assert not [one for one in codes if one in kept or one.replace("-", "") in kept]
    assert factor.secret is not None
    assert secret not in factor.secret.stored


@PATIENT
async def test_a_second_factor_is_not_begun_without_the_password(client: Clients, register: Register) -> None:
    await register()
    nobody = await client()
    mine = holding(nobody, await sign_in(nobody))
    for password in ("wrong", None):
        refused = {"errorCode": "INVALID_CREDENTIALS", "path": ["password"]}
        assert await mine.mutate(ENROL, password=password) == refused


@PATIENT
async def test_a_second_factor_is_disabled_by_whoever_shows_it_and_then_not_asked_for(
    client: Clients, register: Register, clock: FrozenClock, district: District
) -> None:
    await register()
    nobody = await client()
    mine = holding(nobody, await sign_in(nobody))
    secret, codes = await enrolled(mine, clock)
    assert (await mine.mutate(ENROL, password=PASSWORD))["errorCode"] == "INVALID_TRANSITION"
    assert await mine.mutate(DISABLE, code="000000") == {"errorCode": "INVALID_CREDENTIALS"}
    assert await mine.mutate(DISABLE, code=codes[0]) == {"username": "lihua"}
    assert await mine.mutate(DISABLE, code=code(secret, clock)) == {"errorCode": "INVALID_TRANSITION"}
    assert "token" in await sign_in(nobody)
    with district.scope():
        assert (await SecondFactor.get()).secret is None
        assert await RecoveryCode.all().count() == 0


@FOR_ADMINS
async def test_roles_that_need_a_second_factor_sleep_without_it(
    client: Clients, tree: Tree, register: Register, clock: FrozenClock
) -> None:
    await register(role="district-admin")
    nobody = await client()
    mine = holding(nobody, await sign_in(nobody))

    async def told(asking: Client) -> dict[str, Any]:
        found: dict[str, Any] = (await asking.data(STATUS))["viewer"]
        return found

    assert await told(mine) == {
        "permissions": [],
        "secondFactor": {"enabled": False, "shown": False, "missing": True},
    }
    secret, codes = await enrolled(mine, clock)
    awake = holding(nobody, await sign_in(nobody, secondFactor=code(secret, clock)))
    for asking in (mine, awake):
        found = await told(asking)
        assert "core.org.write" in found["permissions"]
        assert found["secondFactor"] == {"enabled": True, "shown": True, "missing": False}
    await mine.mutate(DISABLE, code=codes[0])
    assert (await told(awake))["permissions"] == []


@FOR_ADMINS
async def test_service_tokens_that_an_operator_gives_need_no_second_factor(client: Clients, tree: Tree) -> None:
    found = (await (await client("district-admin")).data(STATUS))["viewer"]
    assert "core.org.write" in found["permissions"]


@pytest.mark.linli(settings={"core": {"login_tries": 3}})
async def test_codes_are_not_guessed(client: Clients, register: Register, clock: FrozenClock) -> None:
    await register()
    nobody = await client()
    await enrolled(holding(nobody, await sign_in(nobody)), clock)
    answers = [(await sign_in(nobody, secondFactor=f"{number:06}"))["errorCode"] for number in range(5)]
    assert answers == ["INVALID_CREDENTIALS"] * 3 + ["RATE_LIMITED"] * 2


@FOR_ADMINS
async def test_a_role_that_sleeps_for_want_of_the_factor_is_passed_on_to_nobody(
    client: Clients, register: Register, clock: FrozenClock, tree: Tree, district: District
) -> None:
    boss = await register(role="district-admin")
    with district.scope():
        grant = await Grant.get(account_id=boss.id)
    nobody, accomplice = await client(), await client(person=tree.resident)
    asleep = holding(nobody, await sign_in(nobody))
    given = {
        "grantId": global_id("Grant", grant.id),
        "toAccountId": (await accomplice.data("{ viewer { account { id } } }"))["viewer"]["account"]["id"],
        "validFrom": clock.now().isoformat(),
        "validTo": (clock.now() + timedelta(days=3)).isoformat(),
    }
    assert await asleep.mutate(DELEGATE, input=given) == {"code": "FORBIDDEN"}
    secret, _ = await enrolled(asleep, clock)
    awake = holding(nobody, await sign_in(nobody, secondFactor=code(secret, clock)))
    assert "id" in await awake.mutate(DELEGATE, input=given)
