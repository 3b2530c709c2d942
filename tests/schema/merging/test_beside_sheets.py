"""A merge while a sheet is being written that speaks of one of the two: what it wrote is the kept person's."""

from __future__ import annotations

import asyncio

import pytest

from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.registry.models import Tenure
from linli.core.sheet_imports.models import SheetEntry
from linli.schema.testing import Client, Clients, Tree
from tests.schema.merging.conftest import CONFIRM, NUMBER, PROPOSE, Twins, pair
from tests.schema.sheets import APPLY, ONE, Desk, name, number, sheet

ROWS = 700

# Sheets are looked at and written behind, by whoever carries out jobs.
pytestmark = pytest.mark.usefixtures("runner")


@pytest.mark.parametrize("written_before", [False, True], ids=["before its row", "after its row"])
async def test_a_merge_beside_a_sheet_leaves_all_with_the_kept_person_and_the_undo_right(
    *,
    twins: Twins,
    secretary: Client,
    street: Client,
    client: Clients,
    tree: Tree,
    district: District,
    written_before: bool,
) -> None:
    desk = Desk(await client("community-staff", at=tree.community), tree)
    twin, others = ["示例重名", NUMBER, "501"], [[name(it), number(it), ""] for it in range(1, ROWS)]
    looked = await desk.preview(sheet("姓名 身份证号 房号", *([twin, *others] if written_before else [*others, twin])))
    proposed = await secretary.mutate(PROPOSE, input=pair(twins.one, twins.other))
    shown = await desk.client.mutate(APPLY, input={"importId": looked["id"]})
    while shown["done"] == 0:
        await asyncio.sleep(0.01)
        shown = (await desk.client.data(ONE, id=looked["id"]))["sheetImport"]
    assert shown["state"] == "RUNNING", "the merge is to come in the midst"
    merged = await street.mutate(CONFIRM, input={"id": proposed["merge"]["id"]})
    assert merged.get("state") == "MERGED", merged
    done = await desk.settled(shown)
    assert (done["state"], done["created"], done["refused"]) == ("APPLIED", ROWS, 0)
    with district.scope():
        assert await Person.filter(id=twins.other.id, merged_into=twins.one.id).exists()
        assert not await SheetEntry.filter(person_id=twins.other.id).exists()
        assert [one.person_id for one in await Tenure.all()] == [twins.one.id]
        assert await Person.filter(id_number_index=None, name="示例重名").count() == 1, "nobody is entered a third time"
    undone = await desk.undo(done["id"])
    assert undone["state"] == "UNDONE"
    with district.scope():
        assert not await Person.filter(name=name(1)).exists()
        assert {one.id for one in await Person.filter(name="示例重名")} == {twins.one.id, twins.other.id}
        # what the merge moved is changed since: it stays with its home, and that is told
        left = {"core_premises", "core_tenure"} if written_before else set()
        assert (await Tenure.all().count(), undone["left"]) == (len(left) // 2, len(left))
