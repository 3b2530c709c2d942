"""Merges and splits on a small tree: every instant has a tree, and what was asked once is never answered otherwise."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import ConflictError, InvalidTransitionError, RejectedError, ValidationError
from linli.core.graph import queries, services
from linli.core.graph.core_kinds import SUCCEEDED_BY
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.services import NewOrg
from linli.core.graph.successions import Step, Successions
from linli.core.records.store import Store
from linli.core.records.unit_of_work import unit_of_work
from tests.core.graph.conftest import Graph, Time
from tests.core.graph.test_concurrency import assert_paths_follow_parents, at_once

SEED = int(os.environ.get("LINLI_TEST_SEED", "0")) or random.SystemRandom().randrange(10**9)


async def merge(graph: Graph, sources: list[OrgNode], target: OrgNode | NewOrg, **given: object) -> list[OrgNode]:
    async with unit_of_work():
        return await merged(graph, sources, target, **given)


async def merged(graph: Graph, sources: list[OrgNode], target: OrgNode | NewOrg, **given: object) -> list[OrgNode]:
    wanted = target.id if isinstance(target, OrgNode) else target
    plan = await services.plan_merge(graph.kinds, [it.id for it in sources], wanted, **given)  # type: ignore[arg-type]
    return await services.carry_out(graph.kinds, plan)


async def split(
    graph: Graph, source: OrgNode, targets: list[OrgNode | NewOrg], children: dict[UUID, int], heir: int | None = None
) -> list[OrgNode]:
    wanted = [it.id if isinstance(it, OrgNode) else it for it in targets]
    async with unit_of_work():
        plan = await services.plan_split(graph.kinds, source.id, wanted, list(children.items()), heir=heir)
        return await services.carry_out(graph.kinds, plan)


async def tree_at(root: OrgNode, instant: datetime) -> dict[UUID, UUID | None]:
    """The parents of all that was valid at an instant; a tree: whatever was valid is reached from the root, once."""
    beneath = await queries.descendants_as_of(root.id, instant)
    found = {root.id: None, **{org.id: org.parent_id for org in beneath}}
    assert len(found) == 1 + len(beneath)
    valid = [node for node in await OrgNode.all() if await queries.node_as_of(node.id, instant) is not None]
    assert found.keys() == {node.id for node in valid}
    return found


async def some(graph: Graph, kind: str, parent: OrgNode | None = None) -> list[OrgNode]:
    found = OrgNode.filter(kind=kind, valid_to=None)
    return list(await (found.filter(parent_id=parent.id) if parent else found).order_by("id"))


async def step(graph: Graph, chance: random.Random, root: OrgNode) -> str:
    """Do something to the tree."""
    streets, communities = await some(graph, "SUBDISTRICT"), await some(graph, "COMMUNITY")
    name = f"第{chance.randrange(10**6)}"
    what = chance.choice(("merge", "merge new", "split", "move", "rename", "create", "communities"))
    if what == "merge" and len(streets) > 2:
        *sources, target = chance.sample(streets, chance.choice((2, 3)))
        await merge(graph, sources, target)
    elif what == "merge new" and len(streets) > 1:
        await merge(graph, chance.sample(streets, 2), NewOrg("SUBDISTRICT", f"{name}街道", root.id))
    elif what == "split" and streets:
        source = chance.choice(streets)
        new = [NewOrg("SUBDISTRICT", f"{name}街道{number}", root.id) for number in (1, 2)]
        others = [street for street in streets if street.id != source.id][:1]
        children = {child.id: chance.randrange(2) for child in await some(graph, "COMMUNITY", source)}
        await split(graph, source, [*new, *others], children, heir=chance.choice((None, 0, 1)))
    elif what == "move" and streets and communities:
        await graph.move(chance.choice(communities), chance.choice(streets))
    elif what == "communities" and len(communities) > 1:
        source, target = chance.sample(communities, 2)
        await merge(graph, [source], target)
    elif what == "rename" and streets:
        await graph.update(chance.choice(streets), name=f"{name}街道")
    else:
        street = await graph.create("SUBDISTRICT", root, f"{name}街道")
        for number in range(chance.randrange(3)):
            community = await graph.create("COMMUNITY", street, f"{name}社区{number}")
            await graph.create("GRID", community, "第一网格")
    return what


async def test_after_any_changes_every_instant_has_the_tree_that_it_had(
    graph: Graph, root: OrgNode, time: Time
) -> None:
    chance = random.Random(SEED)
    known: dict[datetime, dict[UUID, UUID | None]] = {}
    done: Counter[str] = Counter()
    for _ in range(5):
        await step(graph, random.Random(0), root)
        await graph.create("SUBDISTRICT", root, "某街道")
    for _ in range(40):
        time.pass_by(hours=1)
        done[await step(graph, chance, root)] += 1
        known[time.now()] = await tree_at(root, time.now())
    print(f"LINLI_TEST_SEED={SEED}: {dict(done)}")
    time.pass_by(hours=1)
    for instant, tree in known.items():
        assert await tree_at(root, instant) == tree, f"LINLI_TEST_SEED={SEED}"
    await assert_paths_follow_parents()
    await every_row_counts_once(root, list(known))


async def every_row_counts_once(root: OrgNode, instants: list[datetime]) -> None:
    """What ended was succeeded; each organisation that ever was counts at one street at most, then and now."""
    nodes = await OrgNode.all()
    succeeded = {it.source_id for it in await OrgRelation.filter(kind=SUCCEEDED_BY)}
    assert {node.id for node in nodes if node.valid_to is not None} == succeeded
    assert not [it for it in nodes if it.valid_to is not None and await OrgNode.exists(parent_id=it.id, valid_to=None)]
    known = await queries.successions()
    streets = [node for node in nodes if node.kind == "SUBDISTRICT" and node.valid_to is None]
    for node in nodes:
        places = [street for street in streets if _counts(known, street, node)]
        assert len(places) <= 1, f"LINLI_TEST_SEED={SEED}"
        assert _counts(known, root, node)
    for instant in instants[::10]:
        then = await queries.children_as_of(root.id, instant)
        counted = Counter([id_ for street in then for id_ in await queries.counted_as_of(street.id, instant)])
        assert max(counted.values(), default=1) == 1, f"LINLI_TEST_SEED={SEED}"


def _counts(known: Successions, place: OrgNode, node: OrgNode) -> bool:
    zones = known.zones(place.path)
    return any(node.path.startswith(zone.path) and not node.path.startswith(zone.but) for zone in zones)


async def test_two_merges_of_one_source_at_once_are_one(store: Store, graph: Graph, root: OrgNode) -> None:
    for _ in range(5):
        source, one, other = [await graph.create("SUBDISTRICT", root) for _ in range(3)]
        child = await graph.create("COMMUNITY", source)
        outcomes = await at_once(
            store,
            lambda a=source, b=one: merged(graph, [a], b),  # type: ignore[misc]  # mypy knows no lambda defaults
            lambda a=source, b=other: merged(graph, [a], b),  # type: ignore[misc]
        )
        refused = [it for it in outcomes if isinstance(it, RejectedError)]
        assert [it.code for it in refused] == ["INVALID_TRANSITION"]
        (winner,) = [it[0] for it in outcomes if isinstance(it, list)]
        assert (await OrgNode.get(id=child.id)).parent_id == winner.id
        assert await OrgRelation.filter(source_id=source.id).count() == 1
        await assert_paths_follow_parents()


async def test_a_merge_may_be_dated_back_to_the_last_change_of_what_it_touches(
    graph: Graph, root: OrgNode, time: Time
) -> None:
    one, other = [await graph.create("SUBDISTRICT", root, name) for name in ("甲街道", "乙街道")]
    child = await graph.create("COMMUNITY", one)
    time.pass_by(days=10)
    changed = time.now()
    await graph.update(child, name="某某社区")
    time.pass_by(days=10)
    with pytest.raises(ValidationError) as refused:
        await merge(graph, [one], other, at=changed - timedelta(days=1))
    assert [(it.path, it.code) for it in refused.value.problems] == [("at", "END_BEFORE_START")]
    with pytest.raises(ValidationError) as refused:
        await merge(graph, [one], other, at=time.now() + timedelta(days=1))
    assert [(it.path, it.code) for it in refused.value.problems] == [("at", "FUTURE")]
    at = changed + timedelta(days=1)
    await merge(graph, [one], other, at=at)
    assert (await tree_at(root, at - timedelta(seconds=1)))[child.id] == one.id
    assert (await tree_at(root, at))[child.id] == other.id


async def test_what_makes_no_sense_is_refused_with_every_reason(graph: Graph, root: OrgNode) -> None:
    street, other = [await graph.create("SUBDISTRICT", root, code=f"43060200{n}000") for n in (1, 2)]
    community = await graph.create("COMMUNITY", street)
    new = NewOrg("SUBDISTRICT", "新街道", root.id)

    async def codes(*given: object, **more: object) -> list[tuple[str, str]]:
        with pytest.raises(ValidationError) as refused:
            await merge(graph, *given, **more)  # type: ignore[arg-type]
        return [(it.path, it.code) for it in refused.value.problems]

    assert await codes([], other) == [("sourceIds", "OUT_OF_RANGE")]
    assert await codes([street, street], other) == [("sourceIds.1", "DUPLICATE")]
    assert await codes([street], street) == [("target.id", "TARGET_IS_SOURCE")]
    assert await codes([street], community) == [("target.id", "KINDS_DIFFER"), ("target.id", "BENEATH_SOURCE")]
    assert await codes([street, community], other) == [("sourceIds.1", "KINDS_DIFFER")]
    assert await codes([street], NewOrg("SUBDISTRICT", "", street.id)) == [
        ("target.name", "NAME_EMPTY"),
        ("target.parentId", "PARENT_KIND"),
        ("target.parentId", "BENEATH_SOURCE"),
    ]
    assert await codes([street], other, expected_versions=[1, 1]) == [("expectedVersions", "DIFFERS")]
    with pytest.raises(ConflictError):
        await merge(graph, [street], other, expected_versions=[7])
    with pytest.raises(ConflictError, match="in use"):
        await merge(graph, [street], NewOrg("SUBDISTRICT", "新街道", root.id, code=other.code))
    with pytest.raises(RejectedError) as whole:
        await merge(graph, [root], new)
    assert whole.value.code == "ROOT"
    with pytest.raises(ValidationError) as refused:
        await split(graph, street, [new, new], {})
    assert [(it.path, it.code) for it in refused.value.problems] == [("children", "UNASSIGNED")]
    with pytest.raises(ValidationError) as refused:
        await split(graph, street, [new, other], {community.id: 2, other.id: 0})
    assert [(it.path, it.code) for it in refused.value.problems] == [
        ("children.0.target", "OUT_OF_RANGE"),
        ("children.1.childId", "NOT_A_CHILD"),
    ]
    assert {node.valid_to for node in await OrgNode.all()} == {None}
    await merge(graph, [street], other)
    with pytest.raises(InvalidTransitionError):
        await merge(graph, [street], other)


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[UUID], list[Step]]:
    """Organisations side by side, each perhaps succeeded by some that come later."""
    size = draw(st.integers(2, 8))
    ids = [UUID(int=number + 1) for number in range(size)]
    paths = [f"r/{number:011x}/" for number in range(size)]
    steps = []
    for number in range(size - 1):
        later = draw(st.lists(st.integers(number + 1, size - 1), unique=True, max_size=3))
        heir = draw(st.sampled_from([None, *later])) if later else None
        steps += [Step(ids[number], paths[number], ids[to], paths[to], heir=to == heir) for to in later]
    return ids, steps


@given(chains())
def test_an_heir_is_one_of_the_successors_and_has_none_itself(given_: tuple[list[UUID], list[Step]]) -> None:
    ids, steps = given_
    known = Successions(steps)
    for id_ in ids:
        successors, heir = known.successors(id_), known.heir(id_)
        assert successors
        assert all(known.successors(one) == {one} for one in successors)
        assert heir is None or heir in successors
        if heir not in (None, id_):
            assert id_ in known.inherited(heir)
