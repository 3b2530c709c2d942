"""Every place of every input takes what nobody should send: refused in words, never an unexpected error.

The places come from the schema, so that a new argument is tried without a line here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from linli.schema.testing import Client
from tests.security import documents
from tests.security.world import World

MANY = {"root_fields": 200, "aliases": 1000, "cost": 1_000_000}
"""Many fields are asked for at once here, to be quick."""
pytestmark = pytest.mark.linli(plugins=["venues"], settings={"core": {"login_tries": 1000, "limits": MANY}})

LONG = "某" * 7_000
DEEP: Any = "x"
for _ in range(90):
    DEEP = [DEEP]
TEXTS = ["", "x" * 101, LONG, "a\r\n\x01b\u202e", "😀" * 90]
HOSTILE: Mapping[str, Sequence[Any]] = {
    "String": TEXTS,
    "ID": ["", "x", "T3JnTm9kZTp4", "T3JnTm9kZTo=", "😀", "x" * 5000, "Ojo6"],
    "Int": [-(2**31), -1, 0, 2**31 - 1],
    "Long": [-(2**53), -1, 0, 2**31, 2**53],
    "Fen": [-(2**53), -1, 0, 2**31, 2**53],
    "Decimal": ["-1", "0", "0.01", "98.505", "999999999999999.999999999999999"],
    "Float": [-1e308, -0.0, 1e-308, 1e308],
    "Boolean": [True, False],
    "DateTime": ["1902-01-01T00:00:00+14:00", "2199-12-31T23:59:59.999999-12:00", "2026-03-29T02:30:00.000000001Z"],
    "Date": ["1901-01-01", "2024-02-29", "2199-12-31"],
    "LocalTime": ["00:00", "24:00"],
    "GeoJSON": [
        {},
        "x",
        DEEP,
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": DEEP},
        {"type": "MultiPolygon", "coordinates": [[[[1e308, "x"]] * 4]]},
        {"type": "Polygon", "coordinates": [[[]] * 9]},
    ],
    "JSON": [{}, [], "x", 0, 2**63, 1e308, True, DEEP, {"": ""}, {"x" * 300: LONG}, {"name": None, "days": [[]]}],
}
AT_ONCE, DEPTH = 40, 3


@dataclass(frozen=True)
class Asked:
    """A root field with one input that is spoilt in one place."""

    field: str
    argument: str
    type: GraphQLInputType
    value: Any


def spoilt(type_: GraphQLInputType, given: Any, depth: int = 0) -> Iterator[Any]:
    """Values of a type: what was given, with one place of it exchanged for something hostile."""
    if isinstance(type_, GraphQLNonNull):
        yield from spoilt(type_.of_type, given, depth)
    elif isinstance(type_, GraphQLList):
        yield []
        inner = given[0] if isinstance(given, list) and given else None
        yield from ([one] for one in spoilt(type_.of_type, inner, depth))
        yield [inner if inner is not None else least(type_.of_type)] * 300
    elif isinstance(type_, GraphQLInputObjectType):
        yield from _spoilt_object(type_, given if isinstance(given, dict) else {}, depth)
    else:
        values = list(type_.values if isinstance(type_, GraphQLEnumType) else HOSTILE[type_.name])
        yield from values if depth < DEPTH else values[-1:]  # far within, of each kind one


def _spoilt_object(type_: GraphQLInputObjectType, given: dict[str, Any], depth: int) -> Iterator[Any]:
    whole = {**least(type_), **given}
    deeper = {name: field for name, field in type_.fields.items() if depth == 0 or name not in ("and", "or", "not")}
    for name, field in deeper.items() if depth < DEPTH else ():
        for value in spoilt(field.type, given.get(name), depth + 1):
            yield {**whole, name: value}


def least(type_: GraphQLInputType) -> Any:
    """Something that a type takes at all."""
    if isinstance(type_, GraphQLNonNull):
        return least(type_.of_type)
    if isinstance(type_, GraphQLList):
        return []
    if isinstance(type_, GraphQLInputObjectType):
        needed = type_.fields.items()
        return {name: least(one.type) for name, one in needed if isinstance(one.type, GraphQLNonNull)}
    return next(iter(type_.values if isinstance(type_, GraphQLEnumType) else HOSTILE[type_.name]))


async def send(client: Client, kind: str, asked: Sequence[Asked], schema: GraphQLSchema) -> list[str]:
    """Ask for all of them in a few requests; those that met an unexpected error."""
    broken: list[str] = []
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        variables = ", ".join(f"$v{place}: {one.type}" for place, one in enumerate(some))
        fields = " ".join(
            f"a{place}: {one.field}({one.argument}: $v{place}) {selection(schema, kind, one.field)}"
            for place, one in enumerate(some)
        )
        values = {f"v{place}": one.value for place, one in enumerate(some)}
        answer = await client.query(f"{kind} ({variables}) {{ {fields} }}", **values)
        bad = {error["path"][0] for error in answer.errors if error["extensions"]["code"] in ("INTERNAL", "TIMEOUT")}
        broken += [f"{one.field} {one.value!s:.300}" for place, one in enumerate(some) if f"a{place}" in bad]
        assert answer.data is not None or any("path" in error for error in answer.errors), answer.errors
    return broken


def selection(schema: GraphQLSchema, kind: str, name: str) -> str:
    """What is asked of the answer: as little as possible."""
    type_ = schema.query_type if kind == "query" else schema.mutation_type
    assert type_ is not None
    answer = get_named_type(type_.fields[name].type)
    if is_leaf_type(answer):
        return ""
    return "{ totalCount }" if "totalCount" in getattr(answer, "fields", {}) else "{ __typename }"


async def test_no_mutation_breaks_on_any_place_of_its_input(world: World, schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    given, broken = documents.inputs(world), list[str]()
    for name, field in schema.mutation_type.fields.items():
        type_ = field.args["input"].type
        asked = [Asked(name, "input", type_, value) for value in spoilt(type_, given[name][0])]
        assert asked
        broken += await send(world.clients["district admin"], "mutation", asked, schema)
    assert broken == []


async def test_no_query_breaks_on_any_place_of_its_arguments(world: World, schema: GraphQLSchema) -> None:
    assert schema.query_type is not None
    broken: list[str] = []
    for name, field in schema.query_type.fields.items():
        needed = [one for one, its in field.args.items() if isinstance(its.type, GraphQLNonNull)]
        for argument, its in field.args.items():
            if needed not in ([], [argument]):
                continue  # of several that are needed none goes alone
            asked = [Asked(name, argument, its.type, value) for value in spoilt(its.type, None)]
            broken += await send(world.clients["district admin"], "query", asked, schema)
    assert broken == []
