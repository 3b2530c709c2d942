"""Each field tells where its value comes from and when it was verified; the value itself it does not tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.records.models import Event
from linli.schema.testing import Client, Clients, Tree
from tests.schema.registry.api import Office, org, who
from tests.schema.registry.conftest import Unchanged

TOLD = "provenance { field source detail at verifiedAt by { username } verifiedBy { username } }"


async def provenance(client: Client, id_: str) -> dict[str, dict[str, Any]]:
    types = ("Person", "Premises", "Tenure", "Household", "HouseholdMember", "Thing")
    parts = " ".join(f"... on {name} {{ {TOLD} }}" for name in types)
    found = await client.data(f"query ($id: ID!) {{ node(id: $id) {{ {parts} }} }}", id=id_)
    return {one["field"]: one for one in found["node"]["provenance"]}


async def test_a_correction_changes_the_source_of_what_it_touches_alone(office: Office, clock: FrozenClock) -> None:
    home = await office.home(floor=5, area="98.50", source={"kind": "IMPORTED", "detail": "房屋台账.xlsx"})
    clock.advance(clock.now() + timedelta(days=1))
    paper = {"kind": "ENTERED", "detail": "不动产权证"}
    await office.do("updatePremises", id=home, area="99.00", floor=5, source=paper)
    told = await provenance(office.client, home)
    assert {name for name, one in told.items() if one["source"] == "ENTERED"} == {"area"}
    assert (told["area"]["detail"], told["area"]["at"]) == ("不动产权证", "2026-03-10T08:00:00+08:00")
    assert (told["floor"]["detail"], told["floor"]["at"]) == ("房屋台账.xlsx", "2026-03-09T08:00:00+08:00")


async def test_verifying_keeps_value_and_source_and_a_correction_takes_it_back(
    office: Office, clock: FrozenClock, district: District
) -> None:
    home = await office.home(floor=5)
    clock.advance(clock.now() + timedelta(days=1))
    verify: dict[str, Any] = {"id": home, "fields": ["floor", "number"], "evidence": "上门核实"}
    made = await office.client.mutate(
        """mutation ($input: VerifyFieldsInput!) { verifyFields(input: $input) { ... on VerifiedFields {
            record { id } provenance { field verifiedAt } } ... on Error { code } } }""",
        input={**verify, "requestId": "once"},
    )
    assert made["record"] == {"id": home}
    at = "2026-03-10T08:00:00+08:00"
    assert {one["field"] for one in made["provenance"] if one["verifiedAt"] == at} == {"floor", "number"}
    again = await office.send("verifyFields", **verify, requestId="once")
    assert again["__typename"] == "VerifiedFields"
    told = await provenance(office.client, home)
    assert (told["floor"]["source"], told["floor"]["at"]) == ("ENTERED", "2026-03-09T08:00:00+08:00")
    assert told["use"]["verifiedAt"] is None
    await office.do("updatePremises", id=home, floor=6)
    told = await provenance(office.client, home)
    assert (told["floor"]["verifiedAt"], told["number"]["verifiedAt"]) == (None, at)
    with district.scope():
        (event,) = await Event.filter(type="core.fields_verified")
    assert event.subject_type == "Premises"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"fields": ["floor", "colour"]}, "FIELD_UNKNOWN"),
        ({"fields": []}, "NOTHING"),
        ({"evidence": " "}, "TEXT"),
        ({"evidence": "x" * 201}, "TEXT"),
        ({"id": "x"}, "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_verified_is_refused(
    office: Office, told: Unchanged, given: dict[str, Any], code: str
) -> None:
    right = {"id": await office.home(), "fields": ["floor"], "evidence": "上门核实"}
    before = await told()
    assert await office.refused("verifyFields", **{**right, **given}) == code
    assert await told() == before


async def test_every_record_of_the_registry_tells_it_and_can_be_verified(
    office: Office, client: Clients, tree: Tree
) -> None:
    boss = Office(await client("district-admin"), tree)
    home = await boss.home()
    person = await boss.do("createPerson", name="示例新", habitualResidenceId=org(tree.community))
    household = await boss.do("createHousehold", premisesId=home)
    records = {
        person: "phone",
        home: "address",
        await boss.owner(home, tree.resident): "share",
        household: "kind",
        await boss.do(
            "createHouseholdMember", householdId=household, personId=who(tree.resident), relation="HEAD"
        ): "relation",
        await boss.do("createThing", orgId=org(tree.community), kind="CAMERA", name="监控"): "microGrid",
    }
    for record, name in records.items():
        answer = await boss.send("verifyFields", id=record, fields=[name], evidence="证件原件")
        assert answer["__typename"] == "VerifiedFields", answer
        told = await provenance(boss.client, record)
        assert [one for one, entry in told.items() if entry["verifiedAt"]] == [name]
        assert told[name]["verifiedBy"]["username"].startswith("test-")
        assert (await provenance(office.client, record))[name]["verifiedBy"] is None


async def test_masked_columns_tell_where_they_come_from_and_never_what_they_hold(
    office: Office, client: Clients, tree: Tree
) -> None:
    boss = await client("district-admin")
    text = "mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { ... on Error { code } } }"
    given = {"id": who(tree.resident), "phone": "13800000021", "source": {"kind": "DECLARED", "detail": "电话回访"}}
    assert await boss.mutate(text, input=given) == {}
    told = await provenance(office.client, who(tree.resident))
    assert (told["phone"]["source"], told["phone"]["detail"]) == ("DECLARED", "电话回访")
    assert told["name"]["source"] == "UNKNOWN"  # entered before sources were kept
    assert "13800000021" not in str(told)


async def test_a_correction_that_a_person_asked_for_was_declared(client: Clients, tree: Tree) -> None:
    me, boss = await client(person=tree.resident), await client("district-admin")
    ask = "mutation ($input: RequestCorrectionInput!) { requestCorrection(input: $input) { ... on Node { id } } }"
    filed = await me.mutate(ask, input={"personId": who(tree.resident), "phone": "13800000022"})
    confirm = "mutation ($input: ConfirmPersonRequestInput!) { confirmPersonRequest(input: $input) { __typename } }"
    assert await boss.mutate(confirm, input={"id": filed["id"]}) == {"__typename": "PersonRequest"}
    assert (await provenance(me, who(tree.resident)))["phone"]["source"] == "DECLARED"
