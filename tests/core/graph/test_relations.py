from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.errors import (
    ConflictError,
    InvalidTransitionError,
    NotFoundError,
    OverlappingError,
    RejectedError,
    ValidationError,
)
from linli.core.graph.core_kinds import ORG_KINDS, RELATION_KINDS
from linli.core.graph.kinds import Cardinality, Kinds, RelationKind
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.spans import Span
from linli.core.records.models import Event
from linli.core.records.record import new_id
from tests.core.graph.conftest import START, Graph, Time, unknown_id

if TYPE_CHECKING:
    from collections.abc import Awaitable


def day(number: int) -> datetime:
    return START + timedelta(days=number)


async def problems(refused: Awaitable[Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        await refused
    return [(problem.path, problem.code) for problem in caught.value.problems]


async def test_a_relation_is_valid_from_now_and_open_ended(graph: Graph) -> None:
    community = await graph.place("SUBDISTRICT", "COMMUNITY")
    unit = await graph.create("RESIDENT_UNIT", community)
    relation = await OrgRelation.get(id=(await graph.relate(unit, "CO_BUILDS", community)).id)
    assert (relation.kind, relation.source_id, relation.target_id) == ("CO_BUILDS", unit.id, community.id)
    assert (relation.valid_from, relation.valid_to, relation.version) == (START, None, 1)
    event = await Event.get(type="core.relation_created")
    assert (event.subject_id, event.org_id) == (relation.id, community.id)


async def test_a_relation_may_be_dated_before_its_ends_and_into_the_future(graph: Graph) -> None:
    community = await graph.place("SUBDISTRICT", "COMMUNITY")
    unit = await graph.create("RESIDENT_UNIT", community)
    await graph.relate(unit, "CO_BUILDS", community, valid_from=None, valid_to=day(-9))
    await graph.relate(unit, "CO_BUILDS", community, valid_from=day(9), valid_to=day(10))
    assert await OrgRelation.all().count() == 2


@pytest.mark.parametrize(
    ("source", "kind", "target", "expected"),
    [
        ("TEAM", "CO_BUILDS", "COMMUNITY", [("sourceId", "RELATION_ENDS")]),
        ("RESIDENT_UNIT", "STATIONED_IN", "TEAM", [("targetId", "RELATION_ENDS")]),
        ("TEAM", "COVERS", "TEAM", [("sourceId", "RELATION_ENDS"), ("targetId", "RELATION_ENDS")]),
        ("TEAM", "TEACHES", "TEAM", [("kind", "KIND_UNKNOWN")]),
    ],
)
async def test_a_relation_joins_the_kinds_it_is_made_for(
    graph: Graph, source: str, kind: str, target: str, expected: list[tuple[str, str]]
) -> None:
    community = await graph.place("SUBDISTRICT", "COMMUNITY")
    ends = [community if end == "COMMUNITY" else await graph.create(end, community) for end in (source, target)]
    assert await problems(graph.relate(ends[0], kind, ends[1])) == expected


async def test_a_relation_needs_both_ends(graph: Graph, root: OrgNode) -> None:
    team = await graph.create("TEAM", root)
    for ends, path in (((OrgNode(id=unknown_id()), team), "sourceId"), ((team, OrgNode(id=unknown_id())), "targetId")):
        with pytest.raises(NotFoundError) as caught:
            await graph.relate(ends[0], "ATTACHED_TO", ends[1])
        assert caught.value.path == (path,)
    assert await problems(graph.relate(team, "ATTACHED_TO", team)) == [("targetId", "SELF")]


async def test_a_relation_does_not_begin_after_an_end_has_ended(graph: Graph, root: OrgNode, time: Time) -> None:
    team = await graph.create("TEAM", root, valid_from=None)
    await graph.end(team)
    time.pass_by(days=1)
    assert await problems(graph.relate(team, "ATTACHED_TO", root)) == [("sourceId", "ORG_ENDED")]
    await graph.relate(team, "ATTACHED_TO", root, valid_from=day(-1))


@pytest.mark.parametrize("valid_to", [day(0), day(-1)])
async def test_a_relation_does_not_end_before_it_starts(graph: Graph, root: OrgNode, valid_to: datetime) -> None:
    team = await graph.create("TEAM", root)
    assert await problems(graph.relate(team, "ATTACHED_TO", root, valid_to=valid_to)) == [
        ("validTo", "END_BEFORE_START")
    ]


async def test_an_id_in_use_is_a_conflict(graph: Graph, root: OrgNode) -> None:
    team = await graph.create("TEAM", root)
    first = await graph.relate(team, "ATTACHED_TO", root, relation_id=new_id())
    with pytest.raises(ConflictError):
        await graph.relate(await graph.create("TEAM", root), "ATTACHED_TO", root, relation_id=first.id)


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (day(0), None, False),
        (day(-9), day(1), False),
        (None, None, False),
        (None, day(0), True),
        (day(5), None, True),
        (day(4), day(5), False),
    ],
)
async def test_two_are_related_once_at_a_time(
    graph: Graph, root: OrgNode, start: datetime | None, end: datetime | None, fits: bool
) -> None:
    team = await graph.create("TEAM", root)
    await graph.relate(team, "ATTACHED_TO", root, valid_to=day(5))
    if fits:
        await graph.relate(team, "ATTACHED_TO", root, valid_from=start, valid_to=end)
        return
    with pytest.raises(OverlappingError):
        await graph.relate(team, "ATTACHED_TO", root, valid_from=start, valid_to=end)


@pytest.mark.parametrize(
    ("cardinality", "second_target", "second_source"),
    [
        (Cardinality.MANY_TO_MANY, True, True),
        (Cardinality.MANY_TO_ONE, False, True),
        (Cardinality.ONE_TO_MANY, True, False),
        (Cardinality.ONE_TO_ONE, False, False),
    ],
)
async def test_a_cardinality_is_kept_at_every_instant(
    graph: Graph, root: OrgNode, cardinality: Cardinality, second_target: bool, second_source: bool
) -> None:
    paired = RelationKind(
        code="PAIRED",
        title_en="x",
        title_zh="结对",
        sources=None,
        targets=None,
        cardinality=cardinality,
        plugin="pairs",
    )
    graph.kinds = Kinds(ORG_KINDS, [*RELATION_KINDS, paired])
    a, b, c = [await graph.create("TEAM", root) for _ in range(3)]
    await graph.relate(a, "PAIRED", b, valid_to=day(5))
    for source, target, fits in ((a, c, second_target), (c, b, second_source)):
        if fits:
            await graph.relate(source, "PAIRED", target, valid_from=day(4), valid_to=day(5))
        else:
            with pytest.raises(OverlappingError):
                await graph.relate(source, "PAIRED", target, valid_from=day(4), valid_to=day(5))
        await graph.relate(source, "PAIRED", target, valid_from=day(5), valid_to=day(6))


async def test_an_acyclic_relation_does_not_lead_back(graph: Graph, root: OrgNode) -> None:
    a, b, c, d = [await graph.create("PARTY_ORG", root) for _ in range(4)]
    await graph.relate(a, "LEADS", b)
    await graph.relate(b, "LEADS", c)
    await graph.relate(a, "LEADS", d)
    await graph.relate(d, "LEADS", c)
    for back in (a, b):
        with pytest.raises(RejectedError) as caught:
            await graph.relate(c, "LEADS", back)
        assert (caught.value.code, caught.value.path) == ("CYCLE", ("targetId",))
    await graph.relate(c, "ATTACHED_TO", a)


async def test_a_way_back_counts_only_where_all_its_steps_are_valid_together(graph: Graph, root: OrgNode) -> None:
    a, b, c = [await graph.create("PARTY_ORG", root) for _ in range(3)]
    await graph.relate(a, "LEADS", b, valid_from=day(0), valid_to=day(5))
    await graph.relate(b, "LEADS", c, valid_from=day(3), valid_to=day(9))
    await graph.relate(c, "LEADS", a, valid_from=day(5), valid_to=day(9))
    with pytest.raises(RejectedError):
        await graph.relate(c, "LEADS", a, valid_from=day(4), valid_to=day(5))


async def test_a_relation_ends_now_or_at_an_instant_from_its_start_on(graph: Graph, root: OrgNode, time: Time) -> None:
    team = await graph.create("TEAM", root)
    relation = await graph.relate(team, "ATTACHED_TO", root)
    assert await problems(graph.end_relation(relation, at=day(-1))) == [("at", "END_BEFORE_START")]
    ended = await graph.end_relation(relation, at=day(9))
    assert (ended.valid_to, ended.version) == (day(9), 2)
    time.pass_by(days=2)
    assert (await graph.end_relation(relation)).valid_to == day(2)
    stored = await OrgRelation.get(id=relation.id)
    assert (stored.valid_to, stored.version, stored.updated_at) == (day(2), 3, day(2))
    with pytest.raises(InvalidTransitionError):
        await graph.end_relation(relation)
    assert await Event.filter(type="core.relation_ended", subject_id=relation.id).count() == 2


async def test_a_relation_is_ended_under_its_version(graph: Graph, root: OrgNode) -> None:
    team = await graph.create("TEAM", root)
    relation = await graph.relate(team, "ATTACHED_TO", root)
    await graph.end_relation(relation, at=day(9))
    with pytest.raises(ConflictError) as caught:
        await graph.end_relation(relation, expected_version=1)
    assert isinstance(caught.value.current, OrgRelation)
    assert caught.value.current.version == 2
    await graph.end_relation(relation, expected_version=2)


async def test_a_relation_that_is_not_there_or_switched_off_is_not_found(graph: Graph, root: OrgNode) -> None:
    relation = await graph.relate(await graph.create("TEAM", root), "ATTACHED_TO", root)
    graph.kinds = Kinds(ORG_KINDS, [])
    for missing in (relation, OrgRelation(id=unknown_id())):
        with pytest.raises(NotFoundError):
            await graph.end_relation(missing)


instants = st.none() | st.integers(-3, 3).map(day)
spans = st.builds(Span, instants, instants)


@given(spans, spans, st.integers(-4, 4).map(day))
def test_an_instant_lies_in_what_two_spans_share_when_it_lies_in_both(one: Span, other: Span, at: datetime) -> None:
    def holds(span: Span) -> bool:
        return (span.start is None or span.start <= at) and (span.end is None or at < span.end)

    assert holds(one.shared(other)) == (holds(one) and holds(other))
    assert not (one.empty and holds(one))
