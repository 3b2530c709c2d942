"""Nothing reads past a declaration: every model has one, and every list and look-up keeps to it."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, get_named_type
from tortoise import Tortoise
from tortoise.models import Model

from linli.core.access.active_grants import viewer_for
from linli.core.access.models import Account
from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.districts import District
from linli.core.records import visible
from linli.core.records.classes import class_of
from linli.schema.compose import complete_declarations, compose
from linli.schema.declare.node import Node
from linli.schema.scalars import global_id
from linli.schema.testing import Client
from tests.security.world import World

pytestmark = pytest.mark.linli(plugins=["venues"])

ASKING = (
    "anonymous",
    "resident",
    "resident of elsewhere",
    "grid officer",
    "another street's official",
    "auditor",
    "unit admin",
)
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
MOST = 200


def all_models() -> list[type[Model]]:
    assert Tortoise.apps is not None
    return [model for app in Tortoise.apps.values() for model in app.values()]


async def test_every_model_says_who_sees_its_rows_and_what_each_column_tells(district: District) -> None:
    models = all_models()
    assert len(models) > 20
    undeclared = []
    for model in models:
        visible.of(model)  # raises where its author forgot
        keys = {key for name in model._meta.fk_fields for key in (f"{name}_id",)}
        columns = model._meta.fields_map.items()
        undeclared += [f"{model.__name__}.{name}" for name, it in columns if name not in keys and class_of(it) is None]
    assert undeclared == []


async def viewer_behind(client: Client, district: District) -> Viewer:
    """The viewer as core knows it, to ask the declaration itself."""
    if client.token is None:
        return PUBLIC
    shown = await client.data("{ viewer { account { username } } }")
    with district.scope():
        account = await Account.get(username=shown["viewer"]["account"]["username"])
        return await viewer_for(account, district.roles)


async def test_ids_and_lists_answer_exactly_what_the_declaration_shows(world: World) -> None:
    district = world.district
    complete_declarations()
    schema = compose(district)
    lists = _lists(schema._schema.query_type)
    assert {"people", "orgs", "events", "venues", "bookings"} <= lists.keys()
    for name in ASKING:
        client = world.clients[name]
        viewer = await viewer_behind(client, district)
        for type_, node in Node.registry.items():
            if schema.declared(type_) is None:
                continue
            with district.scope():
                rows = [row.pk for row in await node.model.all().limit(MOST)]
                condition = district.sight.condition(node.model, viewer)
                seen = {global_id(type_, row.pk) for row in await node.model.filter(condition)}
            answer = await client.data(NODES, ids=[global_id(type_, row) for row in rows])
            shown = {one["id"] for one in answer["nodes"] if one is not None}
            assert shown == {id_ for id_ in seen if id_ in {global_id(type_, row) for row in rows}}, (name, type_)
            for field in lists.get_of(type_):
                page = (await client.data(f"{{ asked: {field}(first: {MOST}) {{ totalCount nodes {{ id }} }} }}"))[
                    "asked"
                ]
                assert {one["id"] for one in page["nodes"]} <= seen, (name, field)
                assert page["totalCount"] == len(page["nodes"]), (name, field)


class _Lists(dict[str, str]):
    """Root lists and the type of their rows."""

    def get_of(self, type_: str) -> list[str]:
        return [field for field, of in self.items() if of == type_]


def _lists(query: GraphQLObjectType | None) -> _Lists:
    assert query is not None
    found = _Lists()
    for name, field in query.fields.items():
        of = get_named_type(field.type)
        if isinstance(of, GraphQLObjectType) and "totalCount" in of.fields:
            found[name] = get_named_type(of.fields["nodes"].type).name
    return found
