"""Consents: given and withdrawn by the person or through staff, asked for by plugins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.privacy.consents import ConsentRequiredError, require_consent
from linli.core.privacy.event_types import ConsentPayload
from linli.core.privacy.models import Consent
from linli.core.records.events import payloads
from linli.core.records.models import Event, EventPayload
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

GIVE = """mutation ($input: GiveConsentInput!) { giveConsent(input: $input) {
    ... on Consent { id purpose basis channel evidence withdrawnAt } ... on Error { errorCode: code path }
    ... on ValidationError { fields { path code } } } }"""
WITHDRAW = """mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
    ... on Consent { id withdrawnAt version } ... on Error { errorCode: code } } }"""
READ = "query ($id: ID!) { person(id: $id) { consents { nodes { purpose channel evidence withdrawnAt } } } }"

Events = Callable[[], Awaitable[list[Event]]]


async def give(who: Client, tree: Tree, **more: Any) -> Any:
    person = global_id("Person", tree.resident.id)
    return await who.mutate(GIVE, input={"personId": person, "purpose": "core.contact", **more})


async def test_a_person_agrees_and_withdraws_as_easily(client: Clients, tree: Tree, district: District) -> None:
    me = await client(person=tree.resident)
    with district.scope(), pytest.raises(ConsentRequiredError):
        await require_consent(tree.resident.id, "core.contact")
    given = await give(me, tree)
    assert (given["basis"], given["channel"], given["withdrawnAt"]) == ("CONSENT", "APP", None)
    with district.scope():
        await require_consent(tree.resident.id, "core.contact")
    withdrawn = await me.mutate(WITHDRAW, input={"consentId": given["id"]})
    assert withdrawn["withdrawnAt"]
    with district.scope(), pytest.raises(ConsentRequiredError):
        await require_consent(tree.resident.id, "core.contact")
    assert await me.mutate(WITHDRAW, input={"consentId": given["id"]}) == {"errorCode": "INVALID_TRANSITION"}
    assert (await give(me, tree))["id"] != given["id"]


async def test_staff_record_a_consent_with_its_evidence(
    client: Clients, tree: Tree, district: District, events: Events
) -> None:
    boss = await client("district-admin")
    given = await give(boss, tree, channel="PHONE", evidence="call of 9 March, line 2")
    assert given["evidence"] == "call of 9 March, line 2"
    event = next(one for one in reversed(await events()) if one.type == "core.consent_given")
    with district.scope():
        kept = await EventPayload.get(id=event.id)
        assert "line 2" not in str(vars(kept))
        told = (await payloads([event], district.event_types))[event.id]
    assert isinstance(told, ConsentPayload)
    assert (event.type, told.evidence, told.channel) == ("core.consent_given", "call of 9 March, line 2", "PHONE")
    (consent,) = await consents(boss, tree)
    assert (consent["purpose"], consent["evidence"]) == ("core.contact", "call of 9 March, line 2")


async def consents(who: Client, tree: Tree) -> list[dict[str, Any]]:
    seen = await who.data(READ, id=global_id("Person", tree.resident.id))
    found: list[dict[str, Any]] = seen["person"]["consents"]["nodes"]
    return found


NARROWED = {
    "roles": {"grid-officer": {"add": ["core.consent.read"]}, "community-staff": {"add": ["core.person.write"]}}
}


@pytest.mark.linli(settings={"core": NARROWED})
async def test_consents_are_read_by_the_person_and_those_who_may_record_or_read_them_there(
    client: Clients, tree: Tree
) -> None:
    given = await give(await client("district-admin"), tree, channel="PHONE", evidence="line 2")
    shown = {
        (None, None): "line 2",
        ("district-admin", tree.root): "line 2",
        ("community-staff", tree.community): "line 2",
        ("auditor", tree.root): None,
        ("auditor", tree.community): None,
        ("grid-officer", tree.community): None,
    }
    for (role, place), evidence in shown.items():
        who = await client(person=tree.resident) if role is None else await client(role, at=place)
        (consent,) = await consents(who, tree)
        assert (consent["purpose"], consent["evidence"]) == ("core.contact", evidence), role
    for role, place in (("community-secretary", tree.community), ("street-official", tree.street)):
        who = await client(role, at=place)
        assert await consents(who, tree) == []
        node = "query ($id: ID!) { node(id: $id) { id } }"
        assert await who.data(node, id=given["id"]) == {"node": None}
    elsewhere = await client("grid-officer", at=tree.other_street)
    assert await elsewhere.data("query ($id: ID!) { node(id: $id) { id } }", id=given["id"]) == {"node": None}


@pytest.mark.parametrize(
    ("as_", "given", "field"),
    [
        ("district-admin", {"channel": "APP", "evidence": "x"}, "channel"),
        ("district-admin", {"channel": "PAPER"}, "evidence"),
        ("district-admin", {"channel": "PAPER", "evidence": " "}, "evidence"),
        ("district-admin", {"channel": "PAPER", "evidence": "x" * 501}, "evidence"),
        ("district-admin", {"channel": "PAPER", "basis": "STATUTORY_DUTY"}, "document"),
        ("district-admin", {"channel": "PAPER", "evidence": "x", "purpose": "core.contect"}, "purpose"),
        (None, {"channel": "PAPER", "evidence": "x"}, "channel"),
        (None, {"basis": "STATUTORY_DUTY", "document": "x"}, "basis"),
    ],
)
async def test_a_word_that_nobody_could_check_is_refused(
    client: Clients, tree: Tree, district: District, *, as_: str | None, given: dict[str, Any], field: str
) -> None:
    who = await client(as_) if as_ else await client(person=tree.resident)
    refused = await give(who, tree, **given)
    assert (refused["errorCode"], refused["fields"][0]["path"]) == ("VALIDATION", field)
    with district.scope():
        assert not await Consent.exists()


async def test_a_statutory_duty_is_not_the_persons_to_withdraw(client: Clients, tree: Tree) -> None:
    boss, me = await client("district-admin"), await client(person=tree.resident)
    duty = await give(boss, tree, channel="COUNTER", basis="STATUTORY_DUTY", document="居民委员会组织法")
    assert await me.mutate(WITHDRAW, input={"consentId": duty["id"]}) == {"errorCode": "INVALID_TRANSITION"}
    ended = await boss.mutate(WITHDRAW, input={"consentId": duty["id"], "channel": "PAPER", "evidence": "note 7"})
    assert ended["withdrawnAt"]


async def test_nobody_else_agrees_for_a_person_nor_sees_it(client: Clients, tree: Tree, district: District) -> None:
    given = await give(await client(person=tree.resident), tree)
    neighbour, officer = await client(person=tree.neighbour), await client("grid-officer", at=tree.community)
    assert (await give(neighbour, tree))["errorCode"] == "NOT_FOUND"
    assert (await give(officer, tree, channel="PHONE", evidence="x"))["errorCode"] == "FORBIDDEN"
    assert await neighbour.mutate(WITHDRAW, input={"consentId": given["id"]}) == {"errorCode": "NOT_FOUND"}
    assert await neighbour.data("query ($id: ID!) { node(id: $id) { id } }", id=given["id"]) == {"node": None}
    with district.scope():
        assert await Consent.all().count() == 1


async def test_of_two_who_note_a_consent_at_once_one_is_told_of_the_other(
    client: Clients, tree: Tree, district: District
) -> None:
    me = await client(person=tree.resident)
    answers = await asyncio.gather(*(give(me, tree) for _ in range(5)))
    assert sorted(answer.get("errorCode", "given") for answer in answers) == ["CONFLICT"] * 4 + ["given"]
    with district.scope():
        assert await Consent.all().count() == 1


@pytest.mark.linli(plugins=["venues"])
async def test_plugins_say_what_they_use_data_for(client: Clients, tree: Tree) -> None:
    found = await (await client()).data("{ consentPurposes { name title description } }")
    names = [one["name"] for one in found["consentPurposes"]]
    assert names == ["core.registry", "core.contact", "core.disclosure", "venues.booking"]
    assert all(one["title"] and one["description"] for one in found["consentPurposes"])
