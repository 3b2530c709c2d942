"""What operations cost: figures by hand, and never less than their answers hold."""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse, validate

from linli.core.clock import FrozenClock
from linli.schema.limits.cost import cost_of
from linli.schema.testing import Client, Clients, Tree
from tests.schema.conftest import Composer, Plant

OPERATIONS = int(os.environ.get("LINLI_TEST_COSTS", "12"))
"""How many operations are made; the long form is 1,000."""
SEED = int(os.environ.get("LINLI_TEST_SEED", random.SystemRandom().randrange(2**32)))

Price = Callable[..., int]


@pytest.fixture
async def price(composer: Composer) -> Price:
    """What an operation costs with these variables."""
    schema = (await composer())._schema

    def reckon(text: str, **variables: Any) -> int:
        document = parse(text)
        assert validate(schema, document) == []
        [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        return cost_of(schema, document, operation).estimate(variables)

    return reckon


PRICES: list[tuple[str, dict[str, Any], int]] = [
    ("{ district { name } }", {}, 1),
    ("{ district { name plugins { name } } }", {}, 21),
    ("{ orgs(first: 100) { nodes { name } } }", {}, 101),
    ("{ orgs(first: 100) { edges { cursor node { name } } pageInfo { hasNextPage } totalCount } }", {}, 101),
    ("{ orgs { nodes { name } } }", {}, 21),
    ("{ orgs(last: 7) { nodes { name parent { name } } } }", {}, 15),
    ("{ orgs(first: 100) { nodes { children(first: 10) { nodes { name } } } } }", {}, 1201),
    ("{ orgs(first: 20, offset: 1000) { nodes { name } } }", {}, 31),
    ("query q($n: Int) { orgs(first: $n) { nodes { name } } }", {"n": 50}, 51),
    ("query q($n: Int) { orgs(first: $n) { nodes { name } } }", {}, 21),
    ("query q($n: Int = 5) { orgs(first: $n) { nodes { name } } }", {}, 6),
    ("query q($n: Int = 5) { orgs(first: $n) { nodes { name } } }", {"n": None}, 21),
    ("query q($n: Int) { orgs(first: $n) { nodes { name } } }", {"n": 10**12}, 201),
    ("query q($n: Int) { orgs(first: $n) { nodes { name } } }", {"n": "many"}, 21),
    ("query q($no: Boolean!) { orgs @skip(if: $no) { nodes { name } } district { name } }", {"no": True}, 1),
    ("query q($no: Boolean!) { ... @include(if: $no) { orgs { nodes { name } } } }", {"no": True}, 21),
    ('query q($ids: [ID!]!) { nodes(ids: $ids) { id } }', {"ids": ["a", "b", "c"]}, 3),
    ('{ nodes(ids: ["a"]) { ...on OrgNode { parent { id } } ...on Person { employer { parent { id } } } } }', {}, 3),
    ('{ calendar(from: "2026-01-01", to: "2026-01-31") { kind } }', {}, 31),
    ("{ a: orgs { ...F } b: orgs { ...F } } fragment F on OrgNodeConnection { nodes { name } }", {}, 42),
    ("{ __schema { types { fields { name } } } }", {}, 0),
]  # fmt: skip


async def test_a_record_costs_one_wherever_a_list_may_bring_it(price: Price) -> None:
    assert [price(text, **variables) for text, variables, _ in PRICES] == [wanted for _, _, wanted in PRICES]


async def test_fragments_that_multiply_are_reckoned_without_being_written_out(price: Price) -> None:
    doubling = " ".join(
        f"fragment F{n} on OrgNode {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(60)
    )
    assert price(f"{{ orgs {{ nodes {{ ...F0 }} }} }} {doubling} fragment F60 on OrgNode {{ name }}") > 2**60


class Asking:
    """Makes operations: lists in lists with sizes, fragments, aliases, variables and conditions."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.variables = chance, dict[str, int]()

    def operation(self) -> str:
        roots = [f"r{n}: {self.org_list('orgs', 0)}" for n in range(self.chance.randint(1, 3))]
        roots += self.chance.sample(["district { name }", "orgKinds { code }", "viewer { grants { role } }"], 1)
        named = ", ".join(f"${name}: Int" for name in self.variables)
        head, body = f"query q{f'({named})' if named else ''}", " ".join(roots)
        fragment = "fragment Named on OrgNode { parent { id } }" if "...Named" in body else ""
        return f"{head} {{ {body} }} {fragment}"

    def size(self) -> str:
        size = self.chance.randint(1, 12)
        if self.chance.random() < 0.3:
            name = f"v{len(self.variables)}"
            self.variables[name] = size
            return f"${name}"
        return str(size)

    def org_list(self, field: str, depth: int) -> str:
        which = self.chance.choice(["first", "first", "first", "last"])
        arguments = f"{which}: {self.size()}" if field != "history" else f"first: {self.size()}"
        if field == "orgs":
            arguments += ", filter: {kind: {in: [SUBDISTRICT, COMMUNITY]}}"
        row = self.row(depth)
        shape = self.chance.choice([f"nodes {{ {row} }}", f"edges {{ cursor node {{ {row} }} }} totalCount"])
        return f"{field}({arguments}) {{ {shape} pageInfo {{ hasNextPage }} }}"

    def row(self, depth: int) -> str:
        parts = ["id name"]
        if self.chance.random() < 0.4:
            parts.append(self.chance.choice(["parent { name }", "...Named", "... on OrgNode { parent { code } }"]))
        if self.chance.random() < 0.2:
            parts.append("up: parent { parent { name } }")
        if depth < 2 and self.chance.random() < 0.7:
            parts.append(self.org_list(self.chance.choice(["children", "descendants"]), depth + 1))
        return " ".join(parts)


def records(value: Any) -> Iterator[Any]:
    """The objects of an answer that are neither a page nor a part of one."""
    if isinstance(value, list):
        for one in value:
            yield from records(one)
    elif isinstance(value, dict):
        if not {"nodes", "edges", "cursor", "hasNextPage"} & value.keys():
            yield value
        for one in value.values():
            yield from records(one)


async def _cost(client: Client, text: str, variables: dict[str, Any]) -> tuple[int, Any]:
    sent = {"query": text, "variables": variables, "extensions": {"cost": True}}
    answer = await client.http.post(client.path, json=sent, headers={"authorization": f"Bearer {client.token}"})
    body = answer.json()
    if "data" not in body:
        [error] = body["errors"]
        assert error["extensions"]["limit"] == "cost", body
        return error["extensions"]["found"], None
    assert "errors" not in body, body
    return body["extensions"]["cost"], body["data"]


@pytest.mark.linli(settings={"core": {"limits": {"cost": 1_000_000}}})
async def test_no_answer_holds_more_than_was_reckoned(client: Clients, tree: Tree, plant: Plant) -> None:
    print(f"LINLI_TEST_SEED={SEED}")
    for street in await plant(tree.root, "SUBDISTRICT", [(f"街道{n}", None) for n in range(12)]):
        for community in await plant(street, "COMMUNITY", [(f"社区{n}", None) for n in range(4)]):
            await plant(community, "GRID", [(f"网格{n}", None) for n in range(3)])
    boss = await client("district-admin")
    ratios = []
    for number in range(OPERATIONS):
        asking = Asking(random.Random(SEED + number))
        text = asking.operation()
        cost, data = await _cost(boss, text, asking.variables)
        held = sum(1 for _ in records(data)) - 1  # the answer itself is none
        assert cost >= held, (SEED, text, asking.variables)
        ratios.append(cost / held)
    median = statistics.median(ratios)
    print(f"{len(ratios)} operations; cost over records: median {median:.2f}, greatest {max(ratios):.1f}")
    assert median <= 20


async def test_the_cost_is_told_to_whoever_asks_and_to_nobody_else(client: Clients, clock: FrozenClock) -> None:
    boss = await client("district-admin")
    cost, _ = await _cost(boss, "{ orgs(first: 30) { nodes { name } } }", {})
    assert cost == 31
    headers = {"authorization": f"Bearer {boss.token}"}
    plain = await boss.http.post(boss.path, json={"query": "{ district { name } }"}, headers=headers)
    assert "extensions" not in plain.json()
    told = await boss.http.get(boss.path, params={"query": "{ district { name } }", "extensions": '{"cost": true}'})
    assert told.json()["extensions"] == {"cost": 1}


async def test_a_refusal_says_what_would_fit_in_the_callers_language(client: Clients) -> None:
    nobody = await client()
    deep = "query q($n: Int) { orgs(first: $n) { nodes { children(first: $n) { nodes { name } } } } }"
    answer = await nobody.query(deep, n=200, headers={"accept-language": "en"})
    assert answer.errors == [
        {
            "message": "Cost 40,401, allowed 10,000; ask for first: 99",
            "extensions": {"code": "TOO_COSTLY", "limit": "cost", "found": 40_401, "allowed": 10_000, "first": 99},
        }
    ]
    assert answer.data is None
    assert not (await nobody.query(deep, n=99)).errors
    assert (await nobody.query(deep, n=100)).codes == ["TOO_COSTLY"]
    chinese = await nobody.query(deep, n=200, headers={"accept-language": "zh-CN"})
    assert chinese.errors[0]["message"] == "开销 40,401，上限 10,000；请改用 first: 99"


@pytest.mark.linli(settings={"core": {"limits": {"cost": 100}}})
async def test_where_no_page_size_would_fit_it_says_so(client: Clients) -> None:
    lists = " ".join(
        f"a{n}: orgs {{ nodes {{ parent {{ parent {{ parent {{ parent {{ id }} }} }} }} }} }}" for n in range(20)
    )
    answer = await (await client()).query(f"{{ {lists} }}", headers={"accept-language": "en"})
    assert answer.errors[0]["message"].startswith("Cost 2,020, allowed 100; ask for fewer lists")
    assert "first" not in answer.errors[0]["extensions"]


@pytest.mark.linli(settings={"core": {"limits": {"page_size": 50}}})
async def test_a_district_may_have_smaller_pages(client: Clients) -> None:
    nobody = await client()
    assert not (await nobody.query("{ orgs(first: 50) { nodes { id } } }")).errors
    assert (await nobody.query("{ orgs(first: 51) { nodes { id } } }")).codes == ["VALIDATION"]
