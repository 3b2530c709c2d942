"""Facilities and devices: kinds of core and of plugins, where they stand, and what they are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.records.unit_of_work import transact
from linli.core.registry import things
from linli.core.registry.models import Thing
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import Office, org
from tests.schema.registry.conftest import Unchanged

THING = "query ($id: ID!) { thing(id: $id) { kind code name attributes premises { number } org { name } } }"
LIFT = {"kind": "ELEVATOR", "name": "一号电梯"}


async def test_a_thing_stands_somewhere_and_its_kind_says_what_is_kept_of_it(office: Office, tree: Tree) -> None:
    home = await office.home()
    given = {**LIFT, "code": "L1", "attributes": {"maker": "示例电梯厂", "stops": 18}, "premisesId": home}
    thing = await office.do("createThing", orgId=org(tree.community), **given)
    assert (await office.client.data(THING, id=thing))["thing"] == {
        "kind": "ELEVATOR",
        "code": "L1",
        "name": "一号电梯",
        "attributes": {"maker": "示例电梯厂", "stops": 18},
        "premises": {"number": "502"},
        "org": {"name": "观音阁社区"},
    }
    await office.do("updateThing", id=thing, name="二号电梯", premisesId=None)
    changed = (await office.client.data(THING, id=thing))["thing"]
    assert (changed["name"], changed["premises"], changed["code"]) == ("二号电梯", None, "L1")
    asked = """query ($id: ID!) { org(id: $id) { things { nodes { name } } }
        things(filter: {kind: {eq: ELEVATOR}}) { totalCount }
        none: things(filter: {kind: {eq: CAMERA}}) { totalCount } }"""
    assert await office.client.data(asked, id=org(tree.street)) == {
        "org": {"things": {"nodes": [{"name": "二号电梯"}]}},
        "things": {"totalCount": 1},
        "none": {"totalCount": 0},
    }
    await office.do("endThing", id=thing)
    assert await office.refused("endThing", id=thing) == "INVALID_TRANSITION"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "TEXT"),
        ({"code": "号"}, "CODE_SYNTAX"),
        ({"attributes": {"colour": "red"}}, "EXTRA_FORBIDDEN"),
        ({"attributes": {"stops": 1}}, "GREATER_THAN_EQUAL"),
        ({"attributes": []}, "NOT_AN_OBJECT"),
        ({"source": {"kind": "ENTERED", "detail": "\n"}}, "TEXT"),
    ],
)
async def test_a_thing_that_cannot_be_is_refused(
    office: Office, tree: Tree, told: Unchanged, given: dict[str, Any], code: str
) -> None:
    before = await told()
    assert await office.refused("createThing", **{"orgId": org(tree.community), **LIFT, **given}) == code
    assert await told() == before


async def test_a_thing_of_a_kind_that_nobody_knows_is_refused(
    office: Office, district: District, tree: Tree, told: Unchanged
) -> None:
    before = await told()
    text = 'mutation { createThing(input: {orgId: "x", kind: DRAGON, name: "龙"}) { __typename } }'
    assert (await office.client.query(text)).data is None
    kinds = district.thing_kinds
    with district.scope(), pytest.raises(RejectedError, match="VALIDATION") as refused:
        await transact(lambda _unit: things.create_thing(kinds, tree.community, kind="DRAGON", name="龙"))
    (problem,) = refused.value.problems  # type: ignore[attr-defined]
    assert problem.code == "KIND_UNKNOWN"
    assert await told() == before


async def test_premises_of_elsewhere_are_no_place_for_it(office: Office, client: Clients, tree: Tree) -> None:
    boss = Office(await client("district-admin"), tree)
    elsewhere = await boss.home(orgId=org(tree.other_community))
    given = {"orgId": org(tree.community), **LIFT, "premisesId": elsewhere}
    assert await boss.refused("createThing", **given) == "PREMISES_ELSEWHERE"
    assert await office.refused("createThing", **given) == "NOT_FOUND"


async def test_a_code_belongs_to_one_thing_of_a_kind(office: Office, tree: Tree, told: Unchanged) -> None:
    given = {"orgId": org(tree.community), **LIFT, "code": "L1"}
    answers = await asyncio.gather(*(office.send("createThing", **given) for _ in range(5)))
    assert sorted(one.get("code", "") for one in answers) == ["", *["THING_CODE_TAKEN"] * 4]
    other, before = await office.do("createThing", **{**given, "code": "L2"}), await told()
    assert await office.refused("updateThing", id=other, code="L1") == "THING_CODE_TAKEN"
    assert await told() == before
    await office.do("createThing", **{**given, "kind": "CAMERA"})


KINDS = "{ thingKinds { code title plugin attributesSchema } }"


@pytest.mark.linli(plugins=["venues"])
async def test_plugins_bring_kinds_of_their_own(office: Office, tree: Tree) -> None:
    kinds = {one["code"]: one for one in (await office.client.data(KINDS))["thingKinds"]}
    assert (kinds["DOOR_CONTROLLER"]["plugin"], kinds["DOOR_CONTROLLER"]["title"]) == ("venues", "门禁控制器")
    assert "readers" in kinds["DOOR_CONTROLLER"]["attributesSchema"]["properties"]
    given = {"kind": "DOOR_CONTROLLER", "name": "球场门禁", "attributes": {"doors": 2, "readers": 4}}
    await office.do("createThing", orgId=org(tree.community), **given)


async def test_things_of_a_plugin_that_is_off_are_seen_by_nobody(
    office: Office, tree: Tree, district: District, clock: FrozenClock
) -> None:
    with district.scope():
        row: dict[str, Any] = {
            "org_id": tree.community.id,
            "kind": "DOOR_CONTROLLER",
            "name": "球场门禁",
            "valid_from": clock.now(),
        }
        await transact(lambda _unit: Thing.create(**row))
    assert await office.client.data("{ things { totalCount } }") == {"things": {"totalCount": 0}}
    assert "DOOR_CONTROLLER" not in {one["code"] for one in (await office.client.data(KINDS))["thingKinds"]}
