"""Who may read and change what: every root field, relation and mutation as each of these viewers.

The fields come from the schema, what is expected from `expectations.py`: a new field without a line there fails.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from graphql import GraphQLSchema

from linli.core.access.models import Account
from linli.core.graph import sql
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Answer
from tests.security import documents
from tests.security.expectations import CHANGES, EVIDENCE, FULL_NAME, OWN_NUMBERS, QUESTIONS, REASON
from tests.security.world import SECRETS, VIEWERS, World

pytestmark = pytest.mark.linli(plugins=["venues"])

DENIED = {"FORBIDDEN", "NOT_FOUND"}
ATTEMPTS = ("core.denied", "core.login_failed", "core.signed_in", "core.searched")
IN_FULL = {"Consent.evidenceFiles", "Query.search"}
"""What cannot be masked: it is shown to the person once it is confirmed who that is, and not before."""
REFUSED = {"UNAUTHENTICATED", "TOKEN_EXPIRED"}


def rows_of(marks: dict[str, str]) -> str:
    """The table as `expectations.py` has it, to compare and to copy."""
    return "\n".join(f"{name:<32} {marks[name]}" for name in sorted(marks))


def shown(answer: Answer) -> bool:
    """Whether anything of what was asked came back."""
    if answer.data is None:
        return False
    data = next(iter(answer.data.values()))
    if isinstance(data, dict) and set(data) == {"asked"}:
        data = data["asked"]
    if isinstance(data, dict) and "totalCount" in data:
        assert (data["totalCount"] > 0) == bool(data["nodes"])
        return bool(data["totalCount"])
    if isinstance(data, dict) and "nodes" in data:
        return bool(data["nodes"])
    if isinstance(data, dict) and "total" in data:
        return bool(data["total"])
    return any(one is not None for one in data) if isinstance(data, list) else data is not None and data != {}


async def test_everything_that_can_be_asked_is_shown_to_those_who_may_see_it_and_to_no_other(
    world: World, schema: GraphQLSchema
) -> None:
    found: dict[str, str] = {}
    before = await snapshot(world)
    for name in documents.questions(schema):
        text, variables = documents.question(schema, name, world)
        marks = ""
        for viewer in VIEWERS:
            answer = await world.clients[viewer].query(text, **variables)
            assert all(code in REFUSED | DENIED for code in answer.codes), (name, viewer, answer.errors)
            marks += "+" if shown(answer) else "."
            absent(name, viewer, answer, allowed=shown(answer))
        found[name] = marks
    _compare(found, QUESTIONS)
    assert await snapshot(world) == before


SEARCH = """query ($typed: String!) { search(text: $typed, first: 200) {
    kind record { __typename id ... on Person { name idNumber phone } ... on OrgNode { called: name } } } }"""


async def test_a_search_of_all_kinds_finds_nothing_that_its_viewer_does_not_see_otherwise(world: World) -> None:
    kinds: dict[str, set[str]] = {}
    for viewer in VIEWERS:
        asking = world.clients[viewer]
        kinds[viewer] = set()
        for typed in ("示例", "第一", "观音", "东茅", "sl", "430602003006", SECRETS[1], SECRETS[2], SECRETS[1][-4:]):
            answer = await asking.query(SEARCH, typed=typed)
            if set(answer.codes) & REFUSED:
                continue
            assert answer.codes == [], (viewer, typed, answer.errors)
            hits = answer.data["search"]
            kinds[viewer] |= {hit["kind"] for hit in hits}
            absent("Query.search", viewer, answer, allowed=bool(hits))
            ids = [hit["record"]["id"] for hit in hits]
            seen = (await asking.data("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"]
            assert [one and one["id"] for one in seen] == ids, (viewer, typed)
    public, everything = {"ORGANISATION", "VENUE"}, {"ORGANISATION", "VENUE", "PERSON"}
    assert kinds["anonymous"] == kinds["auditor"] == public
    assert kinds["resident"] == kinds["community staff"] == kinds["district admin"] == everything
    assert kinds["expired token"] == set()


async def test_an_account_that_nobody_confirmed_reads_nothing_of_its_person_in_full(
    world: World, schema: GraphQLSchema
) -> None:
    with world.district.scope():
        mine = Account.filter(person_id=world.tree.resident.id)
        await transact(lambda _unit: mine.update(person_confirmed=False))
    seen = 0
    for name in documents.questions(schema):
        text, variables = documents.question(schema, name, world)
        answer = await world.clients["resident"].query(text, **variables)
        told = json.dumps([answer.data, answer.errors], ensure_ascii=False)
        assert not [secret for secret in SECRETS if secret in told], (name, told)
        seen += shown(answer)
    shown_to_it = {name for name, marks in QUESTIONS.items() if marks[VIEWERS.index("resident")] == "+"} - IN_FULL
    assert seen == len(shown_to_it)


def absent(name: str, viewer: str, answer: Answer, *, allowed: bool) -> None:
    """What the viewer may not read is nowhere in the answer, whatever was shown."""
    told = json.dumps([answer.data, answer.errors], ensure_ascii=False)
    full_name, id_number, phone, reason, address, evidence = SECRETS
    own = allowed and viewer in OWN_NUMBERS
    assert id_number not in told or own, (name, viewer)
    assert phone not in told or own, (name, viewer)
    assert full_name not in told or (allowed and viewer in FULL_NAME), (name, viewer, told)
    assert address not in told or own, (name, viewer)
    assert evidence not in told or (allowed and viewer in EVIDENCE), (name, viewer, told)
    assert reason not in told or (allowed and viewer in REASON), (name, viewer, told)


async def test_everything_that_can_be_done_is_done_by_those_who_may_and_by_no_other(
    world: World, schema: GraphQLSchema
) -> None:
    given = documents.inputs(world)
    assert sorted(given) == sorted(documents.mutations(schema)), "a mutation without an input in documents.py"
    found: dict[str, str] = {}
    before = await snapshot(world)
    for name in documents.mutations(schema):
        right, spoilt = given[name]
        found[name] = ""
        for place, viewer in enumerate(VIEWERS):
            denied = CHANGES.get(name, "." * len(VIEWERS))[place] == "."
            answer = await world.clients[viewer].query(
                documents.change(name), input=right if denied and "RECORD" not in os.environ else {**right, **spoilt}
            )
            code = outcome(answer)
            assert code is not None, (name, viewer, answer)
            found[name] += "." if code in DENIED | REFUSED else "+"
            absent(name, viewer, answer, allowed=False)
            assert await snapshot(world) == before, (name, viewer)
    with world.district.scope():
        assert await Event.filter(type="core.denied").exists()
    _compare(found, CHANGES)


DONE = {
    "confirmPersonRequest:erasure": ("district official", "core_person", "erased_at"),
    "revokeSession": ("resident", "core_session", "ended_at"),
    "unbindIdentity": ("resident", "core_identity", "unbound_at"),
    "endSessions": ("district admin", "core_session", "ended_at"),
}
"""What is refused to nobody for its content alone: who may do it, and the column that tells that it was done."""


@pytest.mark.parametrize("name", DONE)
async def test_what_has_no_wrong_content_is_done_in_the_end_by_the_one_who_may(world: World, name: str) -> None:
    allowed, table, column = DONE[name]
    right, _ = documents.inputs(world)[name]

    async def done() -> int:
        with world.district.scope():
            rows = await sql.fetch(f"SELECT count({column}) AS n FROM {table}")
        found: int = rows[0]["n"]
        return found

    assert await done() == 0
    for viewer in VIEWERS:
        if CHANGES[name][VIEWERS.index(viewer)] == ".":
            answer = await world.clients[viewer].query(documents.change(name), input=right)
            assert outcome(answer) in DENIED | REFUSED, (viewer, answer)
    assert await done() == 0
    assert CHANGES[name][VIEWERS.index(allowed)] == "+"
    answer = await world.clients[allowed].query(documents.change(name), input=right)
    assert outcome(answer) is None, answer
    assert await done() == 1


def outcome(answer: Answer) -> str | None:
    """The code of a refusal; None where something was done."""
    if answer.codes:
        return str(answer.codes[0])
    (result,) = answer.data.values()
    code: str | None = result.get("code")
    return code


async def snapshot(world: World) -> Any:
    """How many rows there are: every change tells an event, so that none escapes this.

    Attempts and searches are told by design.
    """
    with world.district.scope():
        tables = (
            "core_org_node",
            "core_person",
            "core_account",
            "core_grant",
            "core_request",
            "core_timer",
            "core_token",
            "core_session",
            "core_identity",
            "core_second_factor",
            "core_person_claim",
            "core_consent",
            "core_person_request",
            "core_person_relation",
            "core_identity_document",
            "core_acted_for",
            "core_premises",
            "core_tenure",
            "core_household",
            "core_household_member",
            "core_thing",
            "core_file",
        )
        counts = [(await sql.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables]
        return await Event.exclude(type__in=ATTEMPTS).count(), counts


def _compare(found: dict[str, str], expected: dict[str, str]) -> None:
    if "RECORD" in os.environ:
        print(rows_of(found))
    missing = sorted(found.keys() - expected.keys())
    assert not missing, f"say in expectations.py who may: {missing}"
    gone = sorted(expected.keys() - found.keys())
    assert not gone, f"these are no fields any more: {gone}"
    assert rows_of(found) == rows_of(expected)
