"""Every value that Linli keeps, tells or logs has a class; what a plugin adds is found by itself."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from graphql import build_schema
from tortoise import Tortoise, fields
from tortoise.models import Model

from linli.core.districts import District
from linli.core.plugins.discovery import installed
from linli.core.records.classes import FieldClass, class_of
from linli.core.records.encrypted import Encrypted
from linli.core.records.record import Record
from linli.schema.declare import Node
from linli.schema.logs import configure
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.schema.conftest import Composer

PERSONAL = (FieldClass.PERSONAL, FieldClass.SENSITIVE)
ALL = [plugin.name for plugin in installed().choosable]


def unclassified(model: type[Model]) -> Iterator[str]:
    """The columns of a model without a class; a foreign key's own column has that of the key."""
    keys = {f"{name}_id" for name in model._meta.fk_fields}
    for name, column in model._meta.fields_map.items():
        if name != "pk" and name not in keys and class_of(column) is None:
            yield f"{model.__name__}.{name}"


@pytest.mark.linli(plugins=ALL)
@pytest.mark.usefixtures("district")
def test_every_column_of_every_model_has_a_class() -> None:
    models = [model for app in (Tortoise.apps or {}).values() for model in app.values()]
    assert len(models) > 20
    assert [found for model in models for found in unclassified(model)] == []


def test_a_column_without_a_class_is_found() -> None:
    class Careless(Record):
        told = fields.CharField(max_length=10)

    assert list(unclassified(Careless)) == ["Careless.told"]


@pytest.mark.linli(plugins=ALL)
async def test_attributes_and_payloads_have_classes(district: District) -> None:
    kinds: list[Any] = [*district.kinds.orgs.values(), *district.kinds.relations.values()]
    for kind in kinds:
        assert set(kind.attributes.classes()) == {
            info.alias or name for name, info in kind.attributes.model_fields.items()
        }
    assert all(event_type.payload.model_fields.keys() <= _tops(event_type) for event_type in district.event_types)


def _tops(event_type: Any) -> set[str]:
    return {path.partition(".")[0] for path in event_type.classes}


async def test_personal_columns_are_masked_and_order_nothing(composer: Composer) -> None:
    await composer(*ALL)
    for node in Node.declared:
        for name, field in node.fields.items():
            personal = node.stands_on_column(name) and class_of(node.column_of(name)) in PERSONAL
            if personal:
                assert field.declared.kind in ("masked", "relation"), f"{node.name}.{name} is shown to everybody"
            if field.declared.kind == "masked":
                assert not field.declared.orderable


async def test_every_permission_to_reveal_is_registered(composer: Composer) -> None:
    schema = await composer(*ALL)
    asked = {field.declared.reveal for node in Node.declared for field in node.fields.values()} - {None}
    assert asked
    assert asked <= schema.district.permissions.keys()


@pytest.mark.linli(plugins=ALL)
async def test_what_a_public_row_does_not_show_orders_nothing(district: District) -> None:
    for node in Node.declared:
        public = district.sight.public_rows.get(node.model, ())
        for name in node.orderable():
            column = node.order_column(name)
            hidden = node.column_of(name).null and any(column not in one.columns for one in public)
            assert not hidden, f"{node.name} can be ordered by {name}, which some do not see"


async def test_the_schema_says_the_class_of_what_it_shows(composer: Composer) -> None:
    printed = (await composer(*ALL)).as_str()
    build_schema(printed)
    lines = [line.strip() for line in printed.splitlines()]
    assert "directive @class(" in printed
    assert "name: String! @class(is: PUBLIC)" in lines
    assert any(line.endswith("): String @class(is: SENSITIVE)") for line in lines)
    for node in Node.declared:
        shown = [name for name in node.fields if node.stands_on_column(name) and name != "id"]
        assert all(node.fields[name].directives for name in shown)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the server logs meanwhile, of every level."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(stream, level=logging.DEBUG)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


CREATE = "mutation ($input: CreatePersonInput!) { createPerson(input: $input) { __typename ... on Person { id } } }"
VALUES = {"name": "示例老人", "idNumber": "430602195206150011", "phone": "13800000011", "partyStatus": "MEMBER"}


async def test_logs_hold_no_personal_values_also_where_something_goes_wrong(
    client: Clients, tree: Tree, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss, secretary = await client("district-admin"), await client("community-secretary", at=tree.community)
    given = {**VALUES, "habitualResidenceId": global_id("OrgNode", tree.community.id)}
    assert (await boss.mutate(CREATE, input=given))["__typename"] == "Person"
    assert (await boss.mutate(CREATE, input=given))["__typename"] == "ConflictError"
    query = """query ($n: String!) { people(filter: {idNumber: {eq: $n}}) {
        nodes { phone(reveal: {purpose: "核对补贴资格"}) } } }"""
    assert (await secretary.data(query, n=VALUES["idNumber"]))["people"]["nodes"] == [{"phone": VALUES["phone"]}]

    def broken(_self: Encrypted) -> str:
        raise ValueError(f"cannot read {VALUES['phone']} of {VALUES['idNumber']}")

    monkeypatch.setattr(Encrypted, "decrypt", broken)
    assert (await secretary.query(query, n=VALUES["idNumber"])).codes == ["INTERNAL"]
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert [line["event"] for line in lines if line["level"] == "error"] == ["unexpected_error"]
    assert "138****0011 of 430602********0011" in logged.getvalue()
    assert [value for value in VALUES.values() if value in logged.getvalue() and value != "MEMBER"] == []
