"""What of a sheet goes after how long, and what stays: the records that it wrote, and that it was brought in."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from linli.core.clock import FrozenClock, now
from linli.core.districts import District
from linli.core.files.models import File
from linli.core.jobs.retention import rules_of
from linli.core.people.models import Person
from linli.core.privacy.retaining import Due, carry_out_batch, due
from linli.core.records.unit_of_work import UnitOfWork, transact
from linli.core.sheet_imports.models import SheetEntry, SheetFinding, SheetImport, SheetMention
from linli.schema.testing import Clients, Tree
from tests.schema.sheets import SHEET, Desk, sheet

# Sheets are looked at and written behind, by whoever carries out jobs.
pytestmark = pytest.mark.usefixtures("runner")


async def _batch(what: Due, _unit: UnitOfWork) -> int:
    return await carry_out_batch(what)


async def _night(district: District) -> None:
    """All rules, as a night carries them out."""
    with district.scope():
        for rule in await rules_of(district):
            what = due(rule, district.settings, district.zone)
            while await transact(partial(_batch, what)):
                pass


async def _left(district: District) -> dict[str, int]:
    with district.scope():
        return {
            "files": await File.filter(purpose__in=[SHEET, "core.annotated_spreadsheet"], state="ATTACHED").count(),
            "findings": await SheetFinding.all().count(),
            "entries": await SheetEntry.all().count(),
            "mentions": await SheetMention.all().count(),
            "names": await SheetImport.filter(name__not_isnull=True).count(),
            "imports": await SheetImport.all().count(),
            "people": await Person.filter(name="示例廿七").count(),
        }


async def test_sheets_go_after_a_month_and_what_they_wrote_stays(
    client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    desk = Desk(await client("community-staff", at=tree.community), tree)
    rows = (["示例廿七", "", "13800000003"], ["示例廿八", "430602195206150012", ""])
    done = await desk.bring_in(sheet("姓名 身份证号 联系电话", *rows))
    await desk.preview(sheet("姓名 身份证号 联系电话", *rows, ["示例廿九", "", "13800000005"]))
    assert (done["created"], done["refused"]) == (1, 1), done
    whole = {"files": 4, "findings": 2, "entries": 1, "mentions": 9, "names": 2, "imports": 2, "people": 1}
    assert await _left(district) == whole
    clock.advance(now() + timedelta(days=29))
    await _night(district)
    assert await _left(district) == whole
    clock.advance(now() + timedelta(days=2))
    await _night(district)
    gone = dict.fromkeys(("files", "findings", "entries", "names"), 0)
    left = await _left(district)
    assert {**left, "mentions": 0} == {**whole, **gone, "mentions": 0}
    await _night(district)
    assert (await _left(district))["mentions"] == 0
