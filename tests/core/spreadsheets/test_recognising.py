from __future__ import annotations

import pytest

from linli.core.errors import ValidationError
from linli.core.spreadsheets import SheetKind, open_workbook, recognised
from tests.core.spreadsheets.conftest import HEADER, ID, codes, csv, data, read, taken, xlsx

PERSON = (1, "张三", "女", ID, "1949-12-31", "13800001111", "群众", "3栋2单元501")


def refusal(content: bytes, **options: object) -> str:
    with pytest.raises(ValidationError) as error:
        recognised(open_workbook(content), **options)  # type: ignore[arg-type]
    return error.value.problems[0].code


def test_a_plain_sheet_of_people_is_recognised() -> None:
    found, rows = read(xlsx([HEADER, PERSON]))
    assert (found.kind, found.header_rows, found.missing) == (SheetKind.PEOPLE, (1,), ())
    assert taken(found)["身份证号码"] == "person.idNumber"
    assert {key: value for key, value in rows[0].values.items() if key.startswith("place")} == {
        "place.address": "3栋2单元501",
        "place.building": "3",
        "place.unit": "2",
        "place.number": "501",
    }
    assert [one.code for one in found.findings] == ["COLUMN_NOT_KEPT"]  # 序号


def test_the_header_is_found_below_titles_and_lines_of_who_filled_it_in() -> None:
    above = [("幸福社区居民花名册",), ("填表单位：幸福社区", "", "", "日期：2026年11月"), ()]
    found, rows = read(xlsx([*above, HEADER, PERSON], merges=[(0, 0, 0, 7, "幸福社区居民花名册")]))
    assert (found.header_rows, found.first_row, rows[0].number) == ((4,), 5, 5)


def test_headers_of_two_levels_are_joined() -> None:
    lines = [
        ("", "", "", "", "", ""),
        ("", "", "楼栋", "房号", "姓名", "电话"),
        (1, 88.5, "3栋", "501", "张三", "13800001111"),
    ]
    merges = [(0, 0, 1, 0, "序号"), (0, 1, 1, 1, "建筑面积"), (0, 2, 0, 3, "房屋信息"), (0, 4, 0, 5, "业主")]
    found, rows = read(xlsx(lines, merges=merges))
    assert found.header_rows == (1, 2)
    assert taken(found) | {"序号": None} == {
        "序号": None,
        "建筑面积": "premises.area",
        "房屋信息/楼栋": "place.building",
        "房屋信息/房号": "place.number",
        "业主/姓名": "owner.name",
        "业主/电话": "owner.phone",
    }
    assert rows[0].values["owner.name"] == "张三"


def test_two_levels_are_seen_in_text_files_too() -> None:
    lines = [
        ("姓名", "身份证号", "住址", "", ""),
        ("", "", "楼栋", "单元", "房号"),
        ("张三", ID, "3栋", "2单元", "501"),
    ]
    found, rows = read(csv(lines))
    assert found.header_rows == (1, 2)
    assert (rows[0].values["place.building"], rows[0].values["place.number"]) == ("3", "501")


def test_the_phone_of_somebody_to_be_called_is_nobodys_own() -> None:
    lines = [("姓名", "性别", "紧急联系人", ""), ("", "", "姓名", "电话"), ("张三", "男", "李四", "13800001111")]
    found, rows = read(xlsx(lines, merges=[(0, 2, 0, 3, "紧急联系人")]))
    assert rows[0].values == {"person.name": "张三", "person.gender": "MALE"}
    assert found.header_rows == (1, 2)


def test_what_stands_above_tells_owners_from_tenants() -> None:
    lines = [
        ("楼栋", "房号", "房主信息", "", "租户信息", ""),
        ("", "", "姓名", "电话", "姓名", "电话"),
        ("3", "501", "张三", "", "李四", ""),
    ]
    found, rows = read(xlsx(lines, merges=[(0, 2, 0, 3, "房主信息"), (0, 4, 0, 5, "租户信息")]))
    assert found.kind is SheetKind.PREMISES
    assert rows[0].values == {"place.building": "3", "place.number": "501", "owner.name": "张三"}


def test_in_a_sheet_of_households_the_member_is_the_person() -> None:
    header = ("户主姓名", "家庭成员姓名", "与户主关系", "身份证号", "现住址")
    found, rows = read(xlsx([header, ("张三", "李四", "妻", ID, "翠园3-2-501")]))
    assert (found.kind, rows[0].values["person.name"]) == (SheetKind.PEOPLE, "李四")


def test_a_list_of_grid_officers_is_one_of_posts() -> None:
    lines = [("网格员信息表",), ("网格名称", "网格员姓名", "职务"), ("第一网格", "张三", "微网格员")]
    assert data(xlsx(lines)) == [
        {"post.org": "第一网格", "person.name": "张三", "post.kind": "MICRO_GRID_OFFICER"},
    ]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (("姓名", "性别", "身份证号", "政治面貌", "工作单位"), SheetKind.PEOPLE),
        (("楼栋", "单元", "房号", "建筑面积", "业主姓名", "业主电话"), SheetKind.PREMISES),
        (("楼栋", "房号", "面积", "姓名", "电话"), SheetKind.PREMISES),
        (("单位名称", "统一社会信用代码", "单位性质", "地址", "联系电话"), SheetKind.UNITS),
        (("姓名", "职务", "所在网格", "联系电话"), SheetKind.POSTS),
    ],
)
def test_the_kind_is_told_from_the_columns(header: tuple[str, ...], kind: SheetKind) -> None:
    found, _ = read(xlsx([header, ("甲",) * len(header)]))
    assert (found.kind, found.missing) == (kind, ())


def test_a_heading_is_known_with_stars_brackets_and_line_breaks() -> None:
    header = ("*姓  名", "身份证号\n（18位）", "联系\n电话：", "出生日期(必填)", "性 别")
    found, _ = read(xlsx([header, ("张三", ID, "13800001111", "1949-12-31", "女")]))
    assert None not in taken(found).values()


def test_hidden_sheets_are_read_only_by_name() -> None:
    content = xlsx(("旧", [HEADER, PERSON, PERSON]), ("新", [HEADER, PERSON]), hidden=["旧"])
    assert read(content)[0].sheet == "新"
    assert len(read(content, sheet="旧")[1]) == 2


def test_of_several_sheets_the_fullest_is_read_and_the_others_are_told() -> None:
    found, _ = read(xlsx(("说明", [("请认真填写",)]), ("一组", [HEADER, PERSON]), ("二组", [HEADER, PERSON, PERSON])))
    assert found.sheet == "二组"
    assert [one.message.params["others"] for one in found.findings if one.code == "OTHER_SHEETS"] == ["一组"]


def test_a_sheet_without_a_header_is_told_and_read_by_a_mapping() -> None:
    content = xlsx([("张三", ID, "13800001111"), ("李四", "", "13800002222")])
    found, rows = read(content)
    assert ([one.code for one in found.findings], rows) == (["NO_HEADER"], [])
    mapped = data(content, kind=SheetKind.PEOPLE, mapping={0: "person.name", "B": "person.idNumber", 2: None})
    assert mapped == [{"person.name": "张三", "person.idNumber": ID}, {"person.name": "李四"}]


def test_a_mapping_overrides_what_is_recognised() -> None:
    content = xlsx([("姓名", "号码", "电话"), ("张三", "13800001111", "13800002222")])
    values = data(content, mapping={"号码": "person.phone", "电话": None})
    assert values == [{"person.name": "张三", "person.phone": "13800001111"}]
    assert data(content, mapping={"号码": "person.phone"}) == values


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"sheet": "没有"}, "SHEET_UNKNOWN"),
        ({"mapping": {"姓名": "person.nam"}}, "FIELD_UNKNOWN"),
        ({"mapping": {99: "person.name"}}, "COLUMN_UNKNOWN"),
        ({"mapping": {"没有": "person.name"}}, "COLUMN_UNKNOWN"),
        ({"mapping": {-1: "person.name"}}, "COLUMN_UNKNOWN"),
    ],
)
def test_a_wrong_choice_is_refused(options: dict[str, object], code: str) -> None:
    assert refusal(xlsx([HEADER, PERSON]), **options) == code


def test_unknown_columns_are_told_with_what_is_near() -> None:
    found, _ = read(xlsx([("姓名", "性别", "身份征号码", "养犬情况"), ("张三", "男", ID, "无")]))
    told = {one.column: (one.code, found.columns[one.column or 0].guess) for one in found.findings}
    assert told == {2: ("COLUMN_UNKNOWN", "person.idNumber"), 3: ("COLUMN_UNKNOWN", None)}


def test_of_two_columns_of_one_meaning_the_one_called_just_so_is_read() -> None:
    found, rows = read(xlsx([("姓名", "手机", "联系电话"), ("张三", "13800001111", "13800002222")]))
    assert rows[0].values["person.phone"] == "13800002222"
    assert [(one.code, one.column) for one in found.findings] == [("COLUMN_TWICE", 1)]


def test_what_a_kind_cannot_do_without_is_an_error_and_nothing_is_read() -> None:
    found, rows = read(xlsx([("性别", "身份证号", "政治面貌"), ("女", ID, "群众")]))
    assert (found.missing, rows) == (("person.name",), [])
    assert "COLUMN_MISSING" in [one.code for one in found.findings]


def test_samples_of_personal_and_unknown_columns_are_masked() -> None:
    found, _ = read(
        xlsx([("姓名", "身份证号", "联系电话", "小区", "养犬情况"), ("张三", ID, "13800001111", "翠园", "两只")])
    )
    assert [one.sample for one in found.columns] == [
        ("张*",),
        ("110105********002X",),
        ("138****1111",),
        ("翠园",),
        ("两*",),
    ]


def test_an_empty_workbook_is_refused() -> None:
    assert refusal(xlsx([])) == "FILE_EMPTY"


def test_a_row_of_people_without_a_name_is_wrong() -> None:
    _, rows = read(xlsx([HEADER, (2, "", "女", ID, "", "", "", "")]))
    assert codes(rows[0]) == ["VALUE_MISSING"]
