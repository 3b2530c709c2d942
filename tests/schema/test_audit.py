from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from linli.core import clock as clocks
from linli.core.access import totp
from linli.core.access.attempts import current_tally
from linli.core.access.event_types import Denied
from linli.core.access.models import Account
from linli.core.clock import FrozenClock
from linli.core.counters import LOGIN_FAILED_UNKNOWN, REFUSED_ANONYMOUS, counters
from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.records.events import Journal, payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

Events = Callable[[], Awaitable[list[Event]]]

TRAIL = """query ($type: String!) { events(filter: {type: {eq: $type}}, first: 200) { totalCount nodes {
    org { name } account { username } actor { name } subjectType details } } }"""
REVEAL = 'query ($id: ID!) { person(id: $id) { phone(reveal: {purpose: "核对老年餐补贴资格"}) } }'
RIGHT = {"username": "lihua", "password": "correct horse battery"}
CHANGE = (
    "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ... on Error { errorCode: code } } }"
)
ENROL = """mutation ($input: EnrolSecondFactorInput!) { enrolSecondFactor(input: $input) {
    ... on EnrolledSecondFactor { secret } ... on Error { errorCode: code } } }"""
CONFIRM = """mutation ($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) {
    ... on ConfirmedSecondFactor { recoveryCodes } ... on Error { errorCode: code } } }"""
DISABLE = """mutation ($input: DisableSecondFactorInput!) { disableSecondFactor(input: $input) {
    ... on Error { errorCode: code } } }"""
ACCOUNT = 'mutation { createAccount(input: {username: "lihua", password: "correct horse battery"}) { __typename } }'


@pytest.fixture
async def elder(district: District, tree: Tree) -> Person:
    with district.scope():
        values: dict[str, Any] = {"phone": "13800000011", "habitual_residence_id": tree.community.id}
        return await transact(lambda _unit: create_person(name="示例老人", **values))


async def trail(client: Client, type_: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.data(TRAIL, type=type_))["events"]["nodes"]
    return found


async def test_what_belongs_to_no_organisation_is_for_the_auditor_of_the_whole_district(
    client: Clients, tree: Tree, events: Events
) -> None:
    boss = await client("district-admin")
    await boss.data(ACCOUNT)
    await events()
    (told,) = await trail(await client("auditor"), "core.account_created")
    assert (told["org"], told["subjectType"], told["details"]) == (None, "Account", {"person_id": None})
    assert told["account"]["username"].startswith("test-")
    for asking in (boss, await client("auditor", at=tree.street), await client("street-official"), await client()):
        assert await trail(asking, "core.account_created") == []


async def test_reveals_are_read_by_auditors_with_name_and_purpose_and_by_nobody_else(
    client: Clients, tree: Tree, elder: Person, events: Events
) -> None:
    secretary = await client("community-secretary", at=tree.community, person=tree.staff)
    assert (await secretary.data(REVEAL, id=global_id("Person", elder.id)))["person"]["phone"]
    await events()
    for place in (None, tree.street):
        (told,) = await trail(await client("auditor", at=place), "core.revealed")
        assert told["details"] == {"fields": ["phone"], "purpose": "核对老年餐补贴资格"}
        assert told["org"] == {"name": "观音阁社区"}
    (told,) = await trail(await client("auditor"), "core.revealed")
    assert told["actor"] == {"name": "示**"}
    elsewhere = await client("auditor", at=tree.other_street)
    for asking in (secretary, elsewhere, await client("district-official"), await client("district-admin")):
        assert await trail(asking, "core.revealed") == []


async def test_others_read_what_happened_without_its_details(client: Clients, tree: Tree, events: Events) -> None:
    await events()
    told = await trail(await client("street-official", at=tree.street), "core.org_created")
    assert told
    assert {str(one["details"]) for one in told} == {"None"}
    assert all(one["details"] for one in await trail(await client("auditor"), "core.org_created"))


FORBIDDEN = 'mutation { createAccount(input: {username: "lihua"}) { ... on Error { errorCode: code } } }'
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
    ... on Session { token } ... on Error { errorCode: code } } }"""


async def told(district: District, events: Events, type_: str) -> list[tuple[Event, Any]]:
    """The events of a type with their payloads."""
    found = [event for event in await events() if event.type == type_]
    with district.scope():
        read = await payloads(found, district.event_types)
    return [(event, read[event.id]) for event in found]


async def test_a_refused_attempt_is_recorded_at_once_and_a_flood_of_them_is_two_events(
    client: Clients, tree: Tree, district: District, events: Events, clock: FrozenClock
) -> None:
    officer = await client("grid-officer", at=tree.grid)
    assert await officer.mutate(FORBIDDEN) == {"errorCode": "FORBIDDEN"}
    ((event, payload),) = await told(district, events, "core.denied")
    assert payload == Denied(permission="core.account.write", minute=clock.now(), count=1)
    assert (event.subject_type, event.subject_id, event.org_id) == ("Account", event.actor_id, None)
    for _ in range(3):
        answers = await asyncio.gather(*(officer.mutate(FORBIDDEN) for _ in range(10)))
        assert {answer["errorCode"] for answer in answers} == {"FORBIDDEN"}
    assert len(await told(district, events, "core.denied")) == 1
    minute = clock.now()
    clock.advance(minute + timedelta(minutes=1))
    with district.scope():
        await current_tally().tell()
    (_, (_, summary)) = await told(district, events, "core.denied")
    assert summary == Denied(permission="core.account.write", minute=minute, count=30)
    await officer.mutate(FORBIDDEN)
    assert [payload.count for _, payload in await told(district, events, "core.denied")] == [1, 30, 1]


async def test_refused_arguments_and_reveals_are_recorded_too(
    client: Clients, tree: Tree, elder: Person, district: District, events: Events
) -> None:
    officer = await client("grid-officer", at=tree.community)
    assert (await officer.query(REVEAL, id=global_id("Person", elder.id))).codes == ["FORBIDDEN"]
    asked = await officer.query('{ a: people(filter: {phone: {eq: "1"}}) { totalCount } }')
    assert asked.codes == ["FORBIDDEN"]
    ((_, payload),) = await told(district, events, "core.denied")
    assert (payload.permission, payload.count) == ("core.person.reveal", 1)
    with district.scope():
        await current_tally().tell(all_=True)
    assert [one.count for _, one in await told(district, events, "core.denied")] == [1, 1]


async def test_a_refusal_stands_when_it_cannot_be_recorded(
    client: Clients, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_journal: Any) -> None:
        raise OSError("no space left on device")

    officer = await client("grid-officer", at=tree.grid)
    monkeypatch.setattr(Journal, "__call__", full)
    assert await officer.mutate(FORBIDDEN) == {"errorCode": "FORBIDDEN"}


async def test_what_nobody_is_refused_is_counted_and_writes_nothing(
    client: Clients, district: District, events: Events
) -> None:
    before, written = counters.values().get((district.key, REFUSED_ANONYMOUS), 0), len(await events())
    assert (await (await client()).query(FORBIDDEN)).codes == ["UNAUTHENTICATED"]
    assert counters.values()[district.key, REFUSED_ANONYMOUS] == before + 1
    assert len(await events()) == written


async def test_a_wrong_code_and_a_wrong_old_password_are_told_like_a_failed_login(
    client: Clients, district: District, events: Events
) -> None:
    """Whoever has the password, or a session, and guesses the rest leaves a trace."""
    await (await client("district-admin")).data(ACCOUNT)
    nobody = await client()
    session = await nobody.mutate(LOGIN, input=RIGHT)
    mine = Client(nobody.http, nobody.path, session["token"])
    wrong = {"oldPassword": "a wrong password", "newPassword": "another one of mine"}
    assert await mine.mutate(CHANGE, input=wrong) == {"errorCode": "INVALID_CREDENTIALS"}
    assert await mine.mutate(ENROL, input={"password": "wrong"}) == {"errorCode": "INVALID_CREDENTIALS"}
    secret = (await mine.mutate(ENROL, input={"password": RIGHT["password"]}))["secret"]
    code = totp.code_at(secret, totp.step_at(clocks.now()))
    assert (await mine.mutate(CONFIRM, input={"code": code}))["recoveryCodes"]
    guessed = await nobody.mutate(LOGIN, input={**RIGHT, "secondFactor": "000000"})
    assert guessed == {"errorCode": "INVALID_CREDENTIALS"}
    assert await mine.mutate(DISABLE, input={"code": "000000"}) == {"errorCode": "INVALID_CREDENTIALS"}
    async with asyncio.timeout(60):  # written beside the answers
        while await failures(district, events) < 4:
            await asyncio.sleep(0.01)
    assert await failures(district, events) == 4


async def failures(district: District, events: Events) -> int:
    """How many wrong passwords and codes are recorded by now."""
    with district.scope():
        await current_tally().tell(all_=True)
    return sum(payload.count for _, payload in await told(district, events, "core.login_failed"))


async def test_logins_are_recorded_and_failed_ones_by_account(
    client: Clients, district: District, events: Events
) -> None:
    await (await client("district-admin")).data(ACCOUNT)
    nobody = await client()
    unknown = counters.values().get((district.key, LOGIN_FAILED_UNKNOWN), 0)
    for username in ("lihua", "lihua", "nobody"):
        failed = await nobody.mutate(LOGIN, input={"username": username, "password": "wrong"})
        assert failed == {"errorCode": "INVALID_CREDENTIALS"}
    assert (await nobody.mutate(LOGIN, input=RIGHT))["token"]
    assert counters.values()[district.key, LOGIN_FAILED_UNKNOWN] == unknown + 1
    ((event, _),) = await told(district, events, "core.signed_in")
    assert event.actor_id == event.subject_id
    async with asyncio.timeout(10):  # written beside the answer
        while not await told(district, events, "core.login_failed"):
            await asyncio.sleep(0.01)
    with district.scope():
        await current_tally().tell(all_=True)
    found = await told(district, events, "core.login_failed")
    assert [(one.subject_id, payload.count) for one, payload in found] == [(event.subject_id, 1)] * 2


async def test_an_auditor_learns_who_is_behind_an_account_masked_and_in_no_way_in_full(
    client: Clients, tree: Tree, elder: Person, district: District, events: Events
) -> None:
    """What accounts did is audited by person: one person may act by several. Names are read masked all the same."""
    await client(person=elder)
    with district.scope():
        account = await Account.get(person_id=elder.id)
    id_ = global_id("Account", account.id)
    asked = "query ($id: ID!) { node(id: $id) { ... on Account { username person { id name phone %s } } } }"
    auditor = await client("auditor")
    person = (await auditor.data(asked % "", id=id_))["node"]["person"]
    assert person["id"] == global_id("Person", elder.id)
    assert (person["name"], person["phone"]) == ("示***", "138****0011")
    revealing = 'full: name(reveal: {purpose: "审计抽查"})'
    assert (await auditor.query(asked % revealing, id=id_)).codes == ["FORBIDDEN"]
    granting = await client("security-admin")
    assert await granting.data(asked % "", id=id_) == {"node": {"username": account.username, "person": None}}
