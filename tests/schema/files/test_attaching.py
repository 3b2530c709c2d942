"""Mutations that take file ids: all or none of them, each once, and of one's own."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.files.models import File
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.models import Event
from linli.core.records.record import new_id
from linli.schema.scalars import global_id
from linli.schema.testing import Clients, Tree
from tests.schema.files.conftest import ADD, EVIDENCE, REMOVE, SEEN, Office, fetch, pdf, picture, upload

pytestmark = pytest.mark.linli(plugins=["venues"])


async def add(office: Office, *ids: str, **more: Any) -> Any:
    return await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": list(ids), **more})


async def test_photos_stay_in_the_order_in_which_they_were_added(office: Office) -> None:
    ids = [(await upload(office.owner, picture(size=(size, size)))).id for size in (8, 16, 24)]
    await add(office, ids[2], ids[0])
    answer = await add(office, ids[1])
    assert [one["id"] for one in answer["photos"]["nodes"]] == [ids[2], ids[0], ids[1]]
    assert answer["version"] == 3


async def test_a_file_that_cannot_be_used_is_refused_and_none_of_the_others_is(
    office: Office, client: Clients, tree: Tree, district: District, clock: FrozenClock
) -> None:
    good, taken = await upload(office.owner, picture()), await upload(office.owner, picture())
    assert "photos" in await add(office, taken.id)
    other_owner = await client("unit-admin", at=tree.partner)
    anothers = await upload(other_owner, picture())
    evidence = await upload(office.staff, pdf(), EVIDENCE, "a.pdf")
    for wrong, code in [
        (taken.id, "FILE_TAKEN"),
        (anothers.id, "FILE_UNKNOWN"),
        (evidence.id, "FILE_UNKNOWN"),
        (global_id("File", new_id()), "FILE_UNKNOWN"),
        (office.venue, "NOT_FOUND"),
        ("x", "NOT_FOUND"),
        (good.id, "FILE_TAKEN"),  # twice in one list
    ]:
        refused = await add(office, good.id, wrong)
        assert (refused["code"], refused["path"]) == (code, ["fileIds"]), (wrong, refused)
    assert (await add(office))["code"] == "VALIDATION"
    assert (await add(office, good.id, expectedVersion=9))["code"] == "CONFLICT"
    with district.scope():
        assert Counter([one.state for one in await File.all()]) == {"PENDING": 3, "ATTACHED": 1}
        assert await Event.filter(type="core.file_attached").count() == 1
    clock.advance(clock.now() + timedelta(hours=24))
    assert (await add(office, good.id))["code"] == "FILE_EXPIRED"  # though no timer has fired


async def test_a_file_of_another_purpose_is_refused(client: Clients, tree: Tree, office: Office) -> None:
    boss = office.staff  # may do both
    evidence = await upload(boss, picture(), EVIDENCE)
    refused = await boss.mutate(ADD, input={"venueId": office.venue, "fileIds": [evidence.id]})
    assert refused["code"] == "FILE_PURPOSE"


async def test_a_venue_has_twelve_photos_at_most(office: Office) -> None:
    ids = [(await upload(office.owner, picture(size=(8, 8)))).id for _ in range(13)]
    assert (await add(office, *ids))["code"] == "FILE_TOO_MANY"
    assert (await add(office, *ids[:12]))["photos"]["totalCount"] == 12
    assert (await add(office, ids[12]))["code"] == "FILE_TOO_MANY"


async def test_of_many_who_use_one_file_at_the_same_moment_one_does(office: Office, district: District) -> None:
    one = await upload(office.owner, picture())
    answers = await asyncio.gather(*(add(office, one.id) for _ in range(6)))
    assert sorted(answer.get("code", "ADDED") for answer in answers) == ["ADDED", *["FILE_TAKEN"] * 5]
    with district.scope():
        assert await Event.filter(type="core.file_attached").count() == 1


async def test_a_pending_file_is_seen_by_its_account_alone(office: Office, client: Clients, tree: Tree) -> None:
    one = await upload(office.owner, picture())
    assert (await office.owner.data(SEEN, id=one.id))["file"]["name"] == "photo.jpg"
    for other in (office.nobody, office.neighbour, office.staff, await client("unit-admin", at=tree.unit)):
        assert await other.data(SEEN, id=one.id) == {"file": None}
        assert await other.data("query ($id: ID!) { node(id: $id) { id } }", id=one.id) == {"node": None}


async def test_a_photo_is_destroyed_by_those_who_manage_the_venue_alone(
    office: Office, client: Clients, tree: Tree
) -> None:
    one = await upload(office.owner, picture())
    await add(office, one.id)
    given = {"venueId": office.venue, "fileId": one.id}
    for other in (office.neighbour, await client("unit-admin", at=tree.partner)):
        assert (await other.mutate(REMOVE, input=given))["code"] == "FORBIDDEN"
    assert (await office.owner.mutate(REMOVE, input=given))["version"] == 3
    assert (await office.owner.mutate(REMOVE, input=given))["code"] == "NOT_FOUND"


async def test_what_nobody_used_in_time_is_destroyed_and_its_content_with_it(
    office: Office, district: District, clock: FrozenClock
) -> None:
    idle, used = await upload(office.owner, picture()), await upload(office.owner, picture())
    await add(office, used.id)
    url = (await office.owner.data(SEEN, id=idle.id))["file"]["url"]
    assert len(contents(district)) == 2
    done = await Sweepers([district]).advance(clock.now() + timedelta(hours=25))
    assert (done.fired >= 2, done.failed) == (True, 0)
    await asyncio.sleep(0.2)
    assert len(contents(district)) == 1
    assert await office.owner.data(SEEN, id=idle.id) == {"file": None}
    assert (await fetch(office.owner, url)).status_code == 410
    with district.scope():
        (gone,) = await File.filter(state="GONE")
        assert (gone.name, gone.secret, gone.sha256, gone.given_sha256) == (None, None, None, None)
        assert await Event.filter(type="core.file_discarded").count() == 1
    assert (await office.nobody.data(SEEN, id=used.id))["file"] is not None


def contents(district: District) -> list[Any]:
    return [file for file in district.files.rglob("*") if file.is_file()]


@pytest.mark.linli(plugins=["venues"], settings={"core": {"public_directory": False}})
async def test_photos_are_as_public_as_their_venue(office: Office) -> None:
    one = await upload(office.owner, picture())
    await add(office, one.id)
    assert await office.nobody.data(SEEN, id=one.id) == {"file": None}
    assert (await office.neighbour.data(SEEN, id=one.id))["file"] is not None
