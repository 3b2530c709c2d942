"""Two districts in one configuration; a plugin that is turned off, and on again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import tomlkit
from graphql import GraphQLNonNull, is_leaf_type

from linli.core import clock as clocks
from linli.core.clock import FrozenClock
from linli.core.config import load
from linli.core.districts import Platform, open_platform
from linli.core.districts.migrating import ensure_root, migrate
from linli.core.districts.namespaces import schema_of
from linli.core.plugins.discovery import installed
from linli.core.records.sealing import seal_now
from linli.core.records.store import Dialect
from linli.schema.compose import compose
from linli.schema.http.application import application
from linli.schema.scalars import global_id
from linli.schema.testing.clients import Client, Clients, clients
from linli.schema.testing.engines import drop, postgres_url
from linli.schema.testing.trees import Tree, plant

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
PLUGINS = installed()

NOT_FOR_ALL = {"org", "changes"}
"""Needs to be told which, or who asks: what is synced is somebody's own view."""


class Deployment:
    """A folder with a linli.toml for two districts."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.first, self.second = f"a{uuid4().hex[:12]}", f"b{uuid4().hex[:12]}"

    @asynccontextmanager
    async def opened(self, first: Sequence[str], second: Sequence[str]) -> AsyncIterator[Platform]:
        """The platform with these plugins on, migrated."""
        districts = {
            self.first: {"name": "岳阳市岳阳楼区", "code": "430602000000", "plugins": list(first)},
            self.second: {"name": "佳木斯市同江市", "code": "230881000000", "plugins": list(second)},
        }
        file = self.folder / "linli.toml"
        file.write_text(tomlkit.dumps({"database": {"url": self.url}, "districts": districts}), "utf-8")
        configuration = load(file, PLUGINS)
        for key in districts:
            await migrate(configuration, PLUGINS, key)
        async with open_platform(configuration, PLUGINS) as platform:
            for district in platform.districts.values():
                await ensure_root(district)
            yield platform


@pytest.fixture
async def deployment(engine: Dialect, tmp_path: Path) -> AsyncIterator[Deployment]:
    """Two districts that nobody has opened yet, with a clock that stands on a Monday."""
    before = clocks.use(FrozenClock(MONDAY))
    url = f"sqlite://{tmp_path}/{{district}}.sqlite3" if engine == "sqlite" else str(postgres_url())
    made = Deployment(tmp_path, url)
    yield made
    clocks.use(before)
    if engine == "postgres":
        for key in (made.first, made.second):
            await drop(url, schema_of(key))


@asynccontextmanager
async def clients_of(platform: Platform, key: str) -> AsyncIterator[Clients]:
    async with clients(platform.districts[key], application(platform)) as made:
        yield made


async def booked(platform: Platform, key: str, tree: Tree) -> tuple[str, str]:
    """A venue of the tree's unit with a booking by its staff; their ids."""
    async with clients_of(platform, key) as client:
        boss = await client("district-admin")
        venue = await boss.mutate(
            "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { ... on Venue { id } } }",
            input={
                "name": "示例篮球场",
                "kind": "COURT",
                "ownerId": global_id("OrgNode", tree.unit.id),
                "communityId": global_id("OrgNode", tree.community.id),
                "capacity": 20,
                "exclusive": True,
            },
        )
        staff = await client(person=tree.staff)
        booking = await staff.mutate(
            "mutation ($input: BookVenueInput!) { bookVenue(input: $input) { ... on Booking { id state } } }",
            input={
                "venueId": venue["id"],
                "start": "2026-03-11T10:00:00+08:00",
                "end": "2026-03-11T11:00:00+08:00",
            },
        )
        assert booking["state"] == "CONFIRMED"
        await seal_now(platform.districts[key].store)
        return venue["id"], booking["id"]


async def grown(platform: Platform, key: str) -> Tree:
    district = platform.districts[key]
    root = await ensure_root(district)
    with district.scope():
        return await plant(district, root)


async def test_one_process_serves_two_districts_with_two_schemas(deployment: Deployment) -> None:
    async with deployment.opened(["venues"], []) as platform:
        with_venues, without = (compose(platform.districts[key]).as_str() for key in platform.districts)
        assert "type Venue implements Node" in with_venues
        assert "enue" not in without
        async with clients_of(platform, deployment.second) as client:
            nobody = await client()
            assert (await nobody.data("{ district { name } }"))["district"] == {"name": "佳木斯市同江市"}
            assert (await nobody.query("{ venues { totalCount } }")).codes == ["GRAPHQL_VALIDATION"]


async def test_a_token_of_one_district_is_unknown_in_the_other(deployment: Deployment) -> None:
    async with deployment.opened(["venues"], ["venues"]) as platform:
        async with clients_of(platform, deployment.first) as client:
            boss = await client("district-admin")
        async with clients_of(platform, deployment.second) as client:
            stranger = Client(client.http, f"/d/{deployment.second}/graphql", boss.token)
            assert (await stranger.query("{ district { name } }")).codes == ["UNAUTHENTICATED"]


async def every_root_field(client: Client, platform: Platform, key: str) -> dict[str, Any]:
    """Every root field that needs no argument, asked for what it has of plain values, and what it answered."""
    schema = compose(platform.districts[key])._schema
    assert schema.query_type is not None
    found = {}
    for name, field in schema.query_type.fields.items():
        if any(isinstance(argument.type, GraphQLNonNull) for argument in field.args.values()) or name in NOT_FOR_ALL:
            continue
        type_ = getattr(field.type, "of_type", field.type)
        type_ = getattr(type_, "of_type", type_)
        type_ = getattr(type_, "of_type", type_)
        selected = (
            "nodes { __typename } totalCount"
            if type_.name.endswith("Connection")
            else " ".join(
                plain
                for plain, one in type_.fields.items()
                if is_leaf_type(getattr(one.type, "of_type", one.type)) and not one.args
            )
        )
        answer = await client.query(f"{{ {name} {{ {selected or '__typename'} }} }}")
        assert not answer.errors, (name, answer.errors)
        found[name] = answer.data[name]
    return found


async def test_turning_a_plugin_off_breaks_no_read_and_turning_it_on_shows_what_was_there(
    deployment: Deployment,
) -> None:
    async with deployment.opened(["venues"], []) as platform:
        tree = await grown(platform, deployment.first)
        venue, booking = await booked(platform, deployment.first, tree)
    async with deployment.opened([], []) as platform:
        assert "enue" not in compose(platform.districts[deployment.first]).as_str()
        async with clients_of(platform, deployment.first) as client:
            for asking in (await client("district-admin"), await client(person=tree.staff), await client()):
                await every_root_field(asking, platform, deployment.first)
            boss = await client("district-admin")
            assert await boss.data("query ($id: ID!) { node(id: $id) { id } }", id=booking) == {"node": None}
            events = await boss.data("{ events(first: 200) { nodes { type } } }")
            assert not [one for one in events["events"]["nodes"] if one["type"].startswith("venues.")]
            unit = global_id("OrgNode", tree.unit.id)
            assert await (await client()).data("query ($id: ID!) { org(id: $id) { name } }", id=unit) == {"org": None}
    async with deployment.opened(["venues"], []) as platform, clients_of(platform, deployment.first) as client:
        staff = await client(person=tree.staff)
        query = "query ($id: ID!) { booking(id: $id) { state venue { id name } person { name } } }"
        assert (await staff.data(query, id=booking))["booking"] == {
            "state": "CONFIRMED",
            "venue": {"id": venue, "name": "示例篮球场"},
            "person": {"name": "示例甲"},
        }
