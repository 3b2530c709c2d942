"""An erasure destroys every sheet that speaks of the person: written, only looked at, or being looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from linli.core.districts import District
from linli.core.files.models import File
from linli.core.people.models import Person
from linli.core.people.services import create_person
from linli.core.privacy.core_holdings import erase
from linli.core.records.unit_of_work import transact
from linli.core.sheet_imports import applying
from linli.core.sheet_imports.models import SheetFinding, SheetImport, SheetMention
from linli.schema.testing import Clients, Tree
from tests.schema.sheets import SHEET, Desk, name, number, sheet

PEOPLE = "姓名 身份证号 联系电话"
WHO = "示例一"
ROWS = {
    "by the id number": ["别名", number(1), ""],
    "by the phone": ["别名", "", "13800000001"],
    "by the name alone": [WHO, "", ""],
}

# Sheets are looked at and written behind, by whoever carries out jobs.
pytestmark = pytest.mark.usefixtures("runner")


@pytest.fixture
async def desk(client: Clients, tree: Tree) -> Desk:
    """Staff of the community."""
    return Desk(await client("community-staff", at=tree.community), tree)


async def _enter(district: District, tree: Tree) -> Person:
    given: dict[str, Any] = {"name": WHO, "id_number": number(1), "phone": "13800000001"}
    with district.scope():
        return await transact(lambda _unit: create_person(**given, habitual_residence_id=tree.community.id))


async def _erase(district: District, person: Person) -> None:
    with district.scope():
        await transact(lambda _unit: erase(district, person.id))


async def _gone(district: District, id_: str) -> bool:
    """Whether nothing of a sheet is left that tells of anybody."""
    with district.scope():
        row = await SheetImport.get(id=id_)
        files = await File.filter(subject_id=row.id)
        assert all(not column["sample"] for column in row.columns) == (row.name is None)
        told = await SheetFinding.filter(sheet_import_id=row.id, message__not_isnull=True).count()
        assert (told == 0) or row.name is not None
        assert row.name is not None or not await SheetMention.filter(sheet_import_id=row.id).exists()
        return row.name is None and {file.state for file in files} == {"GONE"}


def _id(shown: dict[str, Any]) -> str:
    from linli.schema.scalars import parse_global_id  # noqa: PLC0415  one name of many

    parsed = parse_global_id(shown["id"])
    assert parsed is not None
    return str(parsed[1])


@pytest.mark.parametrize("how", ROWS)
async def test_a_sheet_that_was_only_looked_at_goes_also_where_the_person_was_entered_later(
    desk: Desk, district: District, tree: Tree, how: str
) -> None:
    looked = await desk.preview(sheet(PEOPLE, ROWS[how], ["无关", "430602195206150012", ""]))
    other = await desk.preview(sheet(PEOPLE, [name(7), number(7), "13800000007"]))
    person = await _enter(district, tree)
    await _erase(district, person)
    assert await _gone(district, _id(looked))
    assert not await _gone(district, _id(other))
    shown = await desk.client.data("query ($id: ID!) { sheetImport(id: $id) { state failure } }", id=looked["id"])
    assert shown["sheetImport"] == {"state": "FAILED", "failure": "FILE_GONE"}
    assert (await desk.apply(looked["id"]))["code"] == "INVALID_TRANSITION"
    assert (await desk.apply(other["id"]))["state"] == "APPLIED"


async def test_a_written_sheet_goes_also_where_it_changed_nothing_of_the_person(
    desk: Desk, district: District, tree: Tree
) -> None:
    person = await _enter(district, tree)
    done = await desk.bring_in(sheet(PEOPLE, [WHO, number(1), "13800000001"]))
    assert done["unchanged"] == 1
    await _erase(district, person)
    assert await _gone(district, _id(done))


@pytest.mark.parametrize("step", ["check", "apply"])
async def test_an_erasure_in_the_midst_of_the_work_ends_it_and_nobody_is_entered_anew(
    desk: Desk, district: District, tree: Tree, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    person = await _enter(district, tree)
    with district.scope():
        before = await Person.all().count()
    real: Callable[..., Awaitable[Any]] = getattr(applying, step)

    async def erased_first(*given: Any, **more: Any) -> Any:
        if step == "check":
            found = await real(*given, **more)
            await transact(lambda _unit: erase(district, person.id))
            return found
        await transact(lambda _unit: erase(district, person.id))
        return await real(*given, **more)

    content = sheet(PEOPLE, [WHO, number(1), ""], ["示例二", "430602195206150012", ""])
    if step == "apply":
        looked = await desk.preview(content)
    monkeypatch.setattr(applying, step, erased_first)
    done = await (desk.preview(content) if step == "check" else desk.apply(looked["id"]))
    assert (done["state"], done["failure"], done["annotated"]) == ("FAILED", "FILE_GONE", None)
    assert await _gone(district, _id(done))
    with district.scope():
        assert await Person.all().count() == before
        assert await File.filter(purpose=SHEET).exclude(state="GONE").count() == 0
