from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.people.in_service import is_member
from linli.core.spreadsheets.cells import Cell, Reading
from linli.core.spreadsheets.dates import read_date
from linli.core.spreadsheets.findings import UnreadError
from linli.core.spreadsheets.identity import read_credit_code, read_document, read_id_number, read_phone
from linli.core.spreadsheets.places import parts, read_building, read_floor, read_number, read_unit
from linli.core.spreadsheets.quantities import read_area, read_share
from linli.core.spreadsheets.texts import read_name, read_title
from linli.core.spreadsheets.words import (
    read_gender,
    read_nature,
    read_party_status,
    read_post,
    read_relation,
    read_tenure,
    read_use,
)
from tests.core.spreadsheets.conftest import ID, id_number

TODAY = date(2026, 11, 28)
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
BORN = st.dates(date(1900, 3, 1), date(2026, 11, 1))

Read = Callable[[Cell, Reading], Any]


def value(read: Read, cell: Cell, **options: Any) -> Any:
    return read(cell, Reading(TODAY, **options))


def noted(read: Read, cell: Cell) -> list[str]:
    reading = Reading(TODAY)
    read(cell, reading)
    return [code for _, code, _ in reading.notes]


def refused(read: Read, cell: Cell) -> str:
    with pytest.raises(UnreadError) as error:
        value(read, cell)
    return error.value.code


@given(BORN, st.integers(1, 999), st.sampled_from(["{}", "'{}", " {} ", "{}\u3000", "\u200e{}", "{}\t"]), st.booleans())
def test_an_id_number_comes_back_whatever_its_spelling(born: date, sequence: int, around: str, wide: bool) -> None:
    number = id_number(born, sequence)
    written = number.lower().translate(FULL_WIDTH) if wide else number
    assert value(read_id_number, around.format(written)) == number


@pytest.mark.parametrize("written", [ID, ID.lower(), "110105 19491231 002X", "110105-19491231-002x", ID[:-1] + "×"])
def test_an_id_number_may_be_parted_and_end_in_any_x(written: str) -> None:
    assert value(read_id_number, written) == ID


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (110105194912310016.0, "ID_NUMBER_ROUNDED"),
        (110105194912310016, "ID_NUMBER_ROUNDED"),
        ("1.10105E+17", "ID_NUMBER_ROUNDED"),
        ("110105194912310000", "ID_NUMBER_ROUNDED"),
        ("110105491231002", "OLD_ID_NUMBER"),
        (110105491231002.0, "OLD_ID_NUMBER"),
        ("E12345678", "OTHER_DOCUMENT"),
        ("H1234567890", "OTHER_DOCUMENT"),
        ("11010519491231002", "ID_NUMBER_SHAPE"),
        ("110105194902300025", "ID_NUMBER_DATE"),
        ("110105194912310021", "ID_NUMBER_CHECKSUM"),
    ],
)
def test_a_wrong_id_number_is_refused_with_its_reason(cell: Cell, code: str) -> None:
    assert refused(read_id_number, cell) == code


@given(st.floats(1e17, 9e17))
def test_no_id_number_is_made_from_a_number_that_lost_its_digits(number: float) -> None:
    assert refused(read_id_number, number) == "ID_NUMBER_ROUNDED"


def test_a_document_is_spelt_as_documents_are() -> None:
    assert value(read_document, " ｅ1234 5678 ") == "E12345678"


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (13800001111.0, "13800001111"),
        ("138 0000 1111", "13800001111"),
        ("138-0000-1111", "13800001111"),
        ("+86 13800001111", "13800001111"),
        ("008613800001111", "13800001111"),
        ("１３８００００１１１１", "13800001111"),
        ("0851-86825000", "0851-86825000"),
        ("(0851)86825000", "0851-86825000"),
        ("085186825000", "0851-86825000"),
        ("010-62345678-801", "010-62345678-801"),
        ("86825000", "86825000"),
        ("400-800-1234", "4008001234"),
    ],
)
def test_phones_are_read_in_every_spelling(cell: Cell, phone: str) -> None:
    assert value(read_phone, cell) == phone


def test_of_several_phones_the_first_is_taken_with_a_warning() -> None:
    assert value(read_phone, "13800001111/13900002222") == "13800001111"
    assert noted(read_phone, "13800001111、13900002222") == ["PHONE_SEVERAL"]


@pytest.mark.parametrize(
    ("cell", "code"), [("1380000111", "PHONE"), ("1.38E+10", "PHONE_ROUNDED"), ("见备注", "PHONE"), (";", "PHONE")]
)
def test_what_is_no_phone_is_refused(cell: Cell, code: str) -> None:
    assert refused(read_phone, cell) == code


DATES = st.sampled_from(
    [
        "{0:%Y}-{0.month}-{0.day}",
        "{0:%Y.%m.%d}",
        "{0:%Y/%m/%d}",
        "{0:%Y%m%d}",
        "{0:%Y}年{0.month}月{0.day}日",
        "'{0:%Y-%m-%d}",
        "{0:%Y-%m-%d} 00:00:00",
        "{0:%Y}. {0.month}. {0.day}",
        "{0:%Y年%m月%d号}",
    ]
)


@given(BORN, DATES, st.booleans())
def test_a_date_comes_back_whatever_its_spelling(born: date, spelling: str, wide: bool) -> None:
    written = spelling.format(born)
    assert value(read_date, written.translate(FULL_WIDTH) if wide else written) == born


@given(BORN)
def test_a_serial_is_the_date_that_the_program_shows(born: date) -> None:
    serial = (born - date(1899, 12, 30)).days
    if 1850 <= serial < 2150:
        assert refused(read_date, float(serial)) == "DATE_INCOMPLETE"
        return
    assert value(read_date, float(serial)) == born
    later = serial - 1462
    if later > 0 and not 1850 <= later < 2150:
        assert value(read_date, float(later), from_1904=True) == born


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (datetime(1952, 6, 15, 8, tzinfo=UTC), date(1952, 6, 15)),
        (19520615.0, date(1952, 6, 15)),
        ("一九五二年六月十五日", date(1952, 6, 15)),
        ("二〇二六年十一月二十八日", date(2026, 11, 28)),
        ("6/15/1952", date(1952, 6, 15)),
        ("19160", date(1952, 6, 15)),
        (1.0, date(1900, 1, 1)),
        (61.0, date(1900, 3, 1)),
    ],
)
def test_dates_are_read_as_they_are_meant(cell: Cell, found: date) -> None:
    assert value(read_date, cell) == found


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1952.6", "DATE_INCOMPLETE"),
        (1952.06, "DATE_INCOMPLETE"),
        (195206.0, "DATE_INCOMPLETE"),
        ("1952年", "DATE_INCOMPLETE"),
        ("52.6.15", "DATE_UNCLEAR"),
        ("6/5/1952", "DATE_UNCLEAR"),
        ("1952-02-30", "DATE"),
        ("农历五月初五", "DATE"),
        (60.0, "DATE"),
        (True, "DATE"),
        ("1652-06-15", "DATE_OUT_OF_RANGE"),
    ],
)
def test_what_is_not_one_date_is_refused(cell: Cell, code: str) -> None:
    assert refused(read_date, cell) == code


@given(st.integers(1, 100_000_000), st.sampled_from(["{}", "{}㎡", "{} 平方米", "约{}m²", "{}平", "'{}"]))
def test_an_area_comes_back_whatever_its_spelling(area: int, spelling: str) -> None:
    assert value(read_area, spelling.format(f"{area / 100:.2f}")) == area
    assert value(read_area, area / 100) == area


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0", "AREA_NOT_POSITIVE"),
        (-3.0, "AREA_NOT_POSITIVE"),
        ("两室", "AREA"),
        (True, "AREA"),
        ("2000000", "AREA_TOO_LARGE"),
        ("0.001", "AREA_NOT_POSITIVE"),
    ],
)
def test_what_is_no_area_is_refused(cell: Cell, code: str) -> None:
    assert refused(read_area, cell) == code


def test_areas_are_rounded_with_a_note() -> None:
    assert value(read_area, "1,089.456") == 108946
    assert noted(read_area, 89.456) == ["AREA_ROUNDED"]
    assert noted(read_area, 89.49000000000001) == []


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_share_comes_back_as_fraction_decimal_and_per_cent(one: int, other: int) -> None:
    share = Fraction(min(one, other), max(one, other))
    pair = (share.numerator, share.denominator)
    assert value(read_share, f"{share.numerator}/{share.denominator}") == pair
    assert value(read_share, float(share)) == pair


@pytest.mark.parametrize(
    ("cell", "share"),
    [
        ("50%", (1, 2)),
        ("０．５", (1, 2)),
        ("1／3", (1, 3)),
        ("二分之一", (1, 2)),
        ("33.33%", (3333, 10000)),
        (1.0, (1, 1)),
        ("各1/2", (1, 2)),
        ("100%", (1, 1)),
        ("全部", (1, 1)),
        ("单独所有", (1, 1)),
        (datetime(2026, 1, 2, tzinfo=UTC), (1, 2)),
    ],
)
def test_shares_are_read_in_every_spelling(cell: Cell, share: tuple[int, int]) -> None:
    assert value(read_share, cell) == share


def test_a_share_that_the_program_made_a_date_is_worth_a_look() -> None:
    assert noted(read_share, date(2026, 1, 2)) == ["SHARE_FROM_DATE"]
    assert noted(read_share, 50.0) == ["SHARE_PERCENT"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("3/2", "SHARE_OUT_OF_RANGE"),
        ("0", "SHARE_OUT_OF_RANGE"),
        ("1/0", "SHARE"),
        ("150", "SHARE_OUT_OF_RANGE"),
        ("", "SHARE"),
        ("一半左右", "SHARE"),
    ],
)
def test_what_is_no_share_is_refused(cell: Cell, code: str) -> None:
    assert refused(read_share, cell) == code


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("欧阳 娜娜", "欧阳娜娜"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("John Smith", "John Smith"),
        ("张三（已故）", "张三"),
        ("'张三", "张三"),
    ],
)
def test_names_are_read_without_what_stands_around_them(cell: str, name: str) -> None:
    assert value(read_name, cell) == name


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("张三、李四", "NAME_SEVERAL"),
        ("张三\n李四", "NAME_SEVERAL"),
        ("张三 李四", "NAME_SEVERAL"),
        ("3栋", "NAME"),
        (3.0, "NAME"),
    ],
)
def test_what_is_not_one_name_is_refused(cell: Cell, code: str) -> None:
    assert refused(read_name, cell) == code


def test_titles_lose_spaces_between_chinese_characters_only() -> None:
    assert value(read_title, "贵州 XX 有限 公司") == "贵州XX有限公司"
    assert value(read_title, "ACME Ltd") == "ACME Ltd"


@pytest.mark.parametrize(
    ("read", "cell", "found"),
    [
        (read_gender, "男性", "MALE"),
        (read_gender, 2.0, "FEMALE"),
        (read_relation, "长子", "SON"),
        (read_relation, "儿媳", "DAUGHTER"),
        (read_relation, "02", "HEAD"),
        (read_relation, "51", "PARENT"),
        (read_relation, "户主之妻", "SPOUSE"),
        (read_tenure, "租户", "TENANT"),
        (read_tenure, "按份共有", "CO_OWNER"),
        (read_use, "门面", "COMMERCIAL"),
        (read_nature, "个体工商户", "NEW_ECONOMIC"),
        (read_post, "微网格员", "MICRO_GRID_OFFICER"),
        (read_post, "社区书记", "社区书记"),
        (read_party_status, "党员", "中共党员"),
        (read_party_status, "13", "群众"),
        (read_party_status, "团员", "共青团员"),
    ],
)
def test_words_become_those_of_the_registry(read: Read, cell: Cell, found: str) -> None:
    assert value(read, cell) == found


@pytest.mark.parametrize(
    ("read", "cell", "code", "found"),
    [
        (read_party_status, "积极分子", "PARTY_STATUS_UNKNOWN", "积极分子"),
        (read_relation, "邻居", "RELATION_UNKNOWN", "OTHER"),
        (read_use, "寺庙", "USE_UNKNOWN", "OTHER"),
    ],
)
def test_an_unknown_word_is_worth_a_look(read: Read, cell: Cell, code: str, found: str) -> None:
    assert (noted(read, cell), value(read, cell)) == ([code], found)


@pytest.mark.parametrize(("read", "code"), [(read_gender, "GENDER"), (read_tenure, "TENURE"), (read_nature, "NATURE")])
def test_a_word_that_cannot_be_guessed_is_refused(read: Read, code: str) -> None:
    assert refused(read, "某某") == code


@pytest.mark.parametrize("written", ["党员", "中共正式党员", "预备党员", "01", "02"])
def test_party_members_are_members_to_core(written: str) -> None:
    assert is_member(value(read_party_status, written))


def test_a_credit_code_is_checked_and_never_made_from_a_rounded_number() -> None:
    assert value(read_credit_code, "91350100m000100y43") == "91350100M000100Y43"
    assert refused(read_credit_code, "91350100M000100Y44") == "CREDIT_CODE"
    assert refused(read_credit_code, 9.1350100123456e17) == "CREDIT_CODE_ROUNDED"


@pytest.mark.parametrize(
    ("read", "cell", "found"),
    [
        (read_building, "三号楼", "3"),
        (read_building, 3.0, "3"),
        (read_building, "3#", "3"),
        (read_building, "a栋", "A"),
        (read_building, "翠竹楼", "翠竹楼"),
        (read_unit, "二单元", "2"),
        (read_unit, "2", "2"),
        (read_number, "501室", "501"),
        (read_number, 501.0, "501"),
        (read_number, "0501", "0501"),
        (read_floor, "5层", 5),
        (read_floor, "负一层", -1),
        (read_floor, "B1", -1),
        (read_floor, "5/18", 5),
        (read_floor, "第十二层", 12),
        (read_floor, -1.0, -1),
    ],
)
def test_places_are_read_bare(read: Read, cell: Cell, found: str | int) -> None:
    assert value(read, cell) == found


def test_a_place_that_the_program_made_a_date_is_refused() -> None:
    assert refused(read_number, date(2026, 3, 2)) == "PLACE_IS_DATE"
    assert refused(read_floor, "顶楼") == "FLOOR"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("3栋2单元501", {"building": "3", "unit": "2", "number": "501"}),
        ("幸福小区3栋2单元501室", {"compound": "幸福小区", "building": "3", "unit": "2", "number": "501"}),
        ("3-2-501", {"building": "3", "unit": "2", "number": "501"}),
        ("幸福小区3-2-501", {"compound": "幸福小区", "building": "3", "unit": "2", "number": "501"}),
        ("3号楼501", {"building": "3", "number": "501"}),
        ("三栋二单元5层501号", {"building": "3", "unit": "2", "floor": 5, "number": "501"}),
        ("云岩区中山路12号翠园A栋1单元1203", {"compound": "翠园", "building": "A", "unit": "1", "number": "1203"}),
        ("中山路12号", {}),
        ("3-501", {}),
        ("某村三组", {}),
    ],
)
def test_addresses_are_parted_where_they_are_plain(address: str, found: dict[str, Any]) -> None:
    assert parts(address) == found


@given(
    st.integers(1, 99),
    st.integers(1, 9),
    st.integers(1, 33),
    st.integers(1, 9),
    st.sampled_from(["{}栋{}单元{}", "{}-{}-{}", "{}号楼{}单元{}室", "{}#{}-{}"]),
)
def test_an_address_of_parts_comes_back(building: int, unit: int, floor: int, door: int, spelling: str) -> None:
    number = f"{floor}{door:02d}"
    assert parts(spelling.format(building, unit, number)) == {
        "building": str(building),
        "unit": str(unit),
        "number": number,
    }


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(written: str) -> None:
    for read in (
        read_id_number,
        read_phone,
        read_date,
        read_area,
        read_share,
        read_name,
        read_floor,
        read_building,
        read_gender,
        read_party_status,
        read_relation,
        read_credit_code,
        read_document,
        read_unit,
    ):
        with suppress(UnreadError):  # which is the only one that a sheet's reader expects
            assert value(read, written) is not None
    assert isinstance(parts(written), dict)
