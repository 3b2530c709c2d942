"""What crashes leave: contents without files go after two looks, files without contents are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.core.districts import District
from linli.core.files.keeping import Keeper, leftovers, missing
from linli.core.files.models import File
from linli.core.plugins.health import HealthProblem
from linli.core.records.record import new_id
from linli.schema.testing import Tree
from tests.schema.files.conftest import ADD, Office, picture, upload

pytestmark = pytest.mark.linli(plugins=["venues"])


def kept(district: District) -> list[Path]:
    return [file for file in district.files.rglob("*") if file.is_file()]


async def told(district: District) -> list[str]:
    with district.scope():
        outcomes = await district.hooks.outcomes("linli_check", district=district)
    found: list[HealthProblem] = [problem for one in outcomes for problem in one.value or ()]
    return [problem.message for problem in found]


async def leave(district: District) -> Path:
    """A content that was kept by a process that died before its row was written."""
    staged = district.files / "staging" / "x"
    staged.parent.mkdir(parents=True, exist_ok=True)
    staged.write_bytes(b"left")
    await district.storage.keep(new_id(), staged)
    staged.write_bytes(b"left while it came")
    return staged


async def test_what_belongs_to_no_file_in_two_looks_is_taken_away_and_nothing_else(
    office: Office, district: District
) -> None:
    pending, used = await upload(office.owner, picture()), await upload(office.owner, picture())
    await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": [used.id]})
    assert await told(district) == []
    await leave(district)
    assert len(kept(district)) == 4
    (message,) = await told(district)
    assert message.startswith("2 contents belong to no file")
    keeper = Keeper(district)
    assert await keeper.look() == 0  # one of them may be arriving
    assert len(kept(district)) == 4
    assert await keeper.look() == 2
    assert await keeper.look() == 0
    assert len(kept(district)) == 2
    assert await told(district) == []
    assert pending.status == 201


async def test_what_arrives_between_two_looks_is_left(office: Office, district: District) -> None:
    keeper = Keeper(district)
    assert await keeper.look() == 0
    await leave(district)
    assert await keeper.look() == 0
    await upload(office.owner, picture())
    with district.scope():
        assert len(await leftovers(district)) == 2
    assert len(kept(district)) == 3


async def test_a_file_without_its_content_is_told(office: Office, district: District, tree: Tree) -> None:
    await upload(office.owner, picture())
    (content,) = kept(district)
    content.unlink()
    with district.scope():
        file = await File.get()
        assert await missing(district) == [file.id]
    (message,) = await told(district)
    assert message == f"1 files are without their content, the first is {file.id}."


@pytest.mark.linli(plugins=["venues"], settings={"core": {"file_storage": "tape"}})
async def test_a_storage_that_nothing_gives_is_told_and_takes_nothing(office: Office, district: District) -> None:
    (message,) = await told(district)
    assert "'tape'" in message
    answer = await upload(office.owner, picture())
    assert (answer.status, answer.code) == (500, "INTERNAL")
    assert kept(district) == []
