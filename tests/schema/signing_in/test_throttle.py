"""Guessing is slowed down, and locks nobody else out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from linli.core.access.models import Account, SignInTry
from linli.core.access.passwords import checked
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.schema.core import sessions as signing_in
from linli.schema.testing import Client
from tests.schema.signing_in.conftest import PASSWORD, From, Register, sign_in

WRONG = {"errorCode": "INVALID_CREDENTIALS"}
ATTACKER, OWNER = "198.51.100.7", "203.0.113.20"
CHEAP = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=32, parallelism=1),)).hash(PASSWORD)
FEW = pytest.mark.linli(settings={"core": {"login_tries": 2, "login_tries_per_network": 4, "login_window_minutes": 10}})


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were looked at; hashes are as cheap as `CHEAP`."""
    seen: list[str] = []

    def look(password: str, known: str | None) -> tuple[bool, str | None]:
        seen.append(password)
        return (password == PASSWORD and known is not None, None)

    monkeypatch.setattr(signing_in, "checked", look)
    return seen


async def guess(client: Client, times: int, username: str = "lihua") -> list[str | None]:
    """What wrong passwords are answered, as codes."""
    answers = [await sign_in(client, username, f"guess {number}") for number in range(times)]
    return [answer.get("errorCode") for answer in answers]


@FEW
async def test_wrong_tries_from_one_address_are_slowed_until_the_window_is_over(
    at_address: From, register: Register, judged: list[str], clock: FrozenClock
) -> None:
    await register()
    attacker = at_address(ATTACKER)
    assert await guess(attacker, 3) == ["INVALID_CREDENTIALS", "INVALID_CREDENTIALS", "RATE_LIMITED"]
    clock.advance(clock.now() + timedelta(minutes=4))
    assert await sign_in(attacker) == {"errorCode": "RATE_LIMITED", "retryAfterSeconds": 360}
    assert judged == ["guess 0", "guess 1"]
    clock.advance(clock.now() + timedelta(minutes=6))
    assert "token" in await sign_in(attacker)


@FEW
async def test_whoever_hammers_a_name_locks_its_owner_out_from_nowhere_else(
    at_address: From, register: Register, judged: list[str]
) -> None:
    await register()
    owner = at_address(OWNER)
    assert "token" in await sign_in(owner)
    await guess(at_address(ATTACKER), 30)
    assert "token" in await sign_in(owner)
    assert "token" in await sign_in(at_address("192.0.2.99"))


@FEW
async def test_a_name_that_many_addresses_guess_at_keeps_a_try_for_each(
    at_address: From, register: Register, judged: list[str]
) -> None:
    await register()
    home = at_address(OWNER)
    assert "token" in await sign_in(home)
    for number in range(20):
        await guess(at_address(f"10.0.{number}.1"), 1)
    fresh = at_address("10.1.0.1")
    assert await guess(fresh, 2) == ["INVALID_CREDENTIALS", "RATE_LIMITED"]
    assert "token" in await sign_in(at_address("10.2.0.1"))
    assert await guess(home, 1) == ["INVALID_CREDENTIALS"]
    assert "token" in await sign_in(home)


@FEW
async def test_whoever_guesses_at_many_names_stops_no_colleague_behind_the_same_address(
    at_address: From, register: Register, judged: list[str]
) -> None:
    await register()
    await register("wangwu")
    office = at_address(OWNER)
    assert "token" in await sign_in(office)
    for number in range(6):
        await guess(office, 1, f"nobody{number}")
    assert (await sign_in(office, "wangwu"))["errorCode"] == "RATE_LIMITED"
    assert "token" in await sign_in(office)
    assert "token" in await sign_in(at_address("192.0.2.99"), "wangwu")


async def past_the_limit(office: Client) -> None:
    """Sign lihua in from a network, then use up its tries."""
    assert "token" in await sign_in(office)
    for number in range(4):
        assert await guess(office, 1, f"nobody{number}") == ["INVALID_CREDENTIALS"]


@FEW
async def test_beyond_the_limit_of_a_network_a_wrong_try_tells_no_names_by_answer_or_work(
    at_address: From,
    register: Register,
    judged: list[str],
    clock: FrozenClock,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    await register()
    await register("wangwu")
    office = at_address(OWNER)
    await past_the_limit(office)
    judged.clear()
    sent = []
    for username in ("lihua", "wangwu", "nobody"):
        with statements() as count:
            answer = await sign_in(office, username, "wrong")
        assert answer == {"errorCode": "RATE_LIMITED", "retryAfterSeconds": 600}
        sent.append([statement.split("$")[0] for statement in count])
    assert judged == ["wrong"] * 3
    assert sent[0] == sent[1] == sent[2]
    assert "token" in await sign_in(office)


@FEW
async def test_beyond_the_limit_of_a_network_hashes_are_made_one_after_another_for_any_name(
    at_address: From, register: Register, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await register()
    office = at_address(OWNER)
    await past_the_limit(office)
    seen, begun, go_on = [], asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def look(password: str, known: str | None) -> tuple[bool, str | None]:
        seen.append(password)
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(60)
        return (password == PASSWORD and known is not None, None)

    monkeypatch.setattr(signing_in, "checked", look)
    first = asyncio.create_task(sign_in(office))
    try:
        await asyncio.wait_for(begun.wait(), 60)
        answers = [await sign_in(office, username, "wrong") for username in ("lihua", "nobody")]
    finally:
        go_on.set()
    assert answers == [{"errorCode": "RATE_LIMITED", "retryAfterSeconds": 1}] * 2
    assert "token" in await first
    assert seen == [PASSWORD]
    assert "token" in await sign_in(office)


@FEW
async def test_addresses_of_one_network_count_together(at_address: From, register: Register, judged: list[str]) -> None:
    await register()
    one, two = at_address("2001:db8:1:1::1"), at_address("2001:db8:1:2::9")
    assert await guess(one, 1) + await guess(two, 2) == ["INVALID_CREDENTIALS"] * 2 + ["RATE_LIMITED"]


@FEW
async def test_many_tries_in_one_request_count_each(at_address: From, register: Register, judged: list[str]) -> None:
    await register()
    tries = " ".join(
        f'try{number}: login(input: {{username: "lihua", password: "guess {number}"}}) {{ ... on Error {{ code }} }}'
        for number in range(10)
    )
    answer = await at_address(ATTACKER).data(f"mutation {{ {tries} }}")
    codes = [one["code"] for one in answer.values()]
    assert codes == ["INVALID_CREDENTIALS"] * 2 + ["RATE_LIMITED"] * 8
    assert len(judged) == 2


@FEW
async def test_many_tries_at_once_count_each(at_address: From, register: Register, judged: list[str]) -> None:
    await register()
    attacker = at_address(ATTACKER)
    answers = await asyncio.gather(*(sign_in(attacker, password=f"guess {number}") for number in range(12)))
    codes = sorted(answer["errorCode"] for answer in answers)
    assert codes == ["INVALID_CREDENTIALS"] * 2 + ["RATE_LIMITED"] * 10
    assert len(judged) == 2


@FEW
async def test_the_right_password_forgets_the_wrong_ones(
    at_address: From, register: Register, judged: list[str]
) -> None:
    await register()
    owner = at_address(OWNER)
    for _ in range(4):
        assert await guess(owner, 1) == ["INVALID_CREDENTIALS"]
        assert "token" in await sign_in(owner)


async def test_a_name_that_nobody_has_takes_the_same_work(
    at_address: From,
    register: Register,
    monkeypatch: pytest.MonkeyPatch,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    await register()
    await register("no-password", password_hash=None)
    hashed: list[str] = []

    class Counting(Argon2Hasher):
        def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
            hashed.append(str(password))
            return super().verify(password, hash)

    monkeypatch.setattr("linli.core.access.passwords._hasher", lambda: PasswordHash((Counting(),)))
    asking, sent = at_address(ATTACKER), []
    for username in ("lihua", "no-password", "nobody"):
        with statements() as count:
            assert await sign_in(asking, username, "wrong") == WRONG
        sent.append([statement.split("$")[0] for statement in count])
    assert hashed == ["wrong"] * 3
    assert sent[0] == sent[1] == sent[2]


async def test_names_are_kept_unreadably(at_address: From, register: Register, district: District) -> None:
    await sign_in(at_address(ATTACKER), "my secret typed into the wrong field", "x")
    with district.scope():
        kept = await SignInTry.all().values()
    assert len(kept) == 3
    assert "secret" not in str(kept)
    assert "198.51" not in str(kept)


async def test_a_hash_of_smaller_parameters_is_replaced_when_its_owner_signs_in(
    at_address: From, register: Register, district: District
) -> None:
    account = await register(password_hash=CHEAP)
    owner = at_address(OWNER)
    assert await sign_in(owner, password="wrong") == WRONG
    assert await _hash(district, account) == CHEAP
    assert "token" in await sign_in(owner)
    anew = await _hash(district, account)
    assert anew != CHEAP
    assert checked(PASSWORD, anew) == (True, None)
    assert "token" in await sign_in(owner)


async def _hash(district: District, account: Account) -> str | None:
    with district.scope():
        return (await Account.get(id=account.id)).password_hash


@FEW
async def test_the_old_password_is_not_guessed_with_a_stolen_token(at_address: From, register: Register) -> None:
    await register()
    client = at_address(OWNER)
    session = await sign_in(client)
    asking = Client(client.http, client.path, session["token"])
    change = """mutation ($old: String!) { changePassword(input: {oldPassword: $old, newPassword: "another password"}) {
        ... on Account { version } ... on Error { code } } }"""
    answers = [await asking.mutate(change, old=old) for old in ("a", "b", PASSWORD)]
    assert [answer.get("code") for answer in answers] == ["INVALID_CREDENTIALS", "INVALID_CREDENTIALS", "RATE_LIMITED"]
