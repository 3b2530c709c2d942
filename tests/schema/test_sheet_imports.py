"""Sheets over GraphQL: looked at, written behind, taken back; and what is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from linli.core.clock import FrozenClock, now
from linli.core.districts import District
from linli.core.files.models import File
from linli.core.graph.models import OrgNode
from linli.core.jobs import sheets
from linli.core.jobs.models import Job
from linli.core.jobs.runner import Runner
from linli.core.people.models import Person, Post
from linli.core.people.services import create_person, update_person
from linli.core.privacy.core_holdings import erase
from linli.core.records.encrypted import blinds
from linli.core.records.events import history
from linli.core.records.models import Event
from linli.core.records.provenance import entries
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import HouseholdMember, Premises, Tenure
from linli.core.sheet_imports import applying, starting
from linli.core.sheet_imports.models import SheetEntry, SheetFinding, SheetImport
from linli.schema.scalars import parse_global_id
from linli.schema.testing import Clients, Tree
from tests.schema.sheets import ONE, SHEET, Desk, codes, name, number, sheet

PEOPLE = "姓名 身份证号 联系电话 政治面貌"
CANCEL = """mutation ($input: CancelJobInput!) { cancelJob(input: $input) {
    ... on Job { state failure } ... on Error { code } } }"""
HOMES = "房号 单元 面积 业主姓名 业主身份证号 产权份额"


@pytest.fixture
async def desk(client: Clients, tree: Tree, runner: Runner) -> Desk:
    """Staff of the community."""
    return Desk(await client("community-staff", at=tree.community), tree)


@pytest.fixture
async def office(client: Clients, tree: Tree, runner: Runner) -> Desk:
    """The district's administrator."""
    return Desk(await client("district-admin", at=tree.root), tree)


async def _found(place: int) -> Person | None:
    return await Person.filter(id_number_index__in=blinds(Person, "id_number", number(place))).first()


async def test_people_are_looked_at_and_then_written_with_their_history_and_sources(
    desk: Desk, district: District, tree: Tree
) -> None:
    content = sheet(PEOPLE, ["示例一", number(1), "13800000001", "群众"], ["示例二", number(2), "", ""])
    looked = await desk.preview(content)
    assert (looked["state"], looked["total"], looked["created"], looked["refused"]) == ("PREVIEWED", 2, 2, 0)
    assert [(one["letter"], one["field"]) for one in looked["columns"]][:2] == [
        ("A", "person.name"),
        ("B", "person.idNumber"),
    ]
    assert all(number(1) not in sample for one in looked["columns"] for sample in one["sample"])
    with district.scope():
        assert await _found(1) is None
    done = await desk.apply(looked["id"], expectedVersion=looked["version"])
    assert (done["state"], done["done"], done["created"]) == ("APPLIED", 2, 2)
    await seal_now(district.store)
    with district.scope():
        person = await _found(1)
        assert person is not None
        assert person.phone is not None
        assert (person.name, person.phone.decrypt(), person.gender) == ("示例一", "13800000001", "MALE")
        assert person.habitual_residence_id == tree.community.id
        assert person.name_initials == "sly"
        told = entries(person)
        assert (told["phone"].source, told["phone"].detail) == ("IMPORTED", "名册.csv 第2行")
        assert told["habitualResidence"].source == "DERIVED"
        assert [event.type for event in await history(person.id)] == ["core.person_created"]


async def test_the_same_sheet_changes_nothing_the_second_time(desk: Desk) -> None:
    content = sheet(
        f"{PEOPLE} 房号 与户主关系",
        ["示例一", number(1), "13800000001", "群众", "501", "户主"],
        ["示例二", number(2), "", "", "501", "配偶"],
        ["示例三", "", "13800000003", "", "502", ""],
    )
    first = await desk.bring_in(content)
    assert (first["created"], first["unchanged"], first["refused"]) == (3, 0, 0)
    again = await desk.bring_in(content)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 3)


async def test_what_is_blank_is_filled_and_what_differs_is_written_only_where_that_is_asked(
    desk: Desk, district: District
) -> None:
    await desk.bring_in(sheet(PEOPLE, ["示例一", number(1), "13800000001", ""]))
    other = sheet(PEOPLE, ["示例一", number(1), "13800000009", "中共党员"])
    looked = await desk.preview(other)
    assert (looked["changed"], codes(looked)) == (1, [(2, "DIFFERS")])
    kept = await desk.apply(looked["id"])
    assert (kept["changed"], codes(kept, "WARNING")) == (1, [(2, "DIFFERS")])
    with district.scope():
        person = await _found(1)
        assert person is not None
        assert person.phone is not None
        assert (person.phone.decrypt(), person.party_status) == ("13800000001", "中共党员")
    await desk.bring_in(other, update=True)
    blank = await desk.bring_in(sheet(PEOPLE, ["示例一", number(1), "", ""]))
    assert blank["unchanged"] == 1
    with district.scope():
        person = await _found(1)
        assert person is not None
        assert person.phone is not None
        assert person.phone.decrypt() == "13800000009"


async def test_homes_come_with_owners_whose_shares_are_never_over_the_whole(desk: Desk, district: District) -> None:
    content = sheet(
        HOMES,
        ["501", "1", "98.5", "示例一", number(1), "1/2"],
        ["501", "1", "", "示例二", number(2), "1/2"],
        ["501", "1", "", "示例三", number(3), "1/2"],
        ["502", "1", "88", "示例一", number(1), ""],
        ["502", "1", "", "示例二", number(2), ""],
    )
    looked = await desk.preview(content, "PREMISES")
    assert codes(looked, "ERROR") == [(4, "SHARES_OVER_WHOLE"), (6, "SHARES_OVER_WHOLE")]
    done = await desk.apply(looked["id"])
    assert (done["created"], done["refused"], codes(done, "ERROR")) == (3, 2, codes(looked, "ERROR"))
    with district.scope():
        home = await Premises.get(number="501")
        assert (home.unit, home.area, home.use) == ("1", 9850, "RESIDENTIAL")
        shares = await Tenure.filter(premises_id=home.id).values_list("share_numerator", "share_denominator")
        assert sorted(shares) == [(1, 2), (1, 2)]
    later = await desk.bring_in(sheet(HOMES, ["501", "1", "", "示例四", number(4), "1/3"]), "PREMISES")
    assert codes(later, "ERROR") == [(2, "SHARES_OVER_WHOLE")]


async def test_households_are_begun_by_their_heads_and_nobody_lives_in_two(desk: Desk, district: District) -> None:
    heads = f"{PEOPLE} 房号 与户主关系"
    done = await desk.bring_in(
        sheet(
            heads,
            ["示例一", number(1), "", "", "501", "户主"],
            ["示例二", number(2), "", "", "501", "配偶"],
            ["示例三", number(3), "", "", "501", "户主"],
            ["示例四", number(4), "", "", "501", "子"],
            ["示例二", number(2), "", "", "502", "配偶"],
        )
    )
    assert codes(done, "ERROR") == [(6, "PERSON_IN_HOUSEHOLD")]
    with district.scope():
        members = await HouseholdMember.all().values_list("household_id", "relation")
        by_household: dict[object, set[str]] = {}
        for household, relation in members:
            by_household.setdefault(household, set()).add(relation)
        assert sorted(map(sorted, by_household.values())) == [["HEAD", "SON"], ["HEAD", "SPOUSE"]]


async def test_somebody_of_another_community_is_told_of_and_left_as_it_is(
    desk: Desk, district: District, tree: Tree
) -> None:
    with district.scope():
        there = await transact(
            lambda _unit: create_person(
                name="示例远", id_number=number(7), habitual_residence_id=tree.other_community.id
            )
        )
    done = await desk.bring_in(sheet(PEOPLE, ["示例远", number(7), "13900000000", ""]), update=True)
    assert (done["refused"], codes(done, "ERROR")) == (1, [(2, "PERSON_ELSEWHERE")])
    assert "示例远" not in str(done["findings"])
    with district.scope():
        assert (await Person.get(id=there.id)).phone is None


async def test_people_without_an_id_number_are_never_guessed_at(desk: Desk, district: District, tree: Tree) -> None:
    home = tree.community.id

    async def enter(_unit: object) -> None:
        for phone in ("13800000001", "13800000002"):
            await create_person(name="示例同", phone=phone, habitual_residence_id=home)

    with district.scope():
        await transact(enter)
    done = await desk.bring_in(
        sheet("姓名 联系电话", ["示例同", "13800000002"], ["示例同", ""], ["示例同", "13800000003"])
    )
    assert (done["unchanged"], done["created"], codes(done, "ERROR")) == (1, 1, [(3, "PERSON_AMBIGUOUS")])


async def test_id_numbers_that_do_not_fit_and_rows_that_come_twice_are_found(desk: Desk) -> None:
    wrong = number(5)[:-1] + ("0" if number(5)[-1] != "0" else "1")
    looked = await desk.preview(
        sheet(PEOPLE, ["示例一", number(1), "", ""], ["示例一", number(1), "", ""], ["示例五", wrong, "", ""])
    )
    assert (looked["created"], looked["unchanged"], looked["refused"]) == (1, 1, 1)
    assert (3, "DUPLICATE_ROW") in codes(looked, "NOTE")
    assert codes(looked, "ERROR") == [(4, "ID_NUMBER_CHECKSUM")]
    assert looked["annotated"]["mediaType"].endswith("spreadsheetml.sheet")
    assert looked["annotated"]["name"] == "标注 名册.xlsx"
    assert wrong not in str(looked)


async def test_an_unknown_building_is_told_with_near_names_and_made_where_that_is_asked(
    desk: Desk, office: Desk, district: District
) -> None:
    content = sheet("姓名 身份证号 楼栋 单元 房号", ["示例一", number(1), "3栋", "1单元", "501"])
    looked = await office.preview(content)
    assert codes(looked, "ERROR") == [(2, "BUILDING_UNKNOWN")]
    refused = await desk.preview(content)
    assert (await desk.apply(refused["id"], createPlaces=True))["code"] == "FORBIDDEN"
    done = await office.apply(looked["id"], createPlaces=True)
    assert (done["created"], done["refused"]) == (1, 0)
    with district.scope():
        home = await Premises.get(number="501").select_related("org")
        assert (home.org.kind, home.org.name, home.unit) == ("BUILDING", "3栋", "1")
    again = await desk.bring_in(content)
    assert again["unchanged"] == 1


async def test_a_sheet_is_taken_back_but_for_what_was_changed_or_used_since(desk: Desk, district: District) -> None:
    first = await desk.bring_in(sheet(PEOPLE, ["示例一", number(1), "13800000001", ""]))
    content = sheet(
        f"{PEOPLE} 房号 与户主关系",
        ["示例一", number(1), "13800000009", "", "501", "户主"],
        ["示例二", number(2), "", "", "501", "配偶"],
        ["示例三", number(3), "", "", "502", "户主"],
    )
    second = await desk.bring_in(content, update=True)
    assert (second["changed"] + second["created"], second["refused"]) == (3, 0)
    with district.scope():
        third = await _found(3)
        assert third is not None
        await transact(lambda _unit: update_person(third, None, phone="13700000000"))
    undone = await desk.undo(second["id"])
    assert (undone["state"], undone["left"], codes(undone, "WARNING")) == ("UNDONE", 1, [(4, "CHANGED_SINCE")])
    await seal_now(district.store)
    with district.scope():
        one = await _found(1)
        assert one is not None
        assert one.phone is not None
        assert one.phone.decrypt() == "13800000001"
        assert await _found(2) is None
        assert await _found(3) is not None
        assert await Premises.all().count() == 0
        assert "core.person_updated" in [event.type for event in await history(one.id)]
    assert (await desk.undo(first["id"]))["left"] == 1, "the first sheet's person was changed by the second and back"
    assert (await desk.undo(second["id"]))["code"] == "INVALID_TRANSITION"


async def test_after_a_day_a_sheet_stays(desk: Desk, clock: FrozenClock) -> None:
    done = await desk.bring_in(sheet(PEOPLE, ["示例一", number(1), "", ""]))
    clock.advance(clock.now() + timedelta(hours=25))
    assert (await desk.undo(done["id"]))["code"] == "UNDO_TOO_LATE"


async def test_units_are_stationed_in_the_community_and_posts_are_held_at_what_is_there(
    office: Desk, district: District, tree: Tree
) -> None:
    units = sheet(
        "单位名称 统一社会信用代码 单位性质 单位电话",
        ["示例公司", "91110000600037341L", "企业", "0730-8888888"],
        ["示例单位1", "", "机关", ""],
    )
    done = await office.bring_in(units, "UNITS")
    assert (done["created"], done["changed"], done["refused"]) == (1, 1, 0), done
    again = await office.bring_in(units, "UNITS")
    assert again["unchanged"] == 2
    await office.bring_in(sheet(PEOPLE, ["示例一", number(1), "", ""]))
    posts = sheet(
        "姓名 身份证号 职务 任职组织",
        ["示例一", number(1), "网格员", "第一网格"],
        ["示例九", number(9), "网格员", "第一网格"],
    )
    held = await office.bring_in(posts, "POSTS")
    assert (held["created"], codes(held, "ERROR")) == (1, [(3, "PERSON_UNKNOWN")])
    assert (await office.bring_in(posts, "POSTS"))["unchanged"] == 1
    with district.scope():
        post = await Post.get(org_id=tree.grid.id)
        assert (await Person.get(id=post.person_id)).name == "示例一"
    assert (await office.undo(held["id"]))["undone"] == 1
    assert (await office.undo(done["id"]))["left"] == 0


async def test_only_who_may_brings_in_sheets_and_only_there(desk: Desk, client: Clients, tree: Tree) -> None:
    content = sheet(PEOPLE, ["示例一", number(1), "", ""])
    assert (await desk.preview(content, at=tree.other_community))["code"] == "FORBIDDEN"
    assert (await desk.preview(content, "POSTS"))["code"] == "FORBIDDEN"
    officer = Desk(await client("grid-officer", at=tree.community), tree)
    mine = await desk.preview(content)
    assert (await officer.apply(mine["id"]))["code"] == "NOT_FOUND"
    neighbours = Desk(await client("community-staff", at=tree.other_community), tree)
    assert (await neighbours.apply(mine["id"]))["code"] == "NOT_FOUND"
    assert (await neighbours.undo(mine["id"]))["code"] == "NOT_FOUND"


async def test_a_file_that_is_no_table_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    refused = await desk.preview("这不是表格".encode())
    assert (refused["code"], [one["path"] for one in refused["fields"]]) == ("VALIDATION", ["fileId"])


async def test_a_sheet_that_was_not_looked_at_as_it_is_now_is_not_written(desk: Desk) -> None:
    looked = await desk.preview(sheet(PEOPLE, ["示例一", number(1), "", ""]))
    assert (await desk.apply(looked["id"], expectedVersion=1))["code"] == "CONFLICT"
    done = await desk.apply(looked["id"])
    assert (await desk.apply(looked["id"]))["code"] == "INVALID_TRANSITION"
    assert done["state"] == "APPLIED"


async def test_while_a_sheet_is_looked_at_its_job_tells_how_far_that_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, check = asyncio.Event(), applying.check

    async def slowly(work: applying.Work, at: OrgNode, total: int | None = None) -> applying.Report:
        report = await check(work, at, total)
        await waits.wait()
        return report

    monkeypatch.setattr(applying, "check", slowly)
    content = sheet(PEOPLE, ["示例一", number(1), "", ""], ["示例二", number(2), "", ""])
    looking = asyncio.create_task(desk.preview(content))
    asked = (
        "{ jobs { nodes { kind title state done total subject { ... on SheetImport { done state job { state } } } } } }"
    )
    async with asyncio.timeout(20):
        while not (jobs := (await desk.client.data(asked))["jobs"]["nodes"]) or not jobs[0]["done"]:
            await asyncio.sleep(0.05)
    about = {"done": 2, "state": "CHECKING", "job": {"state": "RUNNING"}}
    told = {"kind": "core.sheet_check", "title": "表格检查", "state": "RUNNING", "done": 2, "total": 2}
    assert jobs == [{**told, "subject": about}]
    waits.set()
    assert (await looking)["state"] == "PREVIEWED"
    job = {"state": "RUNNING"}  # the sheet is told of by the job's last step, and the job ends after it
    async with asyncio.timeout(20):
        while job["state"] == "RUNNING":
            (job,) = (await desk.client.data("{ jobs { nodes { state done total } } }"))["jobs"]["nodes"]
    assert job == {"state": "DONE", "done": 2, "total": 2}


async def test_an_import_whose_job_is_cancelled_keeps_what_it_wrote_and_can_be_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, write = asyncio.Event(), applying._write

    async def first_batch_alone(work: applying.Work, sheet: SheetImport, rows: list[Any]) -> SheetImport:
        if sheet.done:
            written.set()
            await asyncio.sleep(600)
        return await write(work, sheet, rows)

    monkeypatch.setattr(applying, "_write", first_batch_alone)
    rows = [[name(place), number(place), "", ""] for place in range(1, 400)]
    looked = await desk.preview(sheet(PEOPLE, *rows))
    writing = asyncio.create_task(desk.apply(looked["id"]))
    async with asyncio.timeout(20):
        await written.wait()
    (job, _) = (await desk.client.data("{ jobs { nodes { id } } }"))["jobs"]["nodes"]
    cancelled = await desk.client.mutate(CANCEL, input={"jobId": job["id"]})
    assert cancelled == {"state": "CANCELLED", "failure": None}
    stopped = await writing
    assert (stopped["state"], stopped["failure"], stopped["created"]) == ("FAILED", "CANCELLED", 300)
    assert (await desk.client.mutate(CANCEL, input={"jobId": job["id"]}))["code"] == "INVALID_TRANSITION"
    assert (await desk.undo(looked["id"]))["undone"] == 300


async def test_two_sheets_of_the_same_people_that_are_written_at_once_enter_nobody_twice(
    desk: Desk, district: District
) -> None:
    content = sheet("姓名 联系电话", *([name(place), f"1380000{place:04}"] for place in range(1, 400)))
    first, second = await desk.preview(content), await desk.preview(content)
    done = await asyncio.gather(desk.apply(first["id"]), desk.apply(second["id"]))
    assert [one["state"] for one in done] == ["APPLIED", "APPLIED"]
    assert sum(one["created"] for one in done) == sum(one["unchanged"] for one in done) == 399
    with district.scope():
        assert await Person.filter(name__startswith="示", phone__not_isnull=True).count() == 399


async def test_nothing_is_written_at_a_community_that_ended_after_the_look(
    office: Desk, district: District, tree: Tree
) -> None:
    looked = await office.preview(sheet(PEOPLE, ["示例一", number(1), "", ""]))
    with district.scope():
        await transact(lambda _unit: OrgNode.filter(id=tree.community.id).update(valid_to=now()))
        refused = await office.apply(looked["id"])
        assert refused["code"] == "ORG_ENDED"
        assert await Person.filter(id_number_index__not_isnull=True).count() == 0


async def test_an_import_that_makes_buildings_is_carried_on_by_who_may_make_them(
    desk: Desk, office: Desk, district: District
) -> None:
    looked = await office.preview(sheet("姓名 身份证号 楼栋 房号", ["示例一", number(1), "3栋", "501"]))
    with district.scope():
        failed = {"state": "FAILED", "applied_at": now(), "create_places": True}
        await transact(lambda _unit: SheetImport.all().update(**failed))
    assert (await desk.apply(looked["id"]))["code"] == "FORBIDDEN"
    with district.scope():
        await transact(lambda _unit: SheetImport.all().update(state="FAILED", undone=1))
    assert (await office.apply(looked["id"]))["code"] == "INVALID_TRANSITION"


async def test_that_masked_values_are_compared_with_a_sheet_is_kept(desk: Desk, district: District) -> None:
    await desk.preview(sheet(PEOPLE, ["示例一", number(1), "13800000001", "群众"]))
    await seal_now(district.store)
    with district.scope():
        assert await Event.filter(type="core.searched").count() == len(("idNumber", "partyStatus", "phone"))


async def test_what_a_server_left_is_carried_on_by_the_next_one(desk: Desk, district: District) -> None:
    content = sheet(PEOPLE, *([name(place), number(place), "", ""] for place in range(1, 700)))
    looked = await desk.preview(content)
    named = parse_global_id(looked["id"])
    assert named is not None
    id_ = named[1]
    with district.scope():
        waiting = await SheetImport.get(id=id_)

        async def begin_and_die(_unit: object) -> None:
            begun = await starting.start(
                waiting, update=False, create_places=False, expected_version=None, account_id=None
            )
            job = await sheets.set_to_work(begun, None)
            died = {"state": "RUNNING", "runner": uuid4(), "leased_until": now() - timedelta(seconds=1), "attempts": 1}
            await Job.filter(id=job.id).update(**died)

        await transact(begin_and_die)
    shown = (await desk.client.data(ONE, id=looked["id"]))["sheetImport"]
    done = await desk.settled(shown)
    assert (done["state"], done["created"], done["done"]) == ("APPLIED", 699, 699)


async def test_of_an_erased_person_no_sheet_is_kept_nor_what_undoing_would_give_back(
    desk: Desk, district: District
) -> None:
    await desk.bring_in(sheet(PEOPLE, [name(1), number(1), "13800000001", ""]))
    done = await desk.bring_in(sheet(PEOPLE, [name(1), number(1), "13800000009", ""]), update=True)
    with district.scope():
        person = await _found(1)
        assert person is not None
        assert await SheetEntry.filter(person_id=person.id, before__not_isnull=True).count() == 1
        await transact(lambda _unit: erase(district, person.id))
        assert await SheetEntry.filter(person_id=person.id, before__not_isnull=True).count() == 0
        assert {file.state for file in await File.filter(purpose=SHEET)} == {"GONE"}
        assert await SheetFinding.filter(message__not_isnull=True).count() == 0
        assert {(one.name, one.sha256) for one in await SheetImport.all()} == {(None, None)}
    undone = await desk.undo(done["id"])
    assert (undone["state"], undone["left"]) == ("UNDONE", 1)
