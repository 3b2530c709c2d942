from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from linli.core.errors import ConflictError, InvalidTransitionError, NotFoundError, RejectedError, ValidationError
from linli.core.graph import event_types
from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.models import OrgNode, OrgState
from linli.core.graph.paths import DEEPEST
from linli.core.graph.points import Crs, Point
from linli.core.records import events
from linli.core.records.event_types import EventTypes
from linli.core.records.models import Event
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import unit_of_work
from tests.core.graph.conftest import START, Graph, Time, unknown_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

YESTERDAY = START - timedelta(days=1)
TOMORROW = START + timedelta(days=1)


async def problems(refused: Awaitable[Any]) -> list[tuple[str, str]]:
    """What a service says of wrong input: paths and codes."""
    with pytest.raises(ValidationError) as caught:
        await refused
    return [(problem.path, problem.code) for problem in caught.value.problems]


async def told(node: OrgNode) -> list[str]:
    """The types of a node's events, in the order they were told."""
    return [event.type for event in await Event.filter(subject_id=node.id).order_by("at", "ordinal")]


async def test_the_root_is_made_once_and_valid_since_ever(graph: Graph, time: Time) -> None:
    root = await graph.root()
    again = await graph.root(name="another name")
    assert (again.id, again.name, again.valid_from, again.depth, root.kind) == (
        root.id,
        "岳阳楼区",
        None,
        0,
        "DISTRICT",
    )
    assert await OrgNode.all().count() == await OrgState.all().count() == 1


async def test_the_roots_kind_is_the_districts_setting(graph: Graph) -> None:
    graph.kinds = core_kinds(root_kind="PROVINCE")
    root = await graph.root("湖南省", "430000000000")
    city = await graph.create("CITY", root, code="430600000000")
    assert (root.kind, city.depth) == ("PROVINCE", 1)


async def test_a_new_organisation_is_valid_from_now(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("SUBDISTRICT", root, " 五里牌街道 ", code="430602006000")
    stored = await OrgNode.get(id=node.id)
    assert (stored.name, stored.parent_id, stored.depth, stored.version) == ("五里牌街道", root.id, 1, 1)
    assert (stored.path, stored.valid_from, stored.valid_to) == (root.path + node.path[13:], START, None)
    state = await OrgState.get(node_id=node.id)
    assert (state.name, state.code, state.parent_id, state.valid_from) == ("五里牌街道", "430602006000", root.id, START)


@pytest.mark.parametrize("valid_from", [None, YESTERDAY])
async def test_it_may_be_valid_since_earlier(graph: Graph, root: OrgNode, time: Time, valid_from: Any) -> None:
    node = await graph.create("TEAM", root, valid_from=valid_from)
    assert (await OrgNode.get(id=node.id)).valid_from == valid_from
    assert (await OrgState.get(node_id=node.id)).valid_from == valid_from


async def test_attributes_and_location_are_kept_as_given_too(graph: Graph, root: OrgNode) -> None:
    node = await graph.create(
        "RESIDENT_UNIT",
        root,
        attributes={"creditCode": "91110000600037341L"},
        location=Point(113.1354, 29.3687, Crs.GCJ02),
    )
    stored = await OrgNode.get(id=node.id)
    assert stored.attributes == {"creditCode": "91110000600037341L"}
    assert stored.location_given == {"lon": 113.1354, "lat": 29.3687, "crs": "GCJ02"}
    assert stored.longitude != 1_131_354_000
    state = await OrgState.get(node_id=node.id)
    assert (state.attributes, state.longitude) == (stored.attributes, stored.longitude)


async def test_the_client_may_make_the_id(graph: Graph, root: OrgNode) -> None:
    org_id = new_id()
    assert (await graph.create("TEAM", root, org_id=org_id)).id == org_id


async def test_an_id_in_use_is_a_conflict_even_of_what_has_ended(graph: Graph, root: OrgNode) -> None:
    team = await graph.end(await graph.create("TEAM", root))
    with pytest.raises(ConflictError) as caught:
        await graph.create("TEAM", root, org_id=team.id)
    assert caught.value.path == ("id",)
    assert await OrgNode.all().count() == 2


async def test_an_id_that_would_have_the_path_of_another_is_a_conflict(graph: Graph, root: OrgNode) -> None:
    team = await graph.create("TEAM", root)
    twin = type(team.id)(int=team.id.int + (1 << 80))
    with pytest.raises(ConflictError):
        await graph.create("TEAM", root, org_id=twin)


async def test_an_id_that_is_no_uuid7_is_refused(graph: Graph, root: OrgNode) -> None:
    assert await problems(graph.create("TEAM", root, org_id=unknown_id())) == [("id", "ID_VERSION")]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("SUBDISTRICT", {"name": "  "}, [("name", "NAME_EMPTY")]),
        ("SUBDISTRICT", {"name": "五" * 201}, [("name", "NAME_TOO_LONG")]),
        ("SUBDISTRICT", {"name": "五里\n牌"}, [("name", "NAME_CHARACTERS")]),
        ("SUBDISTRICT", {"name": "\ud83d"}, [("name", "NAME_CHARACTERS")]),
        ("SUBDISTRICT", {"code": "五里牌"}, [("code", "CODE_SYNTAX")]),
        ("SUBDISTRICT", {"code": "430602001001"}, [("code", "CODE_LEVEL")]),
        ("SUBDISTRICT", {"code": "430603001000"}, [("code", "CODE_PREFIX")]),
        ("COMMUNITY", {}, [("parentId", "PARENT_KIND")]),
        ("COUNTY", {}, [("kind", "KIND_UNKNOWN")]),
        ("TEAM", {"valid_from": TOMORROW}, [("validFrom", "FUTURE")]),
        ("TEAM", {"location": Point(200, 29)}, [("location.lon", "POINT_RANGE")]),
        ("TEAM", {"attributes": {"x": 1}}, [("attributes.x", "EXTRA_FORBIDDEN")]),
        (
            "COMMUNITY",
            {"name": "", "code": "!", "valid_from": TOMORROW, "attributes": {"phone": 5}, "location": Point(0, 91)},
            [
                ("name", "NAME_EMPTY"),
                ("parentId", "PARENT_KIND"),
                ("code", "CODE_SYNTAX"),
                ("location.lat", "POINT_RANGE"),
                ("validFrom", "FUTURE"),
                ("attributes.phone", "STRING_TYPE"),
            ],
        ),
    ],
)
async def test_every_problem_of_a_new_organisation_is_named_at_once(
    graph: Graph, root: OrgNode, kind: str, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert await problems(graph.create(kind, root, **given)) == expected
    assert await OrgNode.all().count() == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("SUBDISTRICT", ("parentId", "PARENT_REQUIRED")), ("DISTRICT", ("parentId", "ROOT_EXISTS"))],
)
async def test_only_one_root_stands_without_a_parent(
    graph: Graph, root: OrgNode, kind: str, expected: tuple[str, str]
) -> None:
    assert await problems(graph.create(kind, None)) == [expected]


async def test_a_parent_must_be_there_and_valid(graph: Graph, root: OrgNode) -> None:
    gone = await graph.end(await graph.create("SUBDISTRICT", root))
    assert await problems(graph.create("COMMUNITY", gone)) == [("parentId", "PARENT_ENDED")]
    gone.id = unknown_id()
    with pytest.raises(NotFoundError) as caught:
        await graph.create("COMMUNITY", gone)
    assert caught.value.path == ("parentId",)


async def test_a_code_is_unique_per_kind_among_the_valid(graph: Graph, root: OrgNode) -> None:
    first = await graph.create("TEAM", root, code="T-1")
    await graph.create("SITE", root, code="T-1")
    with pytest.raises(ConflictError) as caught:
        await graph.create("TEAM", root, code="T-1")
    assert (caught.value.path, caught.value.current) == (("code",), first)
    other = await graph.create("TEAM", root, code="T-2")
    with pytest.raises(ConflictError):
        await graph.update(other, code="T-1")
    await graph.end(first)
    await graph.create("TEAM", root, code="T-1")


async def test_one_code_may_name_a_city_and_its_only_district(graph: Graph) -> None:
    graph.kinds = core_kinds(root_kind="CITY")
    city = await graph.root("东莞市", "441900000000")
    district = await graph.create("DISTRICT", city, code="441900000000")
    assert (await graph.create("SUBDISTRICT", district, code="441900003000")).depth == 2


async def test_nothing_stands_deeper_than_its_path_can_tell(graph: Graph, root: OrgNode) -> None:
    node = root
    for _ in range(DEEPEST):
        node = await graph.create("PARTY_ORG", node)
    assert len(node.path) <= 400
    assert await problems(graph.create("PARTY_ORG", node)) == [("parentId", "TOO_DEEP")]
    branch = await graph.create("PARTY_ORG", root)
    await graph.create("PARTY_ORG", branch)
    above = await OrgNode.get(id=node.parent_id)
    assert await problems(graph.move(branch, above)) == [("parentId", "TOO_DEEP")]


async def test_a_change_keeps_what_was(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, "巡逻队", code="T-1", valid_from=None)
    time.pass_by(days=1)
    changed = await graph.update(node, name="志愿服务队", code=None, attributes={"phone": "0730-8880001"})
    assert (changed.name, changed.code, changed.version, changed.updated_at) == ("志愿服务队", None, 2, time.now())
    stored = await OrgNode.get(id=node.id)
    assert (stored.name, stored.name_key, stored.version) == ("志愿服务队", changed.name_key, 2)
    before, after = await OrgState.filter(node_id=node.id).order_by("valid_to")
    if before.valid_to is None:
        before, after = after, before
    assert (before.name, before.code, before.valid_from, before.valid_to) == ("巡逻队", "T-1", None, time.now())
    assert (after.name, after.attributes, after.valid_from, after.valid_to) == (
        "志愿服务队",
        {"phone": "0730-8880001"},
        time.now(),
        None,
    )


async def test_a_change_in_the_same_instant_replaces(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, "甲")
    await graph.update(node, name="乙")
    state = await OrgState.get(node_id=node.id)
    assert (state.name, state.valid_from) == ("乙", START)


async def test_a_change_under_a_clock_set_back_corrects_what_began_later(
    graph: Graph, root: OrgNode, time: Time
) -> None:
    node = await graph.create("TEAM", root, "甲")
    time.pass_by(days=-3)
    await graph.update(node, name="乙")
    state = await OrgState.get(node_id=node.id)
    assert (state.name, state.valid_from, state.valid_to) == ("乙", START, None)


async def test_a_change_to_the_same_values_is_none(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, "甲", code="T-1", location=Point(113.0, 29.0))
    time.pass_by(days=1)
    same = await graph.update(node, name="甲 ", code="T-1", attributes={}, location=Point(113.0, 29.0))
    assert same.version == 1
    assert await told(node) == ["core.org_created"]


async def test_a_code_is_checked_against_the_parent_when_it_is_changed(graph: Graph, root: OrgNode) -> None:
    node = await graph.create("SUBDISTRICT", root)
    assert await problems(graph.update(node, code="430603001000", name="")) == [
        ("name", "NAME_EMPTY"),
        ("code", "CODE_PREFIX"),
    ]
    assert (await graph.update(node, code="430602001000")).code == "430602001000"
    assert await problems(graph.update(root, code="430602001000")) == [("code", "CODE_LEVEL")]


async def test_a_location_is_changed_and_taken_away(graph: Graph, root: OrgNode) -> None:
    node = await graph.create("SITE", root)
    assert await problems(graph.update(node, location=Point(0, 91))) == [("location.lat", "POINT_RANGE")]
    assert (await graph.update(node, location=Point(113, 29))).longitude == 1_130_000_000
    assert (await graph.update(node, location=None)).location_given is None


@pytest.mark.parametrize("service", ["update", "move", "end"])
async def test_a_stale_version_is_a_conflict_that_shows_the_present(graph: Graph, root: OrgNode, service: str) -> None:
    node = await graph.create("TEAM", root, "甲")
    await graph.update(node, name="乙")
    work: dict[str, Callable[[int], Awaitable[OrgNode]]] = {
        "update": lambda version: graph.update(node, name="丙", expected_version=version),
        "move": lambda version: graph.move(node, root, expected_version=version),
        "end": lambda version: graph.end(node, expected_version=version),
    }
    with pytest.raises(ConflictError) as caught:
        await work[service](1)
    assert isinstance(caught.value.current, OrgNode)
    assert (caught.value.current.name, caught.value.current.version) == ("乙", 2)
    await work[service](2)


@pytest.mark.parametrize("service", ["update", "move", "end"])
async def test_what_has_ended_or_is_not_there_is_not_changed(graph: Graph, root: OrgNode, service: str) -> None:
    node = await graph.end(await graph.create("TEAM", root, "甲"))
    work: dict[str, Callable[[], Awaitable[OrgNode]]] = {
        "update": lambda: graph.update(node, name="乙"),
        "move": lambda: graph.move(node, root),
        "end": lambda: graph.end(node),
    }
    with pytest.raises(InvalidTransitionError):
        await work[service]()
    node.id = unknown_id()
    with pytest.raises(NotFoundError):
        await work[service]()


async def test_what_a_plugin_registered_that_is_off_is_not_there(graph: Graph, root: OrgNode) -> None:
    node = await graph.create("TEAM", root)
    await OrgNode.filter(id=node.id).count()
    async with unit_of_work():
        await OrgNode.filter(id=node.id).update(kind="CARE_CENTRE")
    with pytest.raises(NotFoundError):
        await graph.update(node, name="乙")
    with pytest.raises(NotFoundError):
        await graph.create("PARTY_ORG", node)


async def test_a_move_takes_everything_beneath_along(graph: Graph, root: OrgNode, time: Time) -> None:
    one, other = await graph.create("SUBDISTRICT", root), await graph.create("SUBDISTRICT", root)
    community = await graph.create("COMMUNITY", one, code="430602001001")
    grid = await graph.create("GRID", community)
    ended = await graph.end(await graph.create("MICRO_GRID", grid))
    moved = await graph.move(community, other)
    assert (moved.parent_id, moved.version, moved.path, moved.code) == (
        other.id,
        2,
        other.path + community.path[-13:],
        "430602001001",
    )
    for node in (grid, ended):
        below = await OrgNode.get(id=node.id)
        assert (below.path, below.depth) == (node.path.replace(one.path, other.path), node.depth)


async def test_a_move_changes_depths(graph: Graph, root: OrgNode) -> None:
    community = await graph.place("SUBDISTRICT", "COMMUNITY")
    grid = await graph.create("GRID", community)
    micro = await graph.create("MICRO_GRID", grid)
    team = await graph.create("TEAM", micro)
    await graph.move(micro, community)
    assert [(await OrgNode.get(id=node.id)).depth for node in (micro, team)] == [3, 4]


async def test_a_move_to_the_present_parent_changes_nothing(graph: Graph, root: OrgNode) -> None:
    node = await graph.create("TEAM", root)
    assert (await graph.move(node, root)).version == 1


@pytest.mark.parametrize("beneath", [0, 1, 2])
async def test_nothing_is_moved_beneath_itself(graph: Graph, root: OrgNode, beneath: int) -> None:
    chain = [await graph.create("PARTY_ORG", root)]
    for _ in range(2):
        chain.append(await graph.create("PARTY_ORG", chain[-1]))
    with pytest.raises(RejectedError) as caught:
        await graph.move(chain[0], chain[beneath])
    assert (caught.value.code, caught.value.path) == ("CYCLE", ("parentId",))


async def test_a_move_obeys_the_kinds(graph: Graph, root: OrgNode) -> None:
    community = await graph.place("SUBDISTRICT", "COMMUNITY")
    assert await problems(graph.move(community, root)) == [("parentId", "PARENT_KIND")]
    gone = await graph.end(await graph.create("SUBDISTRICT", root))
    assert await problems(graph.move(community, gone)) == [("parentId", "PARENT_ENDED")]


async def test_the_root_is_neither_moved_nor_ended(graph: Graph, root: OrgNode) -> None:
    child = await graph.create("TEAM", root)
    for refused in (graph.move(root, child), graph.end(root)):
        with pytest.raises(RejectedError) as caught:
            await refused
        assert caught.value.code == "ROOT"


async def test_an_end_closes_the_last_state(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root)
    time.pass_by(days=2)
    ended = await graph.end(node, at=START + timedelta(days=1))
    assert (ended.valid_to, ended.version) == (START + timedelta(days=1), 2)
    assert (await OrgState.get(node_id=node.id)).valid_to == ended.valid_to


@pytest.mark.parametrize(("at", "code"), [(TOMORROW, "FUTURE"), (YESTERDAY, "END_BEFORE_START")])
async def test_an_end_lies_between_the_start_and_now(
    graph: Graph, root: OrgNode, time: Time, at: Any, code: str
) -> None:
    node = await graph.create("TEAM", root)
    assert await problems(graph.end(node, at=at)) == [("at", code)]


async def test_an_end_before_the_last_change_is_refused(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, valid_from=None)
    time.pass_by(days=2)
    await graph.update(node, name="乙")
    time.pass_by(days=2)
    assert await problems(graph.end(node, at=START)) == [("at", "END_BEFORE_START")]


async def test_what_has_valid_children_is_not_ended_and_they_are_named(graph: Graph, root: OrgNode) -> None:
    parent = await graph.create("SUBDISTRICT", root)
    for number in range(25):
        await graph.create("TEAM", parent, f"队{number}", code=f"T-{number:02}")
    with pytest.raises(RejectedError) as caught:
        await graph.end(parent)
    assert caught.value.code == "HAS_CHILDREN"
    assert caught.value.details == {"count": 25, "children": [f"T-{number:02}" for number in range(20)]}


async def test_every_change_tells_an_event(graph: Graph, root: OrgNode, time: Time) -> None:
    other = await graph.create("SUBDISTRICT", root)
    node = await graph.create("TEAM", root, "甲", code="T-1")
    time.pass_by(hours=1)
    await graph.update(node, name="乙")
    time.pass_by(hours=1)
    await graph.move(node, other)
    time.pass_by(hours=1)
    await graph.end(node)
    assert await told(node) == ["core.org_created", "core.org_updated", "core.org_moved", "core.org_ended"]


async def test_events_tell_what_was_before_and_after(graph: Graph, root: OrgNode, time: Time) -> None:
    node = await graph.create("TEAM", root, "甲", code="T-1")
    time.pass_by(hours=1)
    await graph.update(node, name="乙", location=Point(113, 29))
    catalogue = EventTypes()
    catalogue.register("core", *event_types.EVENT_TYPES)
    created, updated = await Event.filter(subject_id=node.id).order_by("at")
    payloads = await events.payloads([created, updated], catalogue)
    first, second = payloads[created.id], payloads[updated.id]
    assert isinstance(first, event_types.OrgCreatedPayload)
    assert (first.kind, first.parent_id, first.valid_from, first.values.code) == ("TEAM", root.id, START, "T-1")
    assert isinstance(second, event_types.OrgUpdatedPayload)
    assert second.changed == ["name", "longitude", "latitude"]
    assert (second.before.name, second.after.name, second.before.longitude, second.after.longitude) == (
        "甲",
        "乙",
        None,
        1_130_000_000,
    )
    assert created.org_id == node.id
