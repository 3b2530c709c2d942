"""With many grants, nested and at any depth, one sees what each of them shows and nothing else, however one reads."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import pytest

from linli.core.access.models import Account, Grant
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.graph.names import keys
from linli.core.people.models import Person
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree

from .conftest import Plant

ROLE = "community-staff"
Grow = Callable[[], Awaitable[list[OrgNode]]]


@pytest.fixture
def grow(tree: Tree, plant: Plant) -> Grow:
    """Three streets of three communities of three grids of three micro-grids; every node but the root."""

    async def put() -> list[OrgNode]:
        found, above = list[OrgNode](), [tree.root]
        for kind in ("SUBDISTRICT", "COMMUNITY", "GRID", "MICRO_GRID"):
            made: list[OrgNode] = []
            for place in above:
                codes = [f"{place.code}-{number}" for number in range(3)]
                made += await plant(place, kind, [(code, code) for code in codes])
            found, above = [*found, *made], made
        return found

    return put


async def holding(client: Clients, district: District, places: list[OrgNode]) -> Client:
    """Somebody with a grant at each of these places."""
    first, *others = places
    made = await client(ROLE, at=first)
    with district.scope():
        account = await Account.all().order_by("-created_at", "-id").first()
        assert account is not None
        grants = [Grant(account_id=account.id, role=ROLE, org_id=place.id) for place in others]
        await transact(lambda _unit: Grant.bulk_create(grants))
    return made


async def settle(district: District, nodes: list[OrgNode], dice: random.Random) -> list[tuple[Person, list[OrgNode]]]:
    """People with both residences anywhere."""
    homes = [dice.sample(nodes, 2) for _ in range(30)]
    people = [
        Person(
            name=f"示例{number}",
            name_key=keys("示例")[0],
            registered_residence_id=one.id,
            habitual_residence_id=two.id,
        )
        for number, (one, two) in enumerate(homes)
    ]
    with district.scope():
        await transact(lambda _unit: Person.bulk_create(people))
    return list(zip(people, homes, strict=True))


@pytest.mark.parametrize("count", [1, 2, 3, 9])
async def test_all_ways_of_reading_show_what_some_grant_shows(
    client: Clients, district: District, tree: Tree, grow: Grow, count: int
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    dice = random.Random(seed)
    nodes = await grow()
    homes = await settle(district, nodes, dice)
    places = dice.sample(nodes, count)
    staff = await holding(client, district, places)

    def beneath(node: OrgNode, *tops: OrgNode) -> bool:
        return any(node.path.startswith(top.path) for top in tops)

    for kind in ("GRID", "MICRO_GRID"):
        shown = {node.code for node in nodes if node.kind == kind and beneath(node, *places)}
        asked = f"first: 200, filter: {{kind: {{eq: {kind}}}}}"
        answer = await staff.data(f"{{ orgs({asked}) {{ totalCount nodes {{ code }} }} }}")
        assert {one["code"] for one in answer["orgs"]["nodes"]} == shown
        assert answer["orgs"]["totalCount"] == len(shown)
        for top in [tree.root, *dice.sample([node for node in nodes if node.depth < 3], 4)]:
            lists = f"descendants({asked}) {{ totalCount nodes {{ code }} }}"
            answer = await staff.data(
                f'{{ node(id: "{global_id("OrgNode", top.id)}") {{ ... on OrgNode {{ {lists} }} }} }}'
            )
            within = {node.code for node in nodes if node.code in shown and beneath(node, top)}
            if answer["node"] is None:
                assert top.kind == "GRID"
                assert not beneath(top, *places)
                continue
            assert {one["code"] for one in answer["node"]["descendants"]["nodes"]} == within
            assert answer["node"]["descendants"]["totalCount"] == len(within)
    for node in dice.sample([one for one in nodes if one.kind == "GRID"], 10):
        found = (await staff.data(f'{{ org(code: "{node.code}") {{ code }} }}'))["org"]
        assert (found is not None) == beneath(node, *places)
    answer = await staff.data("{ people(first: 200) { totalCount nodes { id name } } }")
    names = {one["id"]: one["name"] for one in answer["people"]["nodes"]}
    expected = {
        global_id("Person", person.id): person.name
        for person, (one, two) in homes
        if beneath(one, *places) or beneath(two, *places)
    }
    assert names == expected
    assert answer["people"]["totalCount"] == len(expected)
    for person, _ in dice.sample(homes, 5):
        id_ = global_id("Person", person.id)
        node_ = (await staff.data(f'{{ node(id: "{id_}") {{ ... on Person {{ name }} }} }}'))["node"]
        assert (None if node_ is None else node_["name"]) == expected.get(id_)
