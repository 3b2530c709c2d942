"""What stands in an exported ledger: what the viewer sees and no more, and what was shown in full is kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from linli.core.districts import District
from linli.core.files.models import File
from linli.core.graph import services as graph
from linli.core.graph.models import OrgNode
from linli.core.jobs.models import Timer
from linli.core.people import services as people
from linli.core.people.models import Person
from linli.core.records.events import payloads
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.schema.files.conftest import upload
from tests.schema.ledgers.office import answered, asked, content_of, exported, opened

Events = Callable[[], Awaitable[list[Event]]]
NUMBER, PHONE = "430602195206150011", "13800138000"
COUNT = "query ($f: PersonFilter) { people(filter: $f) { totalCount } }"


async def _enter(district: District, home: OrgNode, *names: str, **more: Any) -> list[Person]:
    async def work(_unit: object) -> list[Person]:
        return [await people.create_person(name=name, habitual_residence_id=home.id, **more) for name in names]

    with district.scope():
        return await transact(work)


async def _grid(district: District, community: OrgNode, name: str, code: str) -> OrgNode:
    async def work(_unit: object) -> OrgNode:
        given: dict[str, Any] = {
            "kind": "GRID",
            "name": name,
            "parent_id": community.id,
            "code": code,
            "valid_from": None,
        }
        return await graph.create_org(district.kinds, **given)

    with district.scope():
        return await transact(work)


async def test_residents_stand_beneath_the_heading_of_their_grid_and_the_others_last(
    client: Clients, tree: Tree, district: District
) -> None:
    await _enter(district, tree.grid, "示例赵", "示例钱")
    await _grid(district, tree.community, "第二网格", "430602003006-G002")
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.community)
    (name,) = book.sheets
    assert name == "观音阁社区 网格居民花名册"
    assert book.only[0][0] == "观音阁社区 网格居民花名册"
    assert book.groups == ["第一网格 (2)", "第二网格 (0)", "其他 (2)"]
    assert book.column("姓名") == ["示例赵", "示例钱", "示例丙", "示例戊"]
    assert book.column("序号") == [1, 2, 3, 4]
    assert "以系统记录为准" in book.only[1][0]
    assert "岳阳市岳阳楼区" in book.only[1][0]
    assert "2026-03-09 08:00" in book.only[1][0]


async def test_each_group_may_have_a_sheet_of_its_own(client: Clients, tree: Tree, district: District) -> None:
    await _enter(district, tree.grid, "示例赵")
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.community, layout="SHEETS")
    assert list(book.sheets) == ["第一网格", "其他"]
    assert book.column("姓名") == ["示例赵", "示例丙", "示例戊"]


async def test_staff_of_another_street_get_nobody_of_it(client: Clients, tree: Tree) -> None:
    stranger = await client("community-staff", at=tree.other_community)
    assert (await asked(stranger, "core.residents", tree.community))["count"] == 0
    book = await exported(stranger, "core.residents", tree.community)
    assert book.column("姓名") == []
    anybody = await client()
    refused = await anybody.query('{ ledger(code: "core.residents", under: "x") { count } }')
    assert refused.codes == ["UNAUTHENTICATED"]


async def test_without_a_purpose_values_are_masked_as_in_the_api(
    client: Clients, tree: Tree, district: District, events: Events
) -> None:
    await _enter(district, tree.grid, "示例赵", id_number=NUMBER, phone=PHONE, party_status="中共党员")
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.grid)
    assert book.column("身份证号") == ["430602********0011"]
    assert book.column("电话") == ["138****8000"]
    assert book.column("政治面貌") == [""]
    assert book.column("出生日期") == [""]
    (told,) = [one for one in await events() if one.type == "core.ledger_exported"]
    assert told.org_id == tree.grid.id


async def test_with_a_purpose_they_are_whole_and_one_event_tells_of_it(
    client: Clients, tree: Tree, district: District
) -> None:
    await _enter(district, tree.grid, "示例赵", id_number=NUMBER, phone=PHONE, gender="MALE")
    await _enter(district, tree.grid, "示例钱", phone=PHONE)
    secretary = await client("community-secretary", at=tree.community)
    book = await exported(secretary, "core.residents", tree.community, purpose="  核对户籍信息 ")
    assert book.column("身份证号")[0] == NUMBER
    assert book.column("电话")[:2] == [PHONE, PHONE]
    assert book.column("性别")[0] == "男"
    assert book.column("出生日期")[0].isoformat() == "1952-06-15"
    assert "用途：核对户籍信息" in book.only[1][0]
    told = await _told(district)
    assert told == [
        {
            "ledger": "core.residents",
            "rows": 4,
            "people": 2,
            "fields": ["birthDate", "gender", "idNumber", "phone"],
            "filters": [],
            "purpose": "核对户籍信息",
            "template": None,
            "operator": None,
        }
    ]


async def _told(district: District) -> list[dict[str, Any]]:
    with district.scope():
        found = await Event.filter(type="core.ledger_exported").order_by("at")
        known = await payloads(found, district.event_types)
    return [known[one.id].model_dump(mode="json") for one in found]  # type: ignore[union-attr]


async def test_a_purpose_is_refused_to_who_may_reveal_nobody_there_and_nothing_is_written(
    client: Clients, tree: Tree, district: District
) -> None:
    for nobody in (await client(person=tree.resident), await client("street-official", at=tree.other_street)):
        refused = await answered(nobody, "core.residents", tree.community, purpose="核对户籍信息")
        assert (refused["code"], refused["details"]) == ("FORBIDDEN", {"permission": "core.person.reveal"})
    secretary = await client("community-secretary", at=tree.community)
    short = await answered(secretary, "core.residents", tree.community, purpose="x")
    assert short["fields"][0]["code"] == "PURPOSE"
    with district.scope():
        assert await File.all().count() == 0
    assert await _told(district) == []


async def test_rows_where_the_permission_is_not_held_stay_masked(
    client: Clients, tree: Tree, district: District
) -> None:
    await _enter(district, tree.community, "示例赵", phone=PHONE)
    await _enter(district, tree.other_community, "示例钱", phone=PHONE)
    official = await client("community-secretary", at=tree.community)
    book = await exported(official, "core.residents", tree.root, purpose="核对户籍信息", groupBy="none")
    assert book.column("姓名") == ["示例丙", "示例戊", "示例赵"]
    assert (await _told(district))[0]["people"] == 1


async def test_the_file_is_the_exporters_alone_for_a_day(client: Clients, tree: Tree, district: District) -> None:
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.community)
    assert (answer["purpose"], answer["contentClass"], answer["state"]) == ("core.ledger", "PERSONAL", "PENDING")
    assert answer["name"] == "网格居民花名册 观音阁社区.xlsx"
    assert answer["expiresAt"] == "2026-03-10T08:00:00+08:00"
    assert opened(await content_of(staff, answer["url"])).column("姓名") == ["示例丙", "示例戊"]
    with district.scope():
        assert await Timer.filter(kind="core.file_expiry").count() == 1
    other = await client("community-staff", at=tree.community)
    assert await other.data("query ($id: ID!) { file(id: $id) { name } }", id=answer["id"]) == {"file": None}


async def test_nobody_uploads_a_ledger(client: Clients, tree: Tree) -> None:
    admin = await client("district-admin")
    answer = await upload(admin, b"PK\x03\x04", "core.ledger")
    assert answer.code == "VALIDATION"
    assert "core.consent_evidence" in str(answer.body)
    assert "core.ledger" not in str(answer.body)


async def test_the_count_is_what_people_counts_beneath_the_same_node(
    client: Clients, tree: Tree, district: District
) -> None:
    await _enter(district, tree.grid, *(f"示例{number}" for number in range(7)))
    staff = await client("street-official", at=tree.street)
    homes = [global_id("OrgNode", node.id) for node in (tree.street, tree.community, tree.grid)]
    counted = await staff.data(COUNT, f={"habitualResidence": {"id": {"in": homes}}})
    found = await asked(staff, "core.residents", tree.street, first=3)
    assert (found["count"], len(found["rows"])) == (counted["people"]["totalCount"], 3)
    assert len((await exported(staff, "core.residents", tree.street)).column("姓名")) == found["count"] == 9


async def test_names_that_begin_like_formulas_are_texts(client: Clients, tree: Tree, district: District) -> None:
    names = ("=1+1", "+cmd", "-2", "@SUM(A1)", '=HYPERLINK("http://x")')
    await _enter(district, tree.grid, *names)
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid)
    content = await content_of(staff, answer["url"])
    assert opened(content).column("姓名") == list(names)
    assert b"<f>" not in _sheet(content)


def _sheet(content: bytes) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


async def test_it_is_made_to_be_printed(client: Clients, tree: Tree) -> None:
    staff = await client("community-staff", at=tree.community)
    answer = await answered(staff, "core.residents", tree.grid)
    sheet = _sheet(await content_of(staff, answer["url"]))
    assert b'orientation="landscape"' in sheet
    assert b'paperSize="9"' in sheet
    assert b'state="frozen"' in sheet
    assert b'fitToHeight="0"' in sheet


async def test_an_empty_ledger_has_its_headings(client: Clients, tree: Tree) -> None:
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.things", tree.community)
    assert book.only[2] == ["序号", "类型", "名称", "编号", "所在组织", "所在房屋", "责任微网格", "起始日期"]
    assert len(book.only) == 3


async def test_columns_come_as_asked_and_unknown_words_are_refused_with_the_nearest(
    client: Clients, tree: Tree
) -> None:
    staff = await client("community-staff", at=tree.community)
    book = await exported(staff, "core.residents", tree.grid, columns=["phone", "name"])
    assert book.only[2] == ["序号", "电话", "姓名"]
    for given, path, near in (
        ({"columns": ["nam"]}, "columns.0", "name"),
        ({"groupBy": "grids"}, "groupBy", "grid"),
        ({"filters": [{"key": "agefrom", "values": ["60"]}]}, "filters", "ageFrom"),
        ({"template": "roster"}, "template", "-"),
    ):
        (problem,) = (await answered(staff, "core.residents", tree.grid, **given))["fields"]
        assert (problem["path"], problem["code"]) == (path, "UNKNOWN")
        assert near in problem["message"]
    (problem,) = (await answered(staff, "core.resident", tree.grid))["fields"]
    assert (problem["path"], "core.residents" in problem["message"]) == ("code", True)
    (dated,) = (await answered(staff, "core.residents", tree.grid, asOf="2025-01-01T00:00:00+08:00"))["fields"]
    assert dated["code"] == "NOT_DATED"


async def test_the_same_request_twice_is_one_file(client: Clients, tree: Tree, district: District) -> None:
    staff = await client("community-staff", at=tree.community)
    first = await answered(staff, "core.residents", tree.community, requestId="r1")
    again = await answered(staff, "core.residents", tree.community, requestId="r1")
    assert first["id"] == again["id"]
    assert len(await _told(district)) == 1


async def test_filters_by_masked_values_need_the_permission_and_are_recorded(
    client: Clients, tree: Tree, district: District, events: Events
) -> None:
    await _enter(district, tree.grid, "示例老", id_number=NUMBER)
    await _enter(district, tree.grid, "示例少", birth_date=date(2010, 1, 1))
    elders = [{"key": "ageFrom", "values": ["60"]}]
    secretary = await client("community-secretary", at=tree.community)
    book = await exported(secretary, "core.residents", tree.community, filters=elders)
    assert book.column("姓名") == ["示例老"]
    assert [one.type for one in await events()].count("core.searched") == 1
    staff = await client(person=tree.resident)
    refused = await answered(staff, "core.residents", tree.community, filters=elders)
    assert refused["code"] == "FORBIDDEN"


@pytest.mark.linli(plugins=["venues"])
async def test_every_ledger_can_be_exported_and_is_told_with_its_parts(client: Clients, tree: Tree) -> None:
    boss = await client("street-official", at=tree.street)
    listed = (await boss.data("{ ledgers { code title dated columns { key title contentClass } groups { key } } }"))[
        "ledgers"
    ]
    codes = [one["code"] for one in listed]
    assert codes == [
        *("core.residents", "core.households", "core.owners", "core.tenants", "core.in_service"),
        *("core.posts", "core.units", "core.things", "venues.shared", "venues.bookings"),
    ]
    classes = {one["key"]: one["contentClass"] for one in listed[0]["columns"]}
    assert (classes["name"], classes["idNumber"]) == ("PERSONAL", "SENSITIVE")
    for one in listed:
        for group in one["groups"]:
            book = await exported(boss, one["code"], tree.street, groupBy=group["key"])
            headings = next(iter(book.sheets.values()))[2]
            assert headings == ["序号", *(column["title"] for column in one["columns"])]


async def test_a_district_without_the_plugin_has_none_of_its_ledgers(client: Clients, tree: Tree) -> None:
    boss = await client("street-official", at=tree.street)
    listed = (await boss.data("{ ledgers { code } }"))["ledgers"]
    assert [one["code"] for one in listed if one["code"].startswith("venues.")] == []
    (problem,) = (await answered(boss, "venues.shared", tree.street))["fields"]
    assert problem["code"] == "UNKNOWN"
