"""Units and firms by their unified social credit code: one valid unit for each, also of the codes A, N and Y."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.credit_codes import credit_code_valid
from linli.core.graph.credit_units import BY_CODE
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.schema.testing import Clients, Tree
from tests.schema.registry.api import CREDIT_CODES, Office, org
from tests.schema.registry.conftest import Unchanged

FIND = "query ($code: String!) { org(creditCode: $code) { name } }"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
KINDS = ("A1", "N1", "N2", "N3", "Y1", "91")
"""Departments and kinds of GB 32100-2015: A, N (rural collectives) and Y (others) among them, which stdnum refuses."""


def of_kind(beginning: str) -> str:
    """A code that begins so, with the check character that fits."""
    body = f"{beginning}430602MA4ABCDEX"[:17]
    found = [body + check for check in ALPHABET if credit_code_valid(body + check)]
    assert len(found) == 1
    return found[0]


@pytest.fixture
async def boss(client: Clients, tree: Tree) -> Office:
    return Office(await client("district-admin"), tree)


async def unit(boss: Office, name: str, code: str) -> str:
    given = {"kind": "RESIDENT_UNIT", "name": name, "parentId": org(boss.tree.community)}
    return await boss.do("createOrg", **given, attributes={"creditCode": code})


async def test_codes_of_every_department_pass_and_find_their_unit(boss: Office) -> None:
    for beginning in KINDS:
        await unit(boss, f"示例{beginning}", of_kind(beginning))
    for beginning in KINDS:
        assert await boss.client.data(FIND, code=of_kind(beginning)) == {"org": {"name": f"示例{beginning}"}}
    assert await boss.client.data(FIND, code=CREDIT_CODES[1]) == {"org": None}


async def test_a_code_belongs_to_one_valid_unit(boss: Office, told: Unchanged, clock: FrozenClock) -> None:
    first, other = await unit(boss, "甲", CREDIT_CODES[0]), await unit(boss, "乙", CREDIT_CODES[1])
    before = await told()
    again = {"attributes": {"creditCode": CREDIT_CODES[0]}}
    given = {"kind": "RESIDENT_UNIT", "name": "丙", "parentId": org(boss.tree.community)}
    assert await boss.refused("createOrg", **given, **again) == "CREDIT_CODE_IN_USE"
    assert await boss.refused("updateOrg", id=other, **again) == "CREDIT_CODE_IN_USE"
    assert await boss.refused("createOrg", **given, attributes={"creditCode": "91"}) == "CREDIT_CODE"
    assert await told() == before
    await boss.do("updateOrg", id=first, attributes={"creditCode": CREDIT_CODES[0], "nature": "ENTERPRISE"})
    await boss.do("endOrg", id=first)
    await boss.do("updateOrg", id=other, **again)
    assert await boss.client.data(FIND, code=CREDIT_CODES[0]) == {"org": {"name": "乙"}}


async def test_two_clients_at_once_take_a_code_once(boss: Office) -> None:
    given: dict[str, Any] = {
        "kind": "RESIDENT_UNIT",
        "parentId": org(boss.tree.community),
        "attributes": {"creditCode": CREDIT_CODES[0]},
    }
    answers = await asyncio.gather(*(boss.send("createOrg", **given, name=f"示例{n}") for n in range(5)))
    assert sorted(one.get("code", "") for one in answers) == ["", *["CREDIT_CODE_IN_USE"] * 4]


async def test_an_index_leads_to_the_unit(boss: Office, district: District) -> None:
    await unit(boss, "甲", CREDIT_CODES[0])
    dialect = district.store.dialect

    async def plan(opened: UnitOfWork) -> str:
        if dialect == "postgres":  # of so few rows it would read all
            await opened.client.execute_query("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        _, rows = await opened.client.execute_query(explain + BY_CODE[dialect], [CREDIT_CODES[0]])
        return "\n".join(str(dict(row)) for row in rows)

    with district.scope():
        assert "core_org_node_credit_code" in await transact(plan)


async def test_a_code_finds_nothing_for_those_who_may_not_read_it(boss: Office, client: Clients, tree: Tree) -> None:
    await unit(boss, "甲", CREDIT_CODES[0])
    for viewer in (await client(), await client("community-staff", at=tree.other_community)):
        assert await viewer.data(FIND, code=CREDIT_CODES[0]) == {"org": None}
    both = 'query ($code: String!) { org(creditCode: $code, code: "U1") { name } }'
    assert (await boss.client.query(both, code=CREDIT_CODES[0])).codes == ["VALIDATION"]
