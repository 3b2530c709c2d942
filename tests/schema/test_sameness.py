"""Both executors give one answer: random operations over the whole schema, for several viewers.

LINLI_TEST_SAME says how many operations are asked on each engine (default 200, by night 10,000), LINLI_TEST_SEED
repeats a run. Each text that hypothesis-graphql draws is asked by every viewer, each time with other values: drawing
takes longer than answering twice.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import hypothesis
import orjson
import pytest
from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from linli.core.access.viewer import PUBLIC, Viewer
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.records.unit_of_work import transact
from linli.schema.compiled.running import Asking
from linli.schema.compose import DistrictSchema, compose
from linli.schema.context import Context
from linli.schema.declare.fields import DeclaredField
from linli.schema.declare.node import Node
from linli.schema.execution import COMPILED, RESOLVED, Executor, Request
from linli.schema.http.authentication import known
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree

from .conftest import Plant

OPERATIONS = int(os.environ.get("LINLI_TEST_SAME", "200"))
SEED = int(os.environ.get("LINLI_TEST_SEED", random.SystemRandom().randrange(2**32)))
AT_LEAST = 0.95

NASTY = [
    "\"引号\" 'q' \\ /",
    "表情😀🏘️",
    "tab\there\x01\x1f\x7f",
    "line\u2028sep",
    "100% _like_ %s",
    "<b>&amp;",
    "",
]
SCALARS = {
    "Date": st.just(nodes.String("2026-03-09")),
    "DateTime": st.sampled_from(["2026-03-09T08:00:00+08:00", "1990-06-01T00:00:00.000001Z"]).map(nodes.String),
    "LocalTime": st.just(nodes.String("08:30")),
    "Long": st.integers(-(2**53), 2**53).map(nodes.Int),
    "Fen": st.integers(0, 10_000).map(nodes.Int),
    "JSON": st.just(nodes.Int(1)),
    "GeoJSON": st.just(nodes.Int(1)),
    "Decimal": st.just(nodes.String("1.50")),
}


@dataclass
class Pool:
    """What operations are asked with: ids and names that there are, and cursors from answers."""

    chance: random.Random
    ids: dict[str, list[str]]
    texts: list[str]
    cursors: list[str] = field(default_factory=list)

    def learn(self, value: Any) -> None:
        """Keep the cursors of an answer."""
        if isinstance(value, dict):
            for name, one in value.items():
                if name in ("cursor", "endCursor", "startCursor") and isinstance(one, str):
                    self.cursors.append(one)
                self.learn(one)
        elif isinstance(value, list):
            for one in value:
                self.learn(one)


class Meant(Visitor):
    """Makes of a random operation one that finds something."""

    def __init__(self, pool: Pool, info: TypeInfo) -> None:
        super().__init__()
        self._pool, self._info = pool, info

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        name, chance = node.name.value, self._pool.chance
        if name in ("reveal", "last", "before", "offset", "asOf") and chance.random() < (
            1 if name == "reveal" else 0.7
        ):
            return REMOVE
        if name in ("first", "last", "offset"):
            return ArgumentNode(name=node.name, value=IntValueNode(value=str(chance.choice((0, 1, 2, 3, 20)))))
        if name in ("after", "before"):
            if not self._pool.cursors or chance.random() < 0.5:
                return REMOVE
            return ArgumentNode(name=node.name, value=StringValueNode(value=chance.choice(self._pool.cursors)))
        if name == "filter" and chance.random() < 0.5:
            return REMOVE
        return None

    def enter_list_value(self, node: ListValueNode, *_: Any) -> Any:
        return ListValueNode(values=node.values[:3])

    def enter_string_value(self, node: StringValueNode, *_: Any) -> Any:
        of = getattr(get_named_type(self._info.get_input_type()), "name", "")
        chance = self._pool.chance
        if of == "ID":
            asked = self._info.get_type() and get_named_type(self._info.get_type())
            ids = self._pool.ids.get(getattr(asked, "name", ""), []) or [
                it for all_ in self._pool.ids.values() for it in all_
            ]
            return StringValueNode(value=chance.choice(ids))
        if of == "String" and node.value not in self._pool.cursors:
            text = chance.choice(self._pool.texts)
            return StringValueNode(value=text[: chance.randrange(len(text) + 1)] if chance.random() < 0.3 else text)
        return None

    def enter_int_value(self, node: IntValueNode, *_: Any) -> Any:
        if getattr(get_named_type(self._info.get_input_type()), "name", "") == "ID":
            return StringValueNode(value=self._pool.chance.choice(self._pool.ids["OrgNode"]))
        return None


class Declared(Visitor):
    """Finds whether an operation stays within declared fields."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info, self.all = info, True

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        definition = self._info.get_field_def()
        found = None if definition is None else definition.extensions.get("strawberry-definition")
        if isinstance(found, DeclaredField) and found.declared.kind not in KINDS:
            self.all = self.all and found.python_name in LOOKUPS
        if isinstance(found, DeclaredField) and found.declared.kind == "masked":
            self.all = False

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value in ("reveal", "asOf"):
            self.all = False

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        named = getattr(get_named_type(self._info.get_input_type()), "name", "")
        if named.startswith(("Personal", "Encrypted", "Sensitive")):
            self.all = False


KINDS = ("column", "relation", "connection", "page", "list")
LOOKUPS = {"node", "nodes", "org", "person", "premises", "tenure", "household", "thing", "venue", "booking", "no_show"}


async def nasty(district: District, tree: Tree, plant: Plant) -> list[OrgNode]:
    """Rows that every viewer sees and rows that each does not, with texts that are hard to write down."""
    found = await plant(tree.community, "GRID", [(name, f"N{place}") for place, name in enumerate(NASTY)])
    found += await plant(tree.other_community, "GRID", [(name, None) for name in NASTY[:3]])
    found += await plant(tree.street, "RESIDENT_UNIT", [(name, f"S{place}") for place, name in enumerate(NASTY)])

    async def write(_unit: Any) -> None:
        for place, node in enumerate(found):
            node.attributes = {"note": NASTY[place % len(NASTY)], "n": [1, 2.5, None, 2**53], "empty": []}
            await node.save(update_fields=["attributes"])
            relation = OrgRelation(kind="CO_BUILDS", attributes={}, source_id=node.id, target_id=tree.community.id)
            await relation.save()

    with district.scope():
        await transact(write)
    return found


async def ids_of(schema: DistrictSchema) -> dict[str, list[str]]:
    """Global ids of rows that there are, by type."""
    found: dict[str, list[str]] = {}
    for name, node in Node.registry.items():
        if schema.get_type_by_name(name) is not None:
            rows: list[Any] = list(await node.model.all().limit(8).values_list("id", flat=True))
            found[name] = [global_id(name, one) for one in rows if one is not None]
    return found


_DRAWN: list[str] = []


def operations(schema: DistrictSchema, count: int) -> Iterator[DocumentNode]:
    """Random operations, over each root field that is declared as often as over any other; once for both engines."""
    if len(_DRAWN) < count:
        _DRAWN[:] = drawn(schema, count)
    return map(parse, _DRAWN[:count])


def drawn(schema: DistrictSchema, count: int) -> list[str]:
    """Texts of random operations."""
    root = schema._schema.query_type
    assert root is not None
    names = [name for name, one in root.fields.items() if _is_declared(one)]
    made: list[str] = []

    @hypothesis.seed(SEED)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(
        st.sampled_from(names).flatmap(
            lambda name: queries(schema._schema, fields=(name,), custom_scalars=SCALARS, allow_null=False)
        )
    )
    def draw(text: str) -> None:
        made.append(text)

    draw()
    return made


def _is_declared(definition: Any) -> bool:
    found = definition.extensions.get("strawberry-definition")
    declared = isinstance(found, DeclaredField)
    return declared and (found.declared.kind == "page" or found.python_name in LOOKUPS) and not found.declared.recorded


@dataclass
class Both:
    """Two executors of one schema."""

    district: District
    schema: DistrictSchema

    def __post_init__(self) -> None:
        self.compiling = Executor(self.schema)
        self.resolving = Executor(self.schema, compiles=False)

    async def ask(self, text: str, viewer: Viewer, variables: Any = None) -> tuple[Any, Any, str]:
        """What the one answers, what the other answers, and which the first took."""
        request = Request(text, variables or {})
        one = await self.compiling.execute(request, Context(self.district, self.schema, viewer))
        other = await self.resolving.execute(request, Context(self.district, self.schema, viewer))
        return orjson.loads(orjson.dumps(one.body())), orjson.loads(orjson.dumps(other.body())), one.executor

    def why(self, text: str, viewer: Viewer) -> str:
        """Why an operation is not compiled."""
        document = self.compiling.prepare(text).document
        assert document is not None
        operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        asking = Asking(text, document, operation, {})
        return self.compiling.compiler.plan(asking, Context(self.district, self.schema, viewer)).reason


async def viewers_of(district: District, client: Clients, tree: Tree) -> dict[str, Viewer]:
    """Nobody, a resident, an official of a street, an administrator."""
    made = {
        "resident": await client(person=tree.resident),
        "official": await client("subdistrict-official", at=tree.street),
        "administrator": await client("district-admin"),
    }
    with district.scope():
        found = {name: await known(one.token or "", district) for name, one in made.items()}
    return {"nobody": PUBLIC, **found}


@pytest.mark.linli(plugins=["venues"], settings={"core": {"public_directory": True}})
async def test_both_executors_give_one_answer(district: District, tree: Tree, client: Clients, plant: Plant) -> None:
    print(f"LINLI_TEST_SEED={SEED}")
    await nasty(district, tree, plant)
    schema = compose(district)
    both, chance = Both(district, schema), random.Random(SEED)
    viewers = await viewers_of(district, client, tree)
    counted, left = Counter[str](), Counter[str]()
    with district.scope():
        nodes = await OrgNode.all()
        texts = [*(node.name for node in nodes), *(node.code for node in nodes if node.code is not None)]
        pool = Pool(chance, await ids_of(schema), [*NASTY, *texts])
        drawn_texts = operations(schema, OPERATIONS // len(viewers))
        for document, who in ((one, who) for one in drawn_texts for who in sorted(viewers)):
            info = TypeInfo(schema._schema)
            meant = visit(document, TypeInfoVisitor(info, Meant(pool, info)))
            text = print_ast(meant)
            one, other, executor = await both.ask(text, viewers[who])
            assert one == other, f"{who}: {text}"
            pool.learn(other)
            within = Declared(info)
            visit(meant, TypeInfoVisitor(info, within))
            kind = "errors" if "errors" in other else "declared" if within.all else "mixed"
            counted[f"{kind} {executor}"] += 1
            if (kind, executor) == ("declared", RESOLVED):
                left[both.why(text, viewers[who])] += 1
    print(dict(counted), dict(left))
    compiled, resolved = counted[f"declared {COMPILED}"], counted["declared resolved"]
    assert compiled >= AT_LEAST * (compiled + resolved), counted


@pytest.fixture
async def both(district: District, tree: Tree) -> Both:
    """Both executors over the tree."""
    return Both(district, compose(district))


@pytest.mark.linli(plugins=["venues"])
async def test_a_computed_field_that_must_not_be_null_and_is_refused_is_told_of_by_the_other_executor(
    both: Both, tree: Tree, client: Clients
) -> None:
    """GraphQL raises the error of such a field instead of collecting it; the answer was INTERNAL."""
    boss = (await viewers_of(both.district, client, tree))["administrator"]
    with both.district.scope():
        venue = await _venue(tree)
        text = """query ($id: ID!, $person: ID) { venue(id: $id) { name eligibility(
            start: "2026-03-28T09:00:00+08:00", end: "2026-03-28T10:00:00+08:00", personId: $person
          ) { __typename } } }"""
        given = {"id": global_id("Venue", venue.id), "person": global_id("Person", tree.resident.id)}
        one, other, executor = await both.ask(text, PUBLIC, given)
        assert one == other
        assert (executor, bool(one["errors"])) == ("resolved", True)
        assert (await both.ask("query ($id: ID!) { venue(id: $id) { name owner { name } } }", boss, given))[
            2
        ] == COMPILED


async def test_the_present_is_that_of_each_request(both: Both, tree: Tree, clock: FrozenClock) -> None:
    """An instant that an operation names is told apart from the one at which it is compiled."""
    started = clock.now().isoformat()
    text = f'''{{ orgs(filter: {{createdAt: {{lte: "{started}"}}}}) {{ nodes {{ name }} }} }}'''
    ended = "{ orgs { totalCount } }"
    with both.district.scope():
        before = await both.ask(text, PUBLIC), await both.ask(ended, PUBLIC)
        later = clock.now() + timedelta(days=1)

        async def end(_unit: Any) -> None:
            tree.other_community.valid_to = later - timedelta(hours=1)
            await tree.other_community.save(update_fields=["valid_to"])

        await transact(end)
        clock.advance(later)
        after = await both.ask(text, PUBLIC), await both.ask(ended, PUBLIC)
    for one, other, executor in (*before, *after):
        assert (one, executor) == (other, COMPILED)
    assert after[1][0]["data"]["orgs"]["totalCount"] == before[1][0]["data"]["orgs"]["totalCount"] - 1


async def test_one_plan_serves_viewers_of_one_shape_and_shows_each_what_is_theirs(
    both: Both, tree: Tree, client: Clients
) -> None:
    text = "{ people { nodes { createdAt registeredResidence { name } } totalCount } orgs { totalCount } }"
    clients = [await client("community-staff", at=place) for place in (tree.community, tree.other_community)]
    with both.district.scope():
        viewers = [await known(one.token or "", both.district) for one in clients]
        answers = [await both.ask(text, viewer) for viewer in viewers]
    assert len(both.compiling.compiler.plans) == 1
    for one, other, executor in answers:
        assert (one, executor) == (other, COMPILED)
    assert answers[0][0] != answers[1][0]
    assert all(answer["data"]["people"]["totalCount"] for answer, _, _ in answers)


async def test_pages_follow_each_other_by_the_cursors_of_either_executor(both: Both, tree: Tree) -> None:
    text = """query ($after: String, $last: Int, $before: String) { orgs(first: 2, after: $after) {
        edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
        back: orgs(last: $last, before: $before, orderBy: [{field: CODE, direction: DESC}]) {
        nodes { code } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    given: dict[str, Any] = {"last": 2}
    with both.district.scope():
        for _ in range(4):
            one, other, executor = await both.ask(text, PUBLIC, given)
            assert (one, executor) == (other, COMPILED)
            given |= {"after": one["data"]["orgs"]["pageInfo"]["endCursor"]}
            given |= {"before": one["data"]["back"]["pageInfo"]["startCursor"]}


async def test_a_reveal_is_never_compiled(both: Both, tree: Tree, client: Clients) -> None:
    boss = (await viewers_of(both.district, client, tree))["administrator"]
    with both.district.scope():
        for text in ('{ people { nodes { phone(reveal: {purpose: "回访核实"}) } } }', "{ people { nodes { phone } } }"):
            one, other, executor = await both.ask(text, boss)
            assert one == other
            assert executor == ("resolved" if "reveal" in text else COMPILED)


async def _venue(tree: Tree) -> Any:
    async def make(_unit: Any) -> Any:
        named = {"name": "活动室", "name_key": "hds", "kind": "ROOM", "mode": "BOOKED"}
        numbers = ("capacity", "units", "min_minutes", "max_minutes", "granularity_minutes")
        at = {"owner_id": tree.unit.id, "community_id": tree.community.id, "open_from": 480, "open_to": 1200}
        more = {"exclusive": True, "requires_approval": False, "buffer_before_minutes": 0, "buffer_after_minutes": 0}
        made: Any = Node.registry["Venue"].model
        return await made.create(**named, **at, **more, **dict.fromkeys(numbers, 30))

    return await transact(make)
