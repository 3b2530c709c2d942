from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linli.core.errors import ConflictError, ValidationError
from linli.core.graph import event_types
from linli.core.graph.core_kinds import core_kinds
from linli.core.graph.imports import ImportReport, Outcome, Stage, orgs
from linli.core.graph.imports.plan import Plan
from linli.core.graph.models import OrgNode, OrgState
from linli.core.graph.paths import child_path
from linli.core.graph.queries import ancestors_as_of, children_as_of, descendants, node_as_of
from linli.core.records import events
from linli.core.records.event_types import EventTypes
from linli.core.records.models import Event
from tests.core.graph.conftest import START, Graph, Time
from tests.core.graph.imports.conftest import (
    COMMUNITY,
    HEADER,
    OTHER_STREET,
    ROOT,
    STREET,
    TREE,
    Importing,
    changes,
    csv_file,
    problems,
)

DISTRICTS = Path(__file__).parents[4] / "examples" / "districts"
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


async def node(code: str, kind: str = "COMMUNITY") -> OrgNode:
    return await OrgNode.get(code=code, kind=kind, valid_to=None)


@pytest.mark.parametrize(
    ("district", "root_code", "sizes"),
    [
        ("yueyanglou", "430602000000", {"SUBDISTRICT": 25, "COMMUNITY": 181}),
        ("tongjiang", "230881000000", {"SUBDISTRICT": 23, "COMMUNITY": 182}),
    ],
)
async def test_a_real_district_is_imported_once(
    graph: Graph, importing: Importing, district: str, root_code: str, sizes: dict[str, int]
) -> None:
    root = await graph.root("某市某区", root_code)
    text = (DISTRICTS / district / "divisions.csv").read_text(encoding="utf-8")
    report = await importing.content(text.encode())
    assert problems(report) == []
    assert report.written
    assert {kind: await OrgNode.filter(kind=kind).count() for kind in sizes} == sizes
    rows = list(csv.DictReader(io.StringIO(text)))
    assert await OrgNode.all().count() == len(rows) == 1 + sum(sizes.values())
    nodes = {found.code: found for found in await descendants(root)}
    for row in rows[1:]:
        found, parent = nodes[row["code"]], nodes.get(row["parent_code"], root)
        assert (found.name, found.kind, found.parent_id) == (row["name"], row["level"], parent.id)
        assert (found.path, found.depth, found.valid_from) == (
            child_path(parent.path, found.id),
            parent.depth + 1,
            None,
        )

    again = await importing.content(text.encode("gb18030"), apply=["moved"])
    assert (again.written, [change for change in again.changes if change.code != root_code]) == (False, [])
    assert await Event.filter(type="core.orgs_imported").count() == 1
    assert await OrgState.all().count() == len(rows)


async def test_the_roots_row_speaks_of_the_root(graph: Graph, importing: Importing) -> None:
    root = await graph.root("岳阳市岳阳楼区")
    report = await importing.lines(*TREE)
    assert changes(report)[0] == ("renamed", "430602000000", False)
    assert (await OrgNode.get(depth=0)).name == "岳阳市岳阳楼区"
    await importing.lines(*TREE, apply=["renamed"])
    assert await OrgNode.get(depth=0) == root
    assert (await OrgNode.get(depth=0)).name == "岳阳楼区"


async def test_a_root_that_is_not_there_is_made_by_the_file(graph: Graph, importing: Importing) -> None:
    assert (await importing.lines(*TREE)).written
    assert (await OrgNode.get(depth=0)).code == "430602000000"


async def test_a_file_may_name_only_what_stands_beneath_the_root(
    graph: Graph, root: OrgNode, importing: Importing
) -> None:
    assert (await importing.lines(COMMUNITY, STREET)).written
    assert (await node("430602001001")).depth == 2


async def test_what_is_imported_without_a_date_was_there_since_ever(
    graph: Graph, root: OrgNode, importing: Importing
) -> None:
    await importing.lines(*TREE)
    community = await node("430602001001")
    assert [org.name for org in await ancestors_as_of(community.id, LONG_AGO)] == ["岳阳楼区", "岳阳楼街道"]


async def test_a_row_may_give_a_date_an_instant_and_a_point(graph: Graph, root: OrgNode, importing: Importing) -> None:
    report = await importing.lines(
        "A,TEAM,甲,430602000000,2020-01-01,113.1354,29.3687,GCJ02",
        "B,TEAM,乙,430602000000,2020-01-01T08:00:00+08:00,113.13,29.36,",
        "C,TEAM,丙,430602000000,,,,",
        header=f"{HEADER},valid_from,lon,lat,crs",
    )
    assert problems(report) == []
    a, b, c = [await node(code, "TEAM") for code in "ABC"]
    assert (a.valid_from, b.valid_from, c.valid_from) == (
        datetime(2019, 12, 31, 16, tzinfo=UTC),
        datetime(2020, 1, 1, tzinfo=UTC),
        None,
    )
    assert (b.longitude, b.latitude, b.location_given) == (
        1_131_300_000,
        293_600_000,
        {"lon": 113.13, "lat": 29.36, "crs": "CGCS2000"},
    )
    assert a.location_given == {"lon": 113.1354, "lat": 29.3687, "crs": "GCJ02"}
    assert a.longitude not in (None, 1_131_354_000)
    assert (c.longitude, c.location_given) == (None, None)
    assert await node_as_of(a.id, datetime(2019, 12, 31, 15, 59, tzinfo=UTC)) is None
    state = await node_as_of(a.id, datetime(2019, 12, 31, 16, tzinfo=UTC))
    assert state is not None
    assert (state.longitude, state.location_given) == (a.longitude, a.location_given)


async def test_the_difference_is_listed_and_only_what_is_new_is_written(graph: Graph, importing: Importing) -> None:
    await importing.lines(*TREE)
    report = await importing.lines(
        ROOT,
        STREET.replace("岳阳楼街道", "岳阳街道"),
        COMMUNITY.replace(",430602001000", ",430602002000"),
        "430602002001,COMMUNITY,尚书山社区,430602002000",
        scope="430602000000",
    )
    assert changes(report) == [
        ("renamed", "430602001000", False),
        ("moved", "430602001001", False),
        ("added", "430602002001", True),
        ("gone", "430602002000", False),
    ]
    assert (report.unchanged, report.count(Outcome.ADDED), report.count(Outcome.GONE, applied=False)) == (1, 1, 1)
    renamed, moved = report.changes[:2]
    assert (renamed.line, renamed.before, renamed.after) == (3, "岳阳楼街道", "岳阳街道")
    assert (moved.line, moved.before, moved.after) == (4, "430602001000", "430602002000")
    assert (await node("430602001000", "SUBDISTRICT")).name == "岳阳楼街道"
    assert (await node("430602001001")).parent_id == (await node("430602001000", "SUBDISTRICT")).id
    assert (await node("430602002000", "SUBDISTRICT")).valid_to is None
    assert (await node("430602002001")).name == "尚书山社区"


async def test_what_is_named_is_applied_and_the_past_stays(graph: Graph, importing: Importing, time: Time) -> None:
    await importing.lines(*TREE, "430602001002,COMMUNITY,洞庭社区,430602001000")
    community = await node("430602001001")
    grid = await graph.create("GRID", community, valid_from=None)
    street, other = await node("430602001000", "SUBDISTRICT"), await node("430602002000", "SUBDISTRICT")
    time.pass_by(days=1)
    report = await importing.lines(
        ROOT,
        STREET.replace("岳阳楼街道", "岳阳街道"),
        OTHER_STREET,
        COMMUNITY.replace("茶巷子", "新名").replace(",430602001000", ",430602002000"),
        apply=["renamed", "moved", "gone"],
        scope="430602000000",
    )
    assert problems(report) == []
    assert {(outcome, code) for outcome, code, applied in changes(report) if applied} == {
        ("renamed", "430602001000"),
        ("renamed", "430602001001"),
        ("moved", "430602001001"),
        ("gone", "430602001002"),
    }
    moved = await OrgNode.get(id=community.id)
    assert (moved.name, moved.parent_id, moved.version, moved.path) == (
        "新名社区",
        other.id,
        2,
        child_path(other.path, moved.id),
    )
    assert (await OrgNode.get(id=grid.id)).path == child_path(moved.path, grid.id)
    assert (await OrgNode.get(code="430602001002")).valid_to == time.now()
    assert await children_as_of(street.id, time.now()) == []
    before = START + timedelta(hours=1)
    assert {org.name for org in await children_as_of(street.id, before)} == {"茶巷子社区", "洞庭社区"}
    assert [org.name for org in await ancestors_as_of(grid.id, before)] == ["岳阳楼区", "岳阳楼街道", "茶巷子社区"]
    assert [org.name for org in await ancestors_as_of(grid.id, time.now())] == ["岳阳楼区", "三眼桥街道", "新名社区"]


async def test_a_moved_organisation_may_go_beneath_a_new_one_and_take_another_out_of_its_subtree(
    graph: Graph, root: OrgNode, importing: Importing, time: Time
) -> None:
    await importing.lines(
        *[
            f"{code},PARTY_ORG,支部{code},{parent}"
            for code, parent in zip("ABCD", ("430602000000", "A", "B", "C"), strict=True)
        ]
    )
    time.pass_by(days=1)
    report = await importing.lines(
        "D,PARTY_ORG,支部D,430602000000",
        "N,PARTY_ORG,支部N,D",
        "B,PARTY_ORG,支部B,N",
        "A,PARTY_ORG,支部A,B",
        apply=["moved"],
    )
    assert problems(report) == []
    names = [found.name for found in await descendants(root)]
    assert names[:3] == ["支部D", "支部N", "支部B"]
    assert set(names[3:]) == {"支部A", "支部C"}
    for found in await descendants(root):
        parent = await OrgNode.get(id=found.parent_id)
        assert (found.path, found.depth) == (child_path(parent.path, found.id), parent.depth + 1)


async def test_a_location_is_listed_and_applied_by_name(
    graph: Graph, root: OrgNode, importing: Importing, time: Time
) -> None:
    line, header = "A,TEAM,甲,430602000000,113.1,29.3", f"{HEADER},lon,lat"
    await importing.lines("A,TEAM,甲,430602000000")
    time.pass_by(days=1)
    assert changes(await importing.lines(line, header=header)) == [("located", "A", False)]
    assert (await importing.lines(line, header=header, apply=["located"])).written
    assert (await node("A", "TEAM")).longitude == 1_131_000_000
    assert (await importing.lines(line, header=header)).changes == []
    assert await OrgState.filter(node_id=(await node("A", "TEAM")).id).count() == 2


async def test_gone_concerns_only_levels_in_the_file_beneath_the_scope_with_a_code(
    graph: Graph, importing: Importing
) -> None:
    await importing.lines(*TREE, "430602002001,COMMUNITY,尚书山社区,430602002000", "T,TEAM,队,430602001000")
    await graph.create("COMMUNITY", await node("430602001000", "SUBDISTRICT"), "没有代码的社区")
    report = await importing.lines("430602001009,COMMUNITY,新社区,430602001000", scope="SUBDISTRICT:430602001000")
    assert changes(report) == [("added", "430602001009", True), ("gone", "430602001001", False)]
    without = await importing.lines("430602001009,COMMUNITY,新社区,430602001000")
    assert without.changes == []


async def test_what_is_gone_is_not_ended_above_what_stays(graph: Graph, importing: Importing) -> None:
    await importing.lines(*TREE)
    await graph.create("GRID", await node("430602001001"), "第一网格", code="G1")
    report = await importing.lines(
        ROOT,
        STREET,
        OTHER_STREET,
        "430602002001,COMMUNITY,尚书山社区,430602002000",
        scope="430602000000",
        apply=["gone"],
    )
    assert problems(report) == [(None, "parent_code", "HAS_CHILDREN")]
    assert not report.written
    assert await OrgNode.filter(code="430602002001").count() == 0


async def test_gone_needs_a_scope_that_is_there(graph: Graph, root: OrgNode, importing: Importing) -> None:
    for scope, code in (
        (None, "SCOPE_REQUIRED"),
        ("430603000000", "SCOPE_UNKNOWN"),
        ("CITY:430602000000", "SCOPE_UNKNOWN"),
    ):
        with pytest.raises(ValidationError) as caught:
            await importing.lines(*TREE, apply=["gone"], scope=scope)
        assert [problem.code for problem in caught.value.problems] == [code]


async def test_a_dry_run_lists_everything_and_writes_nothing(graph: Graph, root: OrgNode, importing: Importing) -> None:
    report = await importing.lines(*TREE, dry_run=True)
    assert (report.count(Outcome.ADDED), report.written, report.rows) == (3, False, 4)
    assert await OrgNode.all().count() == 1


async def test_an_import_tells_one_event_with_counts(graph: Graph, root: OrgNode, importing: Importing) -> None:
    before = await Event.all().count()
    await importing.lines(*TREE)
    event = await Event.get(type="core.orgs_imported")
    assert await Event.all().count() == before + 1
    catalogue = EventTypes()
    catalogue.register("core", *event_types.EVENT_TYPES)
    payload = (await events.payloads([event], catalogue))[event.id]
    assert isinstance(payload, event_types.OrgsImportedPayload)
    assert payload.model_dump() == {
        "rows": 4,
        "added": 3,
        "renamed": 0,
        "moved": 0,
        "located": 0,
        "gone": 0,
        "scope": None,
    }
    assert event.subject_id == event.org_id == root.id


async def test_progress_is_told_by_stages(
    graph: Graph, root: OrgNode, importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orgs, "TOLD_EVERY", 2)
    told: list[tuple[Stage, int, int]] = []
    await importing.lines(*TREE, progress=lambda *step: told.append(step))
    assert told == [
        (Stage.READING, 2, 0),
        (Stage.READING, 4, 0),
        (Stage.CHECKING, 0, 4),
        (Stage.CHECKING, 4, 4),
        (Stage.WRITING, 3, 3),
    ]


async def test_a_tree_that_changed_meanwhile_is_compared_again(
    graph: Graph, root: OrgNode, importing: Importing
) -> None:
    done: list[str] = []

    def meanwhile(stage: Stage, rows: int, of: int) -> None:
        if stage is Stage.CHECKING and rows == of and not done:
            done.append("now")

    compare = orgs._Import.compare

    async def compare_and_be_overtaken(self: orgs._Import, report: ImportReport) -> Plan:
        plan = await compare(self, report)
        if len(done) == 1:
            done.append("created")
            await graph.create("SUBDISTRICT", root, "岳阳楼街道", code="430602001000")
        return plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orgs._Import, "compare", compare_and_be_overtaken)
        report = await importing.lines(*TREE, progress=meanwhile)
    assert (report.written, report.count(Outcome.ADDED), report.unchanged) == (True, 2, 2)
    assert await OrgNode.filter(code="430602001000").count() == 1


async def test_an_import_that_is_overtaken_again_and_again_gives_up(
    graph: Graph, root: OrgNode, importing: Importing
) -> None:
    compare = orgs._Import.compare

    async def be_overtaken(self: orgs._Import, report: ImportReport) -> Plan:
        plan = await compare(self, report)
        await graph.create("TEAM", root)
        return plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orgs._Import, "compare", be_overtaken)
        with pytest.raises(ConflictError):
            await importing.lines(*TREE)
    assert await OrgNode.filter(kind="SUBDISTRICT").count() == 0


async def test_one_code_names_a_city_and_its_district(graph: Graph, importing: Importing) -> None:
    graph.kinds = core_kinds(root_kind="CITY")
    report = await importing.lines(
        "441900000000,CITY,东莞市,",
        "441900000000,DISTRICT,东莞市,441900000000",
        "441900003000,SUBDISTRICT,东城街道,441900000000",
        "T1,TEAM,城管队,CITY:441900000000",
    )
    assert problems(report) == []
    street, team = await node("441900003000", "SUBDISTRICT"), await node("T1", "TEAM")
    assert (street.depth, team.depth) == (2, 1)
    ambiguous = await importing.content(csv_file(["T2,TEAM,某队,441900000000"]))
    assert problems(ambiguous) == [(2, "parent_code", "PARENT_AMBIGUOUS")]
    assert "CITY:441900000000, DISTRICT:441900000000" in str(ambiguous.problems[0].message)
