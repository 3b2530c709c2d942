"""What the registry keeps of a person: handed out, ended and made empty with the person, cleared after its time."""

from __future__ import annotations

import asyncio
import json
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.people.document_models import IdentityDocument
from linli.core.people.models import Person
from linli.core.people.relation_models import PersonRelation
from linli.core.privacy.core_retention import RULES
from linli.core.privacy.models import Consent
from linli.core.privacy.retaining import carry_out_batch, due
from linli.core.records import person_keys
from linli.core.records.provenance import entries
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import HouseholdMember, Premises, Tenure
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.registry.api import Office, who

EXPORT = """mutation ($input: ExportPersonInput!) { exportPerson(input: $input) {
    ... on PersonRequest { document } ... on Error { code } } }"""
ERASE = "mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { ... on Node { id } } }"
CONFIRM = """mutation ($input: ConfirmPersonRequestInput!) { confirmPersonRequest(input: $input) {
    ... on PersonRequest { state kept { what reason } } ... on Error { code } } }"""
ADDRESS, DEED = "示例路9号9栋502", "湘（2026）示例不动产权第9号"


async def settle(office: Office, tree: Tree) -> None:
    """The resident owns a home and lives in it with the neighbour."""
    home = await office.home(address=ADDRESS)
    await office.owner(home, tree.resident, evidence=DEED)
    members = [
        {"personId": who(tree.resident), "relation": "HEAD"},
        {"personId": who(tree.neighbour), "relation": "SPOUSE"},
    ]
    await office.do("createHousehold", premisesId=home, members=members)
    await office.home("503", address="示例路9号9栋503")


async def test_a_person_is_handed_out_the_own_home_and_nothing_of_others(
    office: Office, client: Clients, tree: Tree
) -> None:
    await settle(office, tree)
    me = await client(person=tree.resident)
    document = (await me.mutate(EXPORT, input={"personId": who(tree.resident), "purpose": "本人查阅"}))["document"]
    told = json.dumps(document, ensure_ascii=False)
    assert ADDRESS in told
    assert DEED in told
    assert "示例路9号9栋503" not in told
    assert str(tree.neighbour.id) not in told


async def test_an_erasure_ends_what_the_person_holds_and_leaves_the_home(
    office: Office, client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    await settle(office, tree)
    clock.advance(clock.now() + timedelta(days=1))
    done = await erase(await client(person=tree.resident), await client("district-official", at=tree.root), tree)
    assert done["state"] == "DONE"
    assert {"core_tenure", "core_household_member", "core_premises"} <= {one["what"] for one in done["kept"]}
    with district.scope():
        (tenure,) = await Tenure.all()
        left = {member.person_id: member.valid_to for member in await HouseholdMember.all()}
        home = await Premises.get(number="502")
        assert home.address is not None
        assert home.address.decrypt() == ADDRESS
    assert (tenure.evidence, tenure.valid_to) == (None, clock.now())
    assert left == {tree.resident.id: clock.now(), tree.neighbour.id: None}
    given = {"premisesId": (await homes(office))["502"], "personId": who(tree.neighbour), "kind": "OWNER"}
    await office.do("createTenure", **given)


async def erase(me: Client, official: Client, tree: Tree) -> dict[str, Any]:
    asked = await me.mutate(ERASE, input={"personId": who(tree.resident), "reason": "迁出"})
    done: dict[str, Any] = await official.mutate(CONFIRM, input={"id": asked["id"]})
    return done


async def homes(office: Office) -> dict[str, str]:
    found = await office.client.data("{ premisesList { nodes { id number } } }")
    return {one["number"]: one["id"] for one in found["premisesList"]["nodes"]}


async def test_nobody_who_was_erased_holds_or_lives_anywhere_again(office: Office, client: Clients, tree: Tree) -> None:
    home = await office.home()
    boss = Office(await client("district-admin"), tree)
    await erase(await client(person=tree.resident), await client("district-official", at=tree.root), tree)
    given = {"premisesId": home, "personId": who(tree.resident), "kind": "TENANT"}
    assert await boss.refused("createTenure", **given) == "PERSON_ERASED"
    household = await boss.do("createHousehold", premisesId=home)
    join = {"householdId": household, "personId": who(tree.resident), "relation": "HEAD"}
    assert await boss.refused("createHouseholdMember", **join) == "PERSON_ERASED"


async def test_the_words_about_a_source_are_handed_out_and_go_with_the_person(
    office: Office, client: Clients, tree: Tree, district: District
) -> None:
    """Where a value came from stays; what somebody wrote about it may name the person."""
    boss = Office(await client("district-admin"), tree)
    home = await office.home(source={"kind": "IMPORTED", "detail": "房屋台账2026"})
    for number, what in enumerate(("登记表", "产权证", "户口簿")):
        words = {"source": {"kind": "DECLARED", "detail": f"示例丙{what}{number}"}}
        if number == 0:
            await boss.do("updatePerson", id=who(tree.resident), partyStatus="群众", **words)
        elif number == 1:
            await office.do("createTenure", premisesId=home, personId=who(tree.resident), kind="TENANT", **words)
        else:
            household = await office.do("createHousehold", premisesId=home)
            member = {"householdId": household, "personId": who(tree.resident), "relation": "HEAD"}
            await office.do("createHouseholdMember", **member, **words)
    me = await client(person=tree.resident)
    exported = (await me.mutate(EXPORT, input={"personId": who(tree.resident), "purpose": "本人查阅"}))["document"]
    told = json.dumps(exported, ensure_ascii=False)
    assert [f"示例丙{what}" in told for what in ("登记表0", "产权证1", "户口簿2")] == [True] * 3
    await erase(me, await client("district-official", at=tree.root), tree)
    with district.scope():
        person, (tenure,), (member_,) = (
            await Person.get(id=tree.resident.id),
            await Tenure.all(),
            await HouseholdMember.all(),
        )
        for row in (person, tenure, member_):
            assert row.provenance is not None
            assert "示例" not in row.provenance
            known = entries(row)
            assert {entry.detail for entry in known.values()} == {None}
            assert "DECLARED" in {entry.source for entry in known.values()}
        premises = await Premises.get(number="502")
        assert "房屋台账2026" in str(premises.provenance), "the home is no person's"


async def test_what_shows_a_tenure_is_cleared_three_years_after_it_ended(
    office: Office, tree: Tree, district: District, clock: FrozenClock
) -> None:
    (rule,) = (one for one in RULES if one.name == "core.tenure_evidence")
    ended = await office.owner(await office.home(), tree.resident, evidence=DEED)
    await office.owner(await office.home("503"), tree.neighbour, evidence=DEED)
    clock.advance(clock.now() + timedelta(days=1))
    await office.do("endTenure", id=ended)

    async def clear(_unit: object) -> int:
        return await carry_out_batch(due(rule, district.settings, district.zone))

    with district.scope():
        clock.advance(clock.now() + timedelta(days=3 * 365))
        assert await transact(clear) == 0
        clock.advance(clock.now() + timedelta(days=2))
        assert await transact(clear) == 1
        assert sorted(str(one.evidence) for one in await Tenure.all()) == ["None", DEED]


async def test_what_an_erased_person_held_is_never_opened_again(
    office: Office, client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    await settle(office, tree)
    clock.advance(clock.now() + timedelta(days=1))
    await erase(await client(person=tree.resident), await client("district-official", at=tree.root), tree)
    boss = Office(await client("district-admin"), tree)
    with district.scope():
        (tenure,) = await Tenure.all()
        member = await HouseholdMember.get(person_id=tree.resident.id)
    held, lived = global_id("Tenure", tenure.id), global_id("HouseholdMember", member.id)
    assert await boss.refused("updateTenure", id=held, validTo=None, evidence=DEED) == "PERSON_ERASED"
    assert await boss.refused("updateHouseholdMember", id=lived, validTo=None) == "PERSON_ERASED"
    with district.scope():
        assert (await Tenure.get(id=tenure.id)).evidence is None
        assert (await HouseholdMember.get(id=member.id)).valid_to == member.valid_to


ENTERED: dict[str, dict[str, Any]] = {
    "createTenure": {"kind": "TENANT", "evidence": DEED},
    "addIdentityDocument": {"kind": "PASSPORT", "number": "E12345678", "country": "CHN"},
    "claimPersonRelation": {"role": "NEXT_OF_KIN", "evidence": "户口簿"},
    "giveConsent": {"purpose": "venues.booking", "evidence": "签字单", "channel": "COUNTER"},
    "createHouseholdMember": {"relation": "HEAD"},
}


@pytest.mark.linli(plugins=["venues"])
@pytest.mark.parametrize("what", ENTERED)
async def test_nothing_is_entered_about_a_person_while_the_person_is_erased(
    office: Office, client: Clients, district: District, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    tree, home, boss = office.tree, await office.home(), Office(await client("district-admin"), office.tree)
    where = {
        "createTenure": {"premisesId": home},
        "claimPersonRelation": {"relativeId": who(tree.neighbour)},
        "createHouseholdMember": {"householdId": await office.do("createHousehold", premisesId=home)},
    }
    given = {"personId": who(tree.resident), **ENTERED[what], **where.get(what, {})}
    entering: list[asyncio.Task[str]] = []
    destroy = person_keys.destroy

    async def slowly(person_id: UUID) -> None:
        """All rows are empty by now, and nothing is committed."""
        entering.append(asyncio.create_task(boss.refused(what, **given), context=Context()))
        await asyncio.wait(entering, timeout=1)
        await destroy(person_id)

    monkeypatch.setattr(person_keys, "destroy", slowly)
    done = await erase(await client(person=tree.resident), await client("district-official", at=tree.root), tree)
    assert done["state"] == "DONE"
    assert await entering[0] == "PERSON_ERASED"
    with district.scope():
        for model in (Tenure, HouseholdMember, IdentityDocument, PersonRelation, Consent):
            assert not await model.filter(person_id=tree.resident.id).exists(), model
