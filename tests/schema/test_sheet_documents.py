"""Passports and permits in sheets of people: kept as documents of the person, found by them, and taken back."""

from __future__ import annotations

import pytest

from linli.core.districts import District
from linli.core.people.document_models import IdentityDocument
from linli.core.people.models import Person
from linli.core.privacy.core_holdings import erase
from linli.core.records.encrypted import decrypted
from linli.core.records.events import history
from linli.core.records.provenance import entries
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree
from tests.schema.sheets import Desk, codes, number, sheet

HEADINGS = "姓名 证件类型 证件号码 国籍 联系电话"
JOHN = ["JOHN SMITH", "护照", "ab1234567", "美国", ""]

# Sheets are looked at and written behind, by whoever carries out jobs.
pytestmark = pytest.mark.usefixtures("runner")


@pytest.fixture
async def desk(client: Clients, tree: Tree) -> Desk:
    """Staff of the community."""
    return Desk(await client("community-staff", at=tree.community), tree)


async def _documents(district: District) -> list[tuple[str, str | None, str | None]]:
    with district.scope():
        rows = await IdentityDocument.all().order_by("created_at", "id")
        return [(one.kind, decrypted(one.number), one.country) for one in rows]


async def test_what_a_row_says_of_a_document_is_looked_at_written_and_told(desk: Desk, district: District) -> None:
    content = sheet(
        HEADINGS,
        JOHN,
        ["陈示例", "港澳居民来往内地通行证", "H12345678", "", ""],
        ["林示例", "台胞证", "01234567", "", ""],
        ["示例一", "身份证", number(1), "中国", ""],
    )
    looked = await desk.preview(content)
    assert (looked["state"], looked["created"], codes(looked)) == ("PREVIEWED", 4, [])
    assert await _documents(district) == []
    done = await desk.apply(looked["id"])
    assert (done["created"], done["refused"]) == (4, 0)
    assert sorted(await _documents(district)) == [
        ("HK_MACAO_PERMIT", "H12345678", None),
        ("PASSPORT", "AB1234567", "USA"),
        ("TAIWAN_PERMIT", "01234567", None),
    ]
    await seal_now(district.store)
    with district.scope():
        passport = await IdentityDocument.get(kind="PASSPORT")
        john = await Person.get(name="JOHN SMITH")
        assert (passport.person_id, john.id_number) == (john.id, None)
        assert {(one.source, one.detail) for one in entries(passport).values()} == {("IMPORTED", "名册.csv 第2行")}
        assert [event.type for event in await history(passport.id)] == ["core.document_added"]


async def test_somebody_is_known_again_by_a_document(desk: Desk, district: District) -> None:
    await desk.bring_in(sheet(HEADINGS, JOHN))
    again = await desk.bring_in(sheet(HEADINGS, [*JOHN[:4], "13800000001"]))
    assert (again["created"], again["changed"]) == (0, 1)
    third = await desk.bring_in(sheet("姓名 身份证号 护照号 国籍", ["JOHN SMITH", number(1), "AB1234567", "USA"]))
    assert (third["changed"], codes(third)) == (1, [])
    with district.scope():
        (john,) = await Person.filter(name="JOHN SMITH")
        assert (decrypted(john.phone), decrypted(john.id_number)) == ("13800000001", number(1))
    assert len(await _documents(district)) == 1
    other = await desk.preview(sheet("姓名 身份证号 护照号 国籍", ["JANE DOE", number(2), "AB1234567", "USA"]))
    assert codes(other, "ERROR") == [(2, "DOCUMENT_TAKEN")]
    named = await desk.preview(sheet("姓名 护照号 国籍", ["JANE DOE", "AB1234567", "USA"]))
    assert codes(named, "ERROR") == [(2, "NAME_DIFFERS")]


async def test_what_is_no_document_is_found_at_its_cell_and_what_lacks_its_kind_or_country_is_told(
    desk: Desk, district: District
) -> None:
    content = sheet(
        "姓名 证件类型 其他证件号 国籍 联系电话",
        ["示例甲", "港澳通行证", "X123", "", "13800000001"],
        ["示例乙", "护照", "E1234567", "", "13800000002"],
        ["示例丙", "", "E1234568", "", "13800000003"],
        ["示例丁", "护照", "E1234569", "火星", "13800000004"],
        ["示例戊", "飞行执照", "12", "", "13800000005"],
    )
    done = await desk.bring_in(content)
    assert codes(done) == [
        (2, "DOCUMENT_SHAPE"),
        (3, "DOCUMENT_COUNTRY"),
        (4, "DOCUMENT_KIND_UNKNOWN"),
        (5, "COUNTRY"),
        (5, "DOCUMENT_COUNTRY"),
        (6, "DOCUMENT_KIND_UNKNOWN"),
    ]
    assert (done["created"], done["refused"]) == (4, 1)
    assert await _documents(district) == [("OTHER", "E1234568", None), ("OTHER", "12", None)]


async def test_documents_go_with_an_undo_and_with_an_erasure(desk: Desk, district: District) -> None:
    first = await desk.bring_in(sheet(HEADINGS, JOHN))
    undone = await desk.undo(first["id"])
    assert (undone["state"], undone["left"], await _documents(district)) == ("UNDONE", 0, [])
    with district.scope():
        assert not await Person.filter(name="JOHN SMITH").exists()
    second = await desk.bring_in(sheet(HEADINGS, JOHN))
    with district.scope():
        john = await Person.get(name="JOHN SMITH")
        await transact(lambda _unit: erase(district, john.id))
        (kept,) = await IdentityDocument.all()
        assert (kept.number, kept.number_index, kept.country, kept.counts) == (None, None, None, None)
        assert {one.detail for one in entries(kept).values()} == {None}
    left = await desk.undo(second["id"])
    assert (left["state"], left["left"]) == ("UNDONE", 2)
