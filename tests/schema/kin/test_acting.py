"""Acting for others: guardians, proxies and staff; the person is told, and whoever acted confirms nothing of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from linli.core.access import tokens
from linli.core.access.acted_for_models import ActedFor
from linli.core.access.models import Account
from linli.core.access.tokens import Narrowed
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph import sql
from linli.core.people.models import Person
from linli.core.privacy.models import Consent, PersonRequest
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.kin.conftest import END, Kin, Relate, code, gid, mutation

GIVE = mutation("giveConsent", "... on Consent { id purpose channel evidence }")
WITHDRAW = mutation("withdrawConsent", "... on Consent { id withdrawnAt }")
CORRECT = mutation("requestCorrection", "... on PersonRequest { id state channel }")
EXPORT = mutation("exportPerson", "... on PersonRequest { id document }")
GRANT = mutation("confirmPersonRequest", "... on PersonRequest { id state }")
SEEN = mutation("markActedForSeen", "... on ActedForSeen { unseen }")
ACTS = "{ viewer { actsFor { id name } } }"
PERSON = "query ($id: ID!) { person(id: $id) { name birthDate phone } }"
TOLD = """{ viewer { actedForUnseen actedFor { totalCount nodes { id action capacity channel evidenceKind evidence by
    seenAt person { id } subject { id } } } } }"""
PURPOSE = "core.contact"
LATER = "2026-06-01T00:00:00+08:00"


def behalf(person: Person, **more: Any) -> dict[str, Any]:
    return {"onBehalfOf": {"personId": gid(person), **more}}


async def acts_for(who: Client) -> list[str]:
    return [one["id"] for one in (await who.data(ACTS))["viewer"]["actsFor"]]


async def told(who: Client) -> Any:
    return (await who.data(TOLD))["viewer"]


async def test_a_guardian_sees_the_wards_records_in_full_and_nobody_else_does(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    with district.scope():
        await transact(lambda _unit: Person.filter(id=kin.child.id).update(gender="FEMALE"))
    father, elder = await client(person=kin.son), await client(person=kin.elder)
    assert await acts_for(father) == []
    assert await father.data(PERSON, id=gid(kin.child)) == {"person": None}
    await relate(kin.child, kin.son)
    assert await acts_for(father) == [gid(kin.child)]
    shown = {"person": {"name": "示例孩子", "birthDate": "2016-03-10", "phone": None}}
    assert await father.data(PERSON, id=gid(kin.child)) == shown
    assert await acts_for(elder) == []
    assert await elder.data(PERSON, id=gid(kin.child)) == {"person": None}


async def test_a_statement_that_nobody_confirmed_lets_nobody_act(client: Clients, officer: Client, kin: Kin) -> None:
    claim = mutation("claimPersonRelation", "... on PersonRelation { id }")
    given = {"personId": gid(kin.child), "relativeId": gid(kin.son), "role": "GUARDIAN"}
    assert "id" in await officer.mutate(claim, input=given)
    father = await client(person=kin.son)
    assert await acts_for(father) == []
    refused = await father.mutate(GIVE, input={"personId": gid(kin.child), "purpose": PURPOSE})
    assert refused["errorCode"] == "NOT_FOUND"


async def test_an_unconfirmed_account_and_a_narrowed_token_act_for_nobody(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    await relate(kin.child, kin.son)
    father = await client(person=kin.son)
    with district.scope():
        account = await Account.get(person_id=kin.son.id)
        narrowed = Narrowed(permissions=("core.person.read",))
        token = await transact(lambda _unit: tokens.issue(account.id, narrowed=narrowed))
    assert await acts_for(Client(father.http, father.path, token)) == []
    with district.scope():
        await transact(lambda _unit: Account.filter(id=account.id).update(person_confirmed=False))
    assert await acts_for(father) == []


async def test_a_guardian_acts_until_the_ward_is_eighteen(
    client: Clients, relate: Relate, kin: Kin, clock: FrozenClock, district: District
) -> None:
    await relate(kin.child, kin.son)
    father = await client(person=kin.son)
    clock.advance(_at(district, "2034-03-09 23:59"))
    assert await acts_for(father) == [gid(kin.child)]
    clock.advance(_at(district, "2034-03-10 00:00"))
    assert await acts_for(father) == []
    refused = await father.mutate(GIVE, input={"personId": gid(kin.child), "purpose": PURPOSE})
    assert refused["errorCode"] == "NOT_FOUND"


def _at(district: District, local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=district.zone)


async def test_a_guardian_agrees_for_a_ward_who_is_told(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    await relate(kin.child, kin.son)
    father, child = await client(person=kin.son), await client(person=kin.child)
    young = await child.mutate(GIVE, input={"personId": gid(kin.child), "purpose": PURPOSE})
    assert young["errorCode"] == "GUARDIAN_CONSENT_REQUIRED"
    given = await father.mutate(GIVE, input={"personId": gid(kin.child), "purpose": PURPOSE, **behalf(kin.child)})
    assert (given["purpose"], given["channel"]) == (PURPOSE, "APP")
    news = await told(child)
    (one,) = news["actedFor"]["nodes"]
    assert (news["actedForUnseen"], one["action"], one["capacity"], one["channel"]) == (
        1,
        "giveConsent",
        "GUARDIAN",
        "APP",
    )
    assert (one["by"], one["person"]["id"], one["subject"]["id"]) == ("示例父亲", gid(kin.child), given["id"])
    assert (await told(father))["actedForUnseen"] == 0  # the own act is no news
    assert (await father.mutate(SEEN, input={"ids": [one["id"]]}))["errorCode"] == "SELF_VERIFICATION"
    assert await child.mutate(SEEN, input={"ids": [one["id"]]}) == {"unseen": 0}
    assert (await told(child))["actedFor"]["nodes"][0]["seenAt"]
    with district.scope():
        (event,) = await Event.filter(type="core.acted_for")
        (consent,) = await Event.filter(type="core.consent_given")
    assert event.transaction_id == consent.transaction_id


async def test_staff_act_with_evidence_alone_and_both_the_person_and_the_guardian_read_it(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    await relate(kin.elder, kin.son, basis="COURT")
    boss, son, elder = await client("district-admin"), await client(person=kin.son), await client(person=kin.elder)
    wanted = {"personId": gid(kin.elder), "purpose": PURPOSE}
    for more, expected in (
        ({}, "REQUIRED"),
        ({"evidenceKind": "CALL"}, "TEXT"),
        ({"evidenceKind": "CALL", "evidence": " "}, "TEXT"),
        ({"evidenceKind": "CALL", "evidence": "x" * 501}, "TEXT"),
        ({"evidenceKind": "CALL", "evidence": "x", "channel": "APP"}, "CHANNEL"),
    ):
        assert code(await boss.mutate(GIVE, input={**wanted, **behalf(kin.elder, **more)})) == expected
    other = {"evidenceKind": "CALL", "evidence": "x"}
    assert code(await boss.mutate(GIVE, input={**wanted, **behalf(kin.child, **other)})) == "DIFFERS"
    with district.scope():
        assert not await Consent.exists()
        assert not await ActedFor.exists()
    shown = {"evidenceKind": "SIGNED_SHEET", "evidence": "2026年第7号签字单"}
    given = await boss.mutate(GIVE, input={**wanted, **behalf(kin.elder, **shown)})
    assert (given["channel"], given["evidence"]) == ("COUNTER", "2026年第7号签字单")
    for who in (elder, son):
        news = await told(who)
        (one,) = news["actedFor"]["nodes"]
        assert (news["actedForUnseen"], one["capacity"], one["evidenceKind"]) == (1, "STAFF", "SIGNED_SHEET")
        assert one["evidence"] == "2026年第7号签字单"
    assert await son.mutate(SEEN, input={"ids": [news["actedFor"]["nodes"][0]["id"]]}) == {"unseen": 0}
    assert (await told(elder))["actedForUnseen"] == 0
    assert await boss.mutate(WITHDRAW, input={"consentId": given["id"], **behalf(kin.elder, **shown)})


async def test_a_proxy_acts_within_the_scope_and_reads_nothing_in_full(
    client: Clients, relate: Relate, kin: Kin, clock: FrozenClock, tree: Tree
) -> None:
    await relate(kin.elder, tree.neighbour, "PROXY", scope=["core.consent"], validTo=LATER)
    proxy = await client(person=tree.neighbour)
    assert (await proxy.data(ACTS))["viewer"]["actsFor"] == [{"id": gid(kin.elder), "name": "示***"}]
    masked = {"name": "示***", "birthDate": None, "phone": None}
    assert await proxy.data(PERSON, id=gid(kin.elder)) == {"person": masked}
    given = await proxy.mutate(GIVE, input={"personId": gid(kin.elder), "purpose": PURPOSE})
    assert given["channel"] == "APP"
    seen = "query ($id: ID!) { node(id: $id) { id } }"
    assert await proxy.data(seen, id=given["id"]) == {"node": {"id": given["id"]}}
    outside = await proxy.mutate(CORRECT, input={"personId": gid(kin.elder), "phone": "13900000001"})
    assert outside["errorCode"] == "FORBIDDEN"
    clock.advance(datetime.fromisoformat(LATER))
    assert await acts_for(proxy) == []
    assert await proxy.data(seen, id=given["id"]) == {"node": None}


async def test_kin_do_not_act_where_the_mutation_allows_none(client: Clients, relate: Relate, kin: Kin) -> None:
    await relate(kin.elder, kin.son, "NEXT_OF_KIN")
    son = await client(person=kin.son)
    assert await acts_for(son) == []
    refused = await son.mutate(GIVE, input={"personId": gid(kin.elder), "purpose": PURPOSE})
    assert refused["errorCode"] == "NOT_FOUND"


async def test_what_somebody_asked_for_a_person_neither_of_the_two_decides(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    """Domain R9: whoever acted for somebody counts as having done it, and as that person."""
    await relate(kin.child, kin.son)
    father = await client("district-admin", person=kin.son)
    asked = await father.mutate(CORRECT, input={"personId": gid(kin.child), "phone": "13900000001"})
    assert (asked["state"], asked["channel"]) == ("OPEN", "APP")
    assert (await father.mutate(GRANT, input={"id": asked["id"]}))["errorCode"] == "SELF_VERIFICATION"
    elder = await client(person=kin.elder)
    theirs = await elder.mutate(CORRECT, input={"personId": gid(kin.elder), "phone": "13900000002"})
    await relate(kin.elder, kin.son, basis="COURT")
    assert (await father.mutate(GRANT, input={"id": theirs["id"]}))["errorCode"] == "SELF_VERIFICATION"
    boss = await client("district-admin")
    assert (await boss.mutate(GRANT, input={"id": asked["id"]}))["state"] == "DONE"
    with district.scope():
        assert await PersonRequest.filter(state="DONE").count() == 1


async def test_staff_ask_for_a_correction_with_evidence_and_say_how_it_was_asked(
    client: Clients, officer: Client, kin: Kin, tree: Tree
) -> None:
    shown = {"evidenceKind": "VISIT", "evidence": "3月9日入户", "channel": "VISIT"}
    wanted = {"personId": gid(kin.elder), "phone": "13900000001"}
    grid = await client("grid-officer", at=tree.community)
    assert (await grid.mutate(CORRECT, input={**wanted, **behalf(kin.elder, **shown)}))["errorCode"] == "FORBIDDEN"
    asked = await officer.mutate(CORRECT, input={**wanted, **behalf(kin.elder, **shown)})
    assert asked["channel"] == "VISIT"
    elder = await client(person=kin.elder)
    assert (await told(elder))["actedForUnseen"] == 1


async def test_a_guardian_gets_the_copy_of_what_is_kept_of_the_ward(client: Clients, relate: Relate, kin: Kin) -> None:
    await relate(kin.child, kin.son)
    father = await client(person=kin.son)
    answer = await father.mutate(EXPORT, input={"personId": gid(kin.child), "purpose": "存档"})
    assert "示例孩子" in str(answer["document"])


async def test_what_was_told_is_nobody_elses(client: Clients, kin: Kin, tree: Tree) -> None:
    boss, neighbour = await client("district-admin"), await client(person=tree.neighbour)
    shown = {"evidenceKind": "CALL", "evidence": "line 2"}
    await boss.mutate(GIVE, input={"personId": gid(kin.elder), "purpose": PURPOSE, **behalf(kin.elder, **shown)})
    elder = await client(person=kin.elder)
    (one,) = (await told(elder))["actedFor"]["nodes"]
    node = "query ($id: ID!) { node(id: $id) { ... on ActedFor { by evidence } } }"
    assert await neighbour.data(node, id=one["id"]) == {"node": None}
    assert (await neighbour.mutate(SEEN, input={"ids": [one["id"]]}))["errorCode"] == "NOT_FOUND"
    auditor = await client("auditor")
    read = (await auditor.data(node, id=one["id"]))["node"]
    assert read["evidence"] is None
    for ids in ([], [one["id"]] * 201):
        assert code(await elder.mutate(SEEN, input={"ids": ids})) == "OUT_OF_RANGE"
    assert (await elder.mutate(SEEN, input={"ids": [gid(kin.elder)]}))["errorCode"] == "NOT_FOUND"


async def test_who_made_the_persons_account_does_not_mark_it_seen_there(
    client: Clients, kin: Kin, district: District
) -> None:
    boss, shown = await client("district-admin"), {"evidenceKind": "CALL", "evidence": "line 2"}
    await boss.mutate(GIVE, input={"personId": gid(kin.elder), "purpose": PURPOSE, **behalf(kin.elder, **shown)})
    elder = await client(person=kin.elder)
    (one,) = (await told(elder))["actedFor"]["nodes"]
    with district.scope():
        mine = Account.filter(person_id=kin.elder.id)
        await transact(lambda _unit: mine.update(person_confirmed=False))
    assert (await elder.mutate(SEEN, input={"ids": [one["id"]]}))["errorCode"] == "PERSON_UNCONFIRMED"
    with district.scope():
        assert await ActedFor.filter(seen_at=None).count() == 1


async def test_a_relation_that_is_ended_lets_nobody_act_from_that_moment(
    client: Clients, officer: Client, relate: Relate, kin: Kin, clock: FrozenClock
) -> None:
    made = await relate(kin.child, kin.son)
    father, soon = await client(person=kin.son), clock.now() + timedelta(hours=1)
    assert (await officer.mutate(END, input={"id": made["id"], "at": soon.isoformat()}))["state"] == "CONFIRMED"
    assert await acts_for(father) == [gid(kin.child)]
    clock.advance(soon)
    assert await acts_for(father) == []


async def test_who_acts_for_others_keeps_the_own_grants_and_costs_no_further_statement(
    client: Clients, relate: Relate, kin: Kin, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await relate(kin.child, kin.son)
    await relate(kin.elder, kin.son, basis="COURT")
    father = await client("grid-officer", at=tree.community, person=kin.son)
    asked: list[str] = []
    fetch = sql.fetch

    async def counted(statement: str, *values: Any) -> Any:
        asked.append(statement)
        return await fetch(statement, *values)

    monkeypatch.setattr(sql, "fetch", counted)
    shown = (await father.data("{ viewer { grants { role } } }"))["viewer"]
    assert shown["grants"] == [{"role": "grid-officer"}]
    assert len(asked) == 1
    assert set(await acts_for(father)) == {gid(kin.child), gid(kin.elder)}


async def test_an_erased_person_is_acted_for_by_nobody(
    client: Clients, relate: Relate, kin: Kin, district: District
) -> None:
    await relate(kin.child, kin.son)
    father, official = await client(person=kin.son), await client("district-official")
    erase = mutation("erasePerson", "... on PersonRequest { id state }")
    asked = await father.mutate(erase, input={"personId": gid(kin.child), "reason": "迁出"})
    assert asked["state"] == "OPEN"
    assert (await official.mutate(GRANT, input={"id": asked["id"]}))["state"] == "DONE"
    assert await acts_for(father) == []
    assert await father.data(PERSON, id=global_id("Person", kin.child.id)) == {"person": None}
    with district.scope():
        assert await ActedFor.filter(evidence=None).count() == 1
