"""A person's data handed out, corrected and erased, through the API; what is erased is nowhere in the file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.core.access.models import Account, Grant, PersonClaim
from linli.core.access.tokens import Narrowed, issue
from linli.core.clock import FrozenClock
from linli.core.crypto.suites import TamperedError
from linli.core.districts import District, Platform
from linli.core.graph.models import OrgNode
from linli.core.people import services as people
from linli.core.people.models import Person
from linli.core.privacy.models import PersonRequest
from linli.core.records import commitments, person_keys
from linli.core.records.encrypted import blinds
from linli.core.records.models import Event, EventPayload, PersonKey
from linli.core.records.unit_of_work import transact
from linli.core.records.verify import verify
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

NUMBER, PHONE, NEW_PHONE, PARTY = "430602195206150011", "13800000011", "13900000099", "中共预备党员"
REQUEST = """... on PersonRequest { id kind state document reason answer corrections { field value }
    erased { plugin what rows columns } kept { plugin what rows reason } } ... on Error { errorCode: code path }"""


def asks(name: str) -> str:
    return f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {REQUEST} }} }}"


EXPORT, CORRECT, ERASE = asks("exportPerson"), asks("requestCorrection"), asks("erasePerson")
CONFIRM, REFUSE = asks("confirmPersonRequest"), asks("refusePersonRequest")
READ = f"query ($id: ID!) {{ node(id: $id) {{ {REQUEST.split('... on Error', maxsplit=1)[0]} }} }}"
DELEGATE = """mutation ($input: DelegateRoleInput!) { delegateRole(input: $input) {
    ... on Grant { id } ... on Error { code } } }"""
CLAIM = "mutation ($input: ClaimPersonInput!) { claimPerson(input: $input) { __typename } }"
REJECT = """mutation ($input: RejectPersonClaimInput!) { rejectPersonClaim(input: $input) {
    ... on PersonClaim { state } ... on Error { code } } }"""
Events = Callable[[], Awaitable[list[Event]]]


@pytest.fixture
async def subject(district: District, tree: Tree) -> Person:
    """Somebody with an id number, whose phone was changed once."""
    with district.scope():
        home = tree.community.id
        known: dict[str, Any] = {"id_number": NUMBER, "phone": PHONE, "party_status": PARTY}
        made = await transact(lambda _unit: people.create_person(name="示例老人", habitual_residence_id=home, **known))
        await transact(lambda _unit: people.update_person(made, None, phone=NEW_PHONE, party_status="群众"))
        return await Person.get(id=made.id)


def of(person: Person, **more: Any) -> dict[str, Any]:
    return {"personId": global_id("Person", person.id), **more}


async def erased(client: Clients, person: Person) -> Any:
    """The person is erased: one official asks, another confirms."""
    first, second = await client("district-official"), await client("district-official")
    asked = await first.mutate(ERASE, input=of(person, reason="moved away"))
    assert asked["state"] == "OPEN", asked
    return await second.mutate(CONFIRM, input={"id": asked["id"]})


async def test_a_narrowed_token_does_not_let_anybody_decide_on_their_own_request(
    client: Clients, subject: Person, district: District
) -> None:
    """Such a token is nobody's in what it shows; whose account it is counts all the same for who may decide."""
    nobody = await client()
    allowed = Narrowed(("core.person_request.read", "core.person.read", "core.person.write"))

    async def accounts(_unit: object) -> tuple[str, str]:
        former = await Account.create(username="former", person_id=subject.id)
        now = await Account.create(username="now", person_id=subject.id)
        root = await OrgNode.get(parent_id=None)
        await Grant.create(account_id=now.id, role="district-admin", org_id=root.id)
        return await issue(former.id), await issue(now.id, narrowed=allowed)

    with district.scope():
        former, narrowed = await transact(accounts)
    asked = await Client(nobody.http, nobody.path, former).mutate(CORRECT, input=of(subject, phone=PHONE))
    assert asked["state"] == "OPEN", asked
    decides = Client(nobody.http, nobody.path, narrowed)
    for mutation, more in ((CONFIRM, {}), (REFUSE, {"answer": "no"})):
        found = await decides.mutate(mutation, input={"id": asked["id"], **more})
        assert found == {"errorCode": "SELF_VERIFICATION", "path": ["id"]}


async def test_a_deputy_does_not_confirm_what_the_holder_of_the_role_asked_for(
    client: Clients, subject: Person, tree: Tree, clock: FrozenClock
) -> None:
    """Else one official erases anybody alone, by lending the own role for a minute."""
    official, deputy = await client("district-official", person=tree.staff), await client(person=tree.partner_staff)
    mine = (await official.data("{ viewer { grants { id } } }"))["viewer"]["grants"][0]["id"]
    to = (await deputy.data("{ viewer { account { id } } }"))["viewer"]["account"]["id"]
    span = {"validFrom": clock.now().isoformat(), "validTo": (clock.now() + timedelta(hours=1)).isoformat()}
    assert "id" in await official.mutate(DELEGATE, input={"grantId": mine, "toAccountId": to, **span})
    asked = await official.mutate(ERASE, input=of(subject, reason="moved away"))
    for step, more in ((CONFIRM, {}), (REFUSE, {"answer": "no"})):
        refused = await deputy.mutate(step, input={"id": asked["id"], **more})
        assert refused == {"errorCode": "SELF_VERIFICATION", "path": ["id"]}
    other = await client("district-official")
    assert (await other.mutate(CONFIRM, input={"id": asked["id"]}))["state"] == "DONE"


async def test_why_a_claim_was_rejected_goes_with_the_person(
    client: Clients, subject: Person, district: District
) -> None:
    somebody = await client("volunteer")
    claim = {"name": "示例老人", "idNumber": NUMBER}
    assert (await somebody.mutate(CLAIM, input=claim))["__typename"] == "ClaimReceived"
    admin = await client("district-admin")
    listed = (await admin.data("{ personClaims { nodes { id } } }"))["personClaims"]["nodes"]
    rejected = await admin.mutate(REJECT, input={"claimId": listed[0]["id"], "reason": "示例老人的邻居"})
    assert rejected["state"] == "REJECTED"
    done = await erased(client, subject)
    assert "core_person_claim" in {part["what"] for part in done["erased"]}
    with district.scope():
        assert await PersonClaim.all().values_list("reason", flat=True) == [None]


async def test_a_person_is_handed_everything_that_is_kept_of_them(
    client: Clients, subject: Person, events: Events
) -> None:
    me = await client(person=subject)
    await events()
    answer = await me.mutate(EXPORT, input=of(subject, purpose="to see it"))
    told = answer["document"]
    query = "query ($id: ID!) { node(id: $id) { ... on PersonRequest { documentSchema } } }"
    schema = (await me.data(query, id=answer["id"]))["node"]["documentSchema"]
    assert set(schema["required"]) == set(schema["properties"]) == set(told)
    for part in ("records", "history"):
        shape = schema["properties"][part]["items"]
        assert all(set(shape["required"]) == set(shape["properties"]) == set(one) for one in told[part])
    rows = {part["what"]: part["rows"] for part in told["records"]}
    assert (rows["core_person"][0]["id_number"], rows["core_person"][0]["phone"]) == (NUMBER, NEW_PHONE)
    assert "password_hash" not in rows["core_account"][0]
    assert "digest" not in rows["core_token"][0]
    history = [(event["type"], event["payload"]) for event in told["history"]]
    assert [type_ for type_, _ in history][:2] == ["core.person_created", "core.person_updated"]
    assert history[1][1]["before"]["phone"] == PHONE
    exported = [event for event in await events() if event.type == "core.person_exported"]
    assert len(exported) == 1


async def test_the_document_is_read_by_whoever_asked_and_not_for_long(
    client: Clients, subject: Person, clock: FrozenClock
) -> None:
    official, other = await client("district-official"), await client("district-official")
    asked = await official.mutate(EXPORT, input=of(subject, purpose="asked at the counter"))
    assert asked["document"]["personId"] == str(subject.id)
    assert (await other.data(READ, id=asked["id"]))["node"]["document"] is None
    assert (await official.data(READ, id=asked["id"]))["node"]["document"]
    clock.advance(clock.now() + timedelta(minutes=11))
    assert (await official.data(READ, id=asked["id"]))["node"]["document"] is None


@pytest.mark.parametrize("as_", ["district-admin", "street-official", "auditor", "grid-officer"])
async def test_nobody_else_is_handed_or_erases_anything(
    client: Clients, subject: Person, tree: Tree, events: Events, as_: str
) -> None:
    who = await client(as_)
    before = await events()
    for operation, more in ((EXPORT, {"purpose": "x"}), (ERASE, {"reason": "x"})):
        refused = await who.mutate(operation, input=of(subject, **more))
        assert refused["errorCode"] == "FORBIDDEN", refused
    neighbour = await client(person=tree.neighbour)
    for operation, more in ((EXPORT, {"purpose": "x"}), (ERASE, {"reason": "x"}), (CORRECT, {"phone": "1"})):
        assert (await neighbour.mutate(operation, input=of(subject, **more)))["errorCode"] == "NOT_FOUND"
    told = [event.type for event in (await events())[len(before) :]]
    assert set(told) == {"core.denied"}, "the attempts, and nothing else"


async def test_a_person_asks_for_a_correction_and_staff_enter_it(
    client: Clients, subject: Person, district: District
) -> None:
    me, boss = await client(person=subject), await client("district-admin")
    asked = await me.mutate(CORRECT, input=of(subject, phone="13700000077", reason="typed wrongly"))
    assert asked["corrections"] == [{"field": "phone", "value": "13700000077"}]
    again = await me.mutate(CORRECT, input=of(subject, phone="13700000078"))
    assert again["errorCode"] == "CONFLICT"
    seen = (await boss.data(READ, id=asked["id"]))["node"]
    assert (seen["reason"], seen["corrections"]) == ("typed wrongly", [{"field": "phone", "value": "137****0077"}])
    assert (await me.mutate(CONFIRM, input={"id": asked["id"]}))["errorCode"] == "FORBIDDEN"
    done = await boss.mutate(CONFIRM, input={"id": asked["id"]})
    assert done["state"] == "DONE"
    with district.scope():
        person = await Person.get(id=subject.id)
        assert person.phone is not None
        assert person.phone.decrypt() == "13700000077"


@pytest.mark.parametrize(
    ("given", "code"),
    [({}, "VALIDATION"), ({"idNumber": "430602195206150012"}, "VALIDATION"), ({"name": " "}, "VALIDATION")],
)
async def test_a_correction_that_cannot_be_right_is_refused(
    client: Clients, subject: Person, district: District, given: dict[str, Any], code: str
) -> None:
    me = await client(person=subject)
    assert (await me.mutate(CORRECT, input=of(subject, **given)))["errorCode"] == code
    with district.scope():
        assert not await PersonRequest.exists()


async def test_a_refusal_says_why(client: Clients, subject: Person) -> None:
    me, official = await client(person=subject), await client("district-official")
    asked = await me.mutate(ERASE, input=of(subject, reason="I want to be forgotten"))
    waiting = "{ personRequests(filter: {state: {eq: OPEN}, kind: {eq: ERASURE}}) { nodes { id } } }"
    assert (await official.data(waiting))["personRequests"]["nodes"] == [{"id": asked["id"]}]
    refused = await official.mutate(REFUSE, input={"id": asked["id"], "answer": "a claim of yours is open"})
    assert (await official.data(waiting))["personRequests"]["nodes"] == []
    assert (refused["state"], refused["answer"]) == ("REFUSED", "a claim of yours is open")
    assert (await me.data(READ, id=asked["id"]))["node"]["answer"] == "a claim of yours is open"
    for operation, more in ((CONFIRM, {}), (REFUSE, {"answer": "again"})):
        again = await official.mutate(operation, input={"id": asked["id"], **more})
        assert again["errorCode"] == "INVALID_TRANSITION"


async def test_whoever_asked_does_not_confirm(client: Clients, subject: Person, district: District) -> None:
    official = await client("district-official")
    asked = await official.mutate(ERASE, input=of(subject, reason="moved"))
    assert (await official.mutate(ERASE, input=of(subject, reason="moved")))["id"] == asked["id"]
    assert (await official.mutate(CONFIRM, input={"id": asked["id"]}))["errorCode"] == "SELF_VERIFICATION"
    concerned = await client("district-official", person=subject)
    assert (await concerned.mutate(CONFIRM, input={"id": asked["id"]}))["errorCode"] == "SELF_VERIFICATION"
    with district.scope():
        assert (await Person.get(id=subject.id)).erased_at is None


async def test_an_erased_person_is_gone_and_the_chain_holds(
    client: Clients, subject: Person, tree: Tree, district: District, events: Events
) -> None:
    me, boss = await client("grid-officer", person=subject), await client("district-admin")
    done = await erased(client, subject)
    assert done["state"] == "DONE"
    parts = {part["what"]: part for part in done["erased"]}
    assert (parts["core_person"]["plugin"], parts["core_person"]["rows"]) == ("core", 1)
    assert "id_number" in parts["core_person"]["columns"]
    assert all(part["reason"] for part in done["kept"])
    assert {"core_event", "core_grant", "core_person_request"} <= {part["what"] for part in done["kept"]}
    refused = await me.query("{ viewer { account { id } } }")
    assert refused.errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await boss.data("{ people { nodes { name } } }"))["people"]["nodes"]
    asked, wanted = "query ($id: ID!) { person(id: $id) { name } }", global_id("Person", subject.id)
    # whoever sees people without a place sees that there was one
    assert await boss.data(asked, id=wanted) == {"person": {"name": "已删除"}}
    official = await client("street-official", at=tree.street)
    assert await official.data(asked, id=wanted) == {"person": None}
    happened = await events()
    assert "core.person_erased" in {event.type for event in happened}
    with district.scope():
        person = await Person.get(id=subject.id)
        assert (person.name, person.id_number, person.phone, person.birth_date) == ("已删除", None, None, None)
        assert not await Person.filter(id_number_index__in=blinds(Person, "id_number", NUMBER)).exists()
        account = await Account.get(person_id=subject.id)
        assert (account.username, account.disabled_at is None) == (f"erased-{account.id}", False)
        assert not await Grant.filter(account_id=account.id, valid_to=None).exists()
        result = await verify()
        assert (result.ok, result.erased) == (True, 1)
    boss_events = await boss.data("{ events { nodes { type subject { id } } } }")
    assert "core.person_updated" in {event["type"] for event in boss_events["events"]["nodes"]}


async def test_an_erasure_happens_once(client: Clients, subject: Person, events: Events) -> None:
    done = await erased(client, subject)
    one, other = await client("district-official"), await client("district-official")
    assert (await one.mutate(ERASE, input=of(subject, reason="again")))["id"] == done["id"]
    answers = await asyncio.gather(*(who.mutate(CONFIRM, input={"id": done["id"]}) for who in (one, other)))
    assert [answer["state"] for answer in answers] == ["DONE", "DONE"]
    assert [event.type for event in await events()].count("core.person_erased") == 1


async def test_two_who_confirm_at_once_erase_once(client: Clients, subject: Person, events: Events) -> None:
    first = await client("district-official")
    officials = [await client("district-official") for _ in range(4)]
    asked = await first.mutate(ERASE, input=of(subject, reason="moved"))
    answers = await asyncio.gather(*(who.mutate(CONFIRM, input={"id": asked["id"]}) for who in officials))
    assert {answer["state"] for answer in answers} == {"DONE"}
    assert [event.type for event in await events()].count("core.person_erased") == 1


async def kept_secret(district: District, person_id: UUID) -> EventPayload:
    with district.scope():
        (found,) = await EventPayload.filter(person_id=person_id)
        return found


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "suite",
    [
        pytest.param(it, marks=pytest.mark.linli(settings={"core": {"crypto_suite": it}}))
        for it in ("international", "gm")
    ],
)
async def test_no_file_holds_what_was_encrypted_nor_an_old_backup(
    client: Clients, subject: Person, district: District, platform: Platform, *, tmp_path: Path, suite: str
) -> None:
    """An old copy holds no plain value, and what it holds of events does not open with the keys of today."""
    file = platform.configuration.database_of(district.key).file
    assert file is not None
    backup = tmp_path / "old.backup"
    before = sqlite3.connect(file)
    before.execute("VACUUM INTO ?", [str(backup)])
    before.close()
    old = await kept_secret(district, subject.id)
    assert old.secret is not None
    with district.scope():
        old_key = await PersonKey.get(id=subject.id)
    await erased(client, subject)
    for path in (backup, *file.parent.glob(f"{file.name}*")):
        content = path.read_bytes()
        for plain in (NUMBER, PHONE, NEW_PHONE, "19520615"):
            assert plain.encode() not in content, (path, plain)
    for path in file.parent.glob(f"{file.name}*"):
        for plain in ("示例老人", PARTY, "moved away"):
            assert path.suffix == ".sqlite3-wal" or plain.encode() not in path.read_bytes(), (path, plain)
    _, closed = commitments.parted(old.secret)
    with district.scope():
        present = await PersonKey.get(id=subject.id)
        assert present.secret is None
        with pytest.raises(TamperedError):  # any other key than the destroyed one
            person_keys.opened(bytes(32), subject.id, old.id, old.suite, closed)
        # said in docs/operators.md: who holds the old copy and the master key can still open the old copy
        assert old_key.secret is not None
        secret = person_keys.unwrapped(subject.id, old_key.secret.stored)
        _, values = person_keys.opened(secret, subject.id, old.id, old.suite, closed)
        assert values["before"]["phone"] == PHONE
