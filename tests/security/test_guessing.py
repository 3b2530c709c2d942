"""What a frontend that guesses learns: nothing, by ids, filters, orders, counts or tokens of elsewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import tomlkit
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from linli.core.access.services import create_account, issue_token
from linli.core.config import load
from linli.core.districts import open_platform
from linli.core.districts.migrating import ensure_root, migrate
from linli.core.districts.namespaces import schema_of
from linli.core.plugins.discovery import installed
from linli.core.records.record import new_id
from linli.core.records.store import Dialect
from linli.core.records.unit_of_work import transact
from linli.schema.http.application import application
from linli.schema.scalars import global_id
from linli.schema.testing.clients import BASE
from linli.schema.testing.engines import drop, postgres_url
from linli.schema.testing.schemas import composed_once
from tests.security.world import SECRETS, World

pytestmark = pytest.mark.linli(plugins=["venues"])

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
GUESSES, BATCH = 10_000, 200
STRANGERS = ("anonymous", "resident of elsewhere", "another street's official", "revoked grant")
HIDDEN = ("OrgNode", "OrgRelation", "Person", "Post", "Account", "Grant", "Booking", "NoShow", "NoShowAppeal", "Event")


async def test_ten_thousand_guessed_ids_tell_nothing(world: World) -> None:
    """Real ids of what is hidden lie among made-up ones: nobody can tell the two apart."""
    stranger = world.clients["resident of elsewhere"]
    real = [world.ids[name] for name in HIDDEN]
    for batch in range(GUESSES // BATCH):
        made_up = [global_id(HIDDEN[place % len(HIDDEN)], new_id()) for place in range(BATCH - len(real))]
        answer = await stranger.query(NODES, ids=[*made_up, *real] if batch % 2 else [*real, *made_up])
        assert (answer.errors, answer.data) == ([], {"nodes": [None] * BATCH})


@pytest.mark.parametrize("kind", ["Person", "Booking", "NoShow"])
async def test_a_hidden_record_is_changed_by_nobody_and_answers_as_one_that_is_not_there(
    world: World, kind: str
) -> None:
    steps = {
        "Person": ("updatePerson", "id", {"name": "x"}),
        "Booking": ("cancelBooking", "bookingId", {}),
        "NoShow": ("appealNoShow", "bookingId", {"reason": "x"}),
    }
    name, argument, more = steps[kind]
    text = (
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{"
        " __typename ... on Error { code message path } ... on RejectedError { plugin details } } }"
    )
    real = world.ids["missed" if kind == "NoShow" else kind]
    other = global_id("Person" if kind == "Person" else "Booking", new_id())
    for viewer in ("resident of elsewhere", "another street's official", "revoked grant"):
        answers = [await world.clients[viewer].mutate(text, input={argument: id_, **more}) for id_ in (real, other)]
        assert answers[0] == answers[1]
        assert answers[0]["code"] == "NOT_FOUND"


ORACLES = (
    'people(filter: {id: {eq: "%(Person)s"}})',
    'people(filter: {registeredResidence: {code: {eq: "430602003006"}}})',
    'people(filter: {habitualResidence: {parent: {code: {eq: "430602003000"}}}}, orderBy: [{field: CREATED_AT}])',
    'orgs(filter: {id: {eq: "%(OrgNode)s"}})',
    'orgs(filter: {name: {contains: "第一"}})',
    "orgs(filter: {parent: {parent: {kind: {eq: COMMUNITY}}}})",
    "orgs(filter: {not: {kind: {in: [SUBDISTRICT, DISTRICT, COMMUNITY, RESIDENT_UNIT]}}})",
    "orgs(filter: {or: [{kind: {eq: GRID}}, {kind: {eq: MICRO_GRID}}]}, orderBy: [{field: NAME, direction: ASC}])",
    'bookings(filter: {venue: {name: {contains: "示例"}}})',
    "bookings(filter: {person: {id: {isNull: false}}})",
    'bookings(filter: {not: {person: {id: {eq: "%(Person)s"}}}})',
    'noShows(filter: {person: {id: {eq: "%(Person)s"}}})',
    "noShowAppeals",
    "waitlist",
    'events(filter: {org: {code: {eq: "430602003006-G001"}}})',
    'events(filter: {type: {startsWith: "venues."}})',
)


async def test_no_filter_order_or_count_tells_of_what_is_hidden(world: World) -> None:
    nothing = {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    for oracle in ORACLES:
        asked = oracle % world.ids + " { totalCount nodes { __typename } pageInfo { hasNextPage endCursor } }"
        for viewer in STRANGERS:
            answer = await world.clients[viewer].data("{ asked: " + asked + " }")
            assert answer["asked"] == nothing, (oracle, viewer)
        sees = "resident" if "Appeals" in oracle else "district admin"
        answer = await world.clients[sees].data("{ asked: " + asked + " }")
        assert answer["asked"]["totalCount"] or "not: {person" in oracle, oracle


async def test_a_filter_through_a_relation_counts_only_what_the_viewer_sees_there(world: World) -> None:
    """Everybody sees the venues; whether one has a booking, a policy or an owner of some name is another matter."""
    text = '{ venues(filter: {owner: {parent: {name: {eq: "%s"}}}}) { totalCount } }'
    counts = {
        name: (await world.clients["anonymous"].query(text % name)).data["venues"]["totalCount"]
        for name in ("观音阁社区", "没有的社区")
    }
    assert counts == {"观音阁社区": 1, "没有的社区": 0}  # both ends are public


COMPARED = {
    "PersonalTextFilter": {"eq", "in", "startsWith"},
    "PersonalDateFilter": {"eq", "in"},
    "EncryptedTextFilter": {"eq", "in"},
    "SensitiveTextFilter": {"eq"},
}
PERSONAL = {
    "name": "PersonalTextFilter",
    "birthDate": "PersonalDateFilter",
    "gender": "PersonalTextFilter",
    "idNumber": "SensitiveTextFilter",
    "phone": "EncryptedTextFilter",
    "partyStatus": "PersonalTextFilter",
}


def test_a_personal_column_is_compared_with_what_one_knows_already_and_orders_nothing(schema: GraphQLSchema) -> None:
    """No part of a value but its beginning, no range and no null: nothing that would find a value step by step."""
    taken = schema.get_type("PersonFilter")
    assert isinstance(taken, GraphQLInputObjectType)
    assert {name: get_named_type(taken.fields[name].type).name for name in PERSONAL} == PERSONAL
    for name, operators in COMPARED.items():
        type_ = schema.get_type(name)
        assert isinstance(type_, GraphQLInputObjectType)
        assert type_.fields.keys() == operators, name
    order = schema.get_type("PersonOrderField")
    offered = {value.lower().replace("_", "") for value in getattr(order, "values", {})}
    assert offered
    assert not offered & {name.lower() for name in PERSONAL}


WRONG = {"idNumber": "430602195206150038", "phone": "13800000099", "name": "示例无"}
RIGHT = {"idNumber": SECRETS[1], "phone": SECRETS[2], "name": SECRETS[0]}


@pytest.mark.parametrize("column", sorted(RIGHT))
async def test_who_may_not_see_a_value_does_not_filter_by_it(world: World, column: str) -> None:
    """Whether the value is somebody's makes no difference to the answer; staff see names, and nothing else."""
    staff = () if column == "name" else ("grid officer", "community staff", "district official", "district admin")
    for viewer in (*STRANGERS, "resident", "auditor", *staff):
        text = '{ people(filter: {%s: {eq: "%s"}}) { totalCount } }'
        answers = [await world.clients[viewer].query(text % (column, it[column])) for it in (RIGHT, WRONG)]
        if viewer == "another street's official":  # sees values in full, but nobody here
            assert [answer.data for answer in answers] == [{"people": {"totalCount": 0}}] * 2
        else:
            assert [answer.codes for answer in answers] in ([["FORBIDDEN"]] * 2, [["UNAUTHENTICATED"]] * 2), viewer


@dataclass(frozen=True)
class Both:
    """A server of the world's district and of another one in the same database or folder, and a token of the latter."""

    http: httpx.AsyncClient
    other: str
    token: str

    async def viewer(self, key: str, token: str) -> dict[str, Any]:
        """What a district answers about whoever has the token."""
        asked = {"query": "{ viewer { account { username } } district { key } orgs { totalCount } }"}
        headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
        found: dict[str, Any] = (await self.http.post(f"/d/{key}/graphql", json=asked, headers=headers)).json()
        return found


@pytest.fixture
async def both(tmp_path: Path, world: World, engine: Dialect) -> AsyncIterator[Both]:
    other, found = f"t{uuid4().hex[:16]}", installed()
    url = f"sqlite://{tmp_path}/{{district}}.sqlite3" if engine == "sqlite" else str(postgres_url())
    names = {world.district.key: ("乙区", "430602000000"), other: ("甲区", "430603000000")}
    named = {key: {"name": name, "code": code, "plugins": ["venues"]} for key, (name, code) in names.items()}
    file = tmp_path / "both.toml"  # beside the world's, with its master key
    file.write_text(tomlkit.dumps({"database": {"url": url}, "districts": named}), "utf-8")
    configuration = load(file, found)
    await migrate(configuration, found, other)
    async with open_platform(configuration, found) as platform:
        with platform.districts[other].scope():
            await ensure_root(platform.districts[other])
            account = await transact(lambda _unit: create_account("elsewhere", None, None))
            token = await transact(lambda _unit: issue_token(account, None))
        transport = httpx.ASGITransport(application(platform, composer=composed_once))
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
            yield Both(http, other, token)
    if engine == "postgres":
        await drop(url, schema_of(other))


def tokens(world: World) -> dict[str, str]:
    known = {name: client.token for name, client in world.clients.items() if name != "expired token"}
    return {name: token for name, token in known.items() if token is not None}


async def test_no_token_of_one_district_does_anything_in_another(both: Both, world: World) -> None:
    here = world.district.key
    wrong = [(both.other, token) for token in tokens(world).values()] + [(here, both.token)]
    for key, token in wrong:
        told = await both.viewer(key, token)
        assert told.get("data") is None
        assert [error["extensions"]["code"] for error in told["errors"]] == ["UNAUTHENTICATED"]
        assert not {here, both.other} & set(json.dumps(told).split('"'))


async def test_requests_of_two_districts_at_once_never_answer_from_each_other(both: Both, world: World) -> None:
    """Where one process serves both from one database, a connection that was lent on would remember its district."""
    here, mine = world.district.key, tokens(world)["district admin"]
    asked = [
        both.viewer(*pair) for _ in range(15) for pair in ((here, mine), (both.other, both.token), (here, both.token))
    ]
    answers = [told.get("data", {}) for told in await asyncio.gather(*asked)]
    ours, theirs, neither = answers[0::3], answers[1::3], answers[2::3]
    assert {told["district"]["key"] for told in ours} == {here}
    assert {told["viewer"]["account"]["username"] for told in theirs} == {"elsewhere"}
    assert {told["orgs"]["totalCount"] for told in theirs} == {1}
    assert min(told["orgs"]["totalCount"] for told in ours) > 1
    assert neither == [{}] * 15
