"""Whichever list and total is filtered by a masked value of a person, of whatever plugin: it leaves a trace."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from linli.core.districts import District
from linli.core.records.models import Event
from linli.schema.compose import compose
from linli.schema.testing import Clients, Tree

MASKED = {"birthDate": "1952-06-15", "idNumber": "1", "phone": "1", "gender": "MALE", "partyStatus": "M"}
COMBINED = ("and", "or", "not")
SELECTIONS = ("totalCount", "nodes { __typename }", "edges { cursor }", "pageInfo { hasNextPage }")
TOTAL = "total"
Ways = Iterator[tuple[str, str]]


def ways(filtered: GraphQLInputObjectType, depth: int = 0) -> Ways:
    """Filters by each masked value, through whatever leads to a person, with the name of the value."""
    if filtered.name == "PersonFilter":
        yield from ((f'{{{name}: {{eq: "{value}"}}}}', name) for name, value in MASKED.items())
    for name, field in filtered.fields.items():
        inner = get_named_type(field.type)
        if isinstance(inner, GraphQLInputObjectType) and name not in COMBINED and inner.name.endswith("Filter"):
            yield from ((f"{{{name}: {way}}}", value) for way, value in (ways(inner, depth + 1) if depth < 3 else ()))


def questions(of: GraphQLObjectType, around: str = "%s") -> Ways:
    """What asks each field of a type for each of what may be selected, filtered so."""
    for name, field in of.fields.items():
        filtered = get_named_type(field.args["filter"].type) if "filter" in field.args else None
        if isinstance(filtered, GraphQLInputObjectType):
            for way, value in ways(filtered):
                yield from ((around % f"{name}(filter: {way}) {{ {one} }}", value) for one in selected(field))


def selected(field: GraphQLField) -> tuple[str, ...]:
    told = get_named_type(field.type)
    return SELECTIONS if isinstance(told, GraphQLObjectType) and "nodes" in told.fields else (TOTAL,)


@pytest.mark.linli(plugins=["venues"])
async def test_every_filter_by_a_masked_value_leaves_a_trace_whatever_is_selected(
    client: Clients, district: District, tree: Tree
) -> None:
    schema = compose(district)._schema
    org, query = schema.type_map["OrgNode"], schema.query_type
    assert isinstance(org, GraphQLObjectType)
    assert query is not None
    asked = [*questions(query), *questions(org, 'org(code: "430602003006") { %s }')]
    assert len(asked) > 100
    assert {value for _, value in asked} == set(MASKED)
    official = await client("street-official")
    untold, traces = [], 0
    for question, value in asked:
        answer = await official.query(f"{{ {question} }}")
        with district.scope():
            now = await Event.filter(type="core.searched").count()
        if answer.codes:
            assert set(answer.codes) == {"FORBIDDEN"}, (question, answer.codes)
        elif now == traces:
            untold.append((question, value))
        traces = now
    assert traces > 50, "nothing was told: these questions say nothing"
    assert untold == []
