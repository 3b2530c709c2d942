"""One statement serves all who ask alike, and gives nobody what another asked for: values, viewers and cursors vary."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person
from linli.schema.compose import compose
from linli.schema.execution import COMPILED
from linli.schema.http.authentication import known
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

from .conftest import Plant
from .test_sameness import NASTY, SEED, Both, Pool, ids_of, nasty

ROUNDS = int(os.environ.get("LINLI_TEST_SAME", "200"))
INSTANTS = ("2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00")
"""Codes that look like instants."""
TEXTS = (*NASTY[:3], *INSTANTS[:2], "*", "'", "示", "N1", "S2", "\U000f1234", "core.org_created", "core.org_renamed")

OPERATIONS = (
    """query($text: String!, $first: Int!, $after: String) { orgs(first: $first, after: $after,
      filter: {name: {contains: $text}}) { totalCount edges { cursor node { id name code } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }""",
    """query($first: Int!, $after: String) { orgs(first: $first, after: $after, orderBy: [{field: CODE,
      direction: DESC}]) { edges { cursor node { id code } } pageInfo { endCursor } } }""",
    """query($last: Int!, $before: String) { orgs(last: $last, before: $before, orderBy: [{field: CODE},
      {field: CREATED_AT}]) { edges { cursor node { id code createdAt } } pageInfo { startCursor hasNextPage } } }""",
    """query($id: ID!, $text: String!, $after: String) { org(id: $id) { id name parent { id } ancestors { name }
      children(first: 2, after: $after, filter: {name: {startsWith: $text}}) { nodes { id name } pageInfo { endCursor }
      } } code: org(code: $text) { id } }""",
    """query($id: ID!, $ids: [ID!]!) { node(id: $id) { id ... on Person { name habitualResidence { name } } }
      nodes(ids: $ids) { id __typename ... on OrgNode { name } ... on Person { posts { totalCount } } } }""",
    """query($text: String!, $texts: [String!], $ids: [ID!], $at: DateTime!) { orgs(filter: {or: [{name: {eq: $text}},
      {code: {in: $texts}}, {id: {in: $ids}}, {createdAt: {lt: $at}}], name: {ne: $text}}) { nodes { id } } }""",
    """query($at: DateTime!, $text: String!, $after: String) { events(first: 3, after: $after, filter: {at: {gte: $at},
      type: {eq: $text}}) { edges { cursor node { sequence type org { id } } } } }""",
    """query($first: Int!, $after: String, $id: ID!) { people(first: $first, after: $after, filter: {not:
      {habitualResidence: {id: {eq: $id}}}}) { totalCount edges { cursor node { id habitualResidence { id } } } } }""",
    """query($at: DateTime!, $id: ID!) { premisesList(asOf: $at) { totalCount } person(id: $id) { id name
      households(asOf: $at) { totalCount } tenures(asOf: $at) { nodes { id } } } }""",
)


async def alike(district: District, client: Clients, tree: Tree) -> dict[str, Viewer]:
    """Those who look alike, two by two and more: by what they may where, and by who they are."""
    made = {
        "resident": await client(person=tree.resident),
        "neighbour": await client(person=tree.neighbour),
        **{
            f"staff of {at.name}": await client("community-staff", at=at)
            for at in (tree.community, tree.other_community)
        },
        "staff there": await client("community-staff", at=tree.community, person=tree.resident),
        "staff of the other": await client("community-staff", at=tree.other_community, person=tree.neighbour),
        "official": await client("subdistrict-official", at=tree.street),
        "grid officer": await client("grid-officer", at=tree.grid),
        "administrator": await client("district-admin"),
        "auditor": await client("auditor", at=tree.community),
        "other auditor": await client("auditor", at=tree.other_community),
    }
    with district.scope():
        return {name: await known(one.token or "", district) for name, one in made.items()}


def variables(chance: random.Random, pool: Pool) -> dict[str, Any]:
    """Values for every variable; those that an operation does not declare are left."""
    ids = [it for all_ in pool.ids.values() for it in all_]
    given: dict[str, Any] = {
        "text": chance.choice(pool.texts),
        "texts": [chance.choice(("N1", "N2", "S3", "\\%")) for _ in range(2)],
        "id": chance.choice(pool.ids["OrgNode"] + pool.ids["Person"] + ids[:3]),
        "ids": [chance.choice(pool.ids[name]) for name in ("OrgNode", "Person")]
        + chance.sample(ids, chance.randrange(2)),
        "first": chance.choice((2, 2, 2, 3, 0)),
        "last": chance.choice((2, 2, 2, 1)),
        "at": chance.choice((*INSTANTS, "1990-06-01T00:00:00.000001Z", "2100-01-01T00:00:00+08:00")),
    }
    for name in ("after", "before"):
        if pool.cursors and chance.random() < 0.7:
            given[name] = chance.choice(pool.cursors)
    return given


@pytest.mark.linli(plugins=["venues"], settings={"core": {"public_directory": True}})
async def test_nobody_gets_what_another_asked_for(
    district: District, tree: Tree, client: Clients, plant: Plant
) -> None:
    print(f"LINLI_TEST_SEED={SEED}")
    chance = random.Random(SEED)
    await nasty(district, tree, plant)
    await plant(tree.community, "GRID", [("网格", one) for one in INSTANTS])
    schema = compose(district)
    both, viewers, taken = Both(district, schema), await alike(district, client, tree), 0
    with district.scope():
        ids = await ids_of(schema)
        ids["OrgNode"] = [global_id("OrgNode", one.id) for one in await OrgNode.all()]
        ids["Person"] = [global_id("Person", one.id) for one in await Person.all()]
        texts = [*TEXTS, *chance.sample([one.name for one in await OrgNode.all()], 3), ids["OrgNode"][0]]
        pools = {one: Pool(chance, ids, texts) for one in OPERATIONS}
        for _ in range(ROUNDS):
            operation, who = chance.choice(OPERATIONS), chance.choice(sorted(viewers))
            pool = pools[operation]
            given = variables(chance, pool)
            one, other, executor = await both.ask(operation, viewers[who], given)
            assert one == other, f"{who}: {operation} {given}"
            pool.learn(other)
            taken += executor == COMPILED
        plans = len(both.compiling.compiler.plans)
        print(f"{ROUNDS} asked, {taken} compiled, {plans} plans")
        assert taken >= ROUNDS // 2


@pytest.mark.parametrize("asked", ["hasPreviousPage", "__typename", "hasPreviousPage endCursor"])
@pytest.mark.parametrize("name", ["ZZ", ""])
async def test_a_page_says_of_itself_what_is_the_same_for_all_pages(
    district: District, tree: Tree, asked: str, name: str
) -> None:
    both = Both(district, compose(district))
    first = "first: 0, " if "endCursor" in asked else ""
    text = f'{{ orgs({first}filter: {{name: {{startsWith: "{name}"}}}}) {{ pageInfo {{ {asked} }} }} }}'
    with district.scope():
        one, other, executor = await both.ask(text, PUBLIC)
    assert (one, executor) == (other, COMPILED)
