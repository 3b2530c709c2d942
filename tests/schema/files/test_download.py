"""Links: what they answer, to whom, how long, and that nobody makes one up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from tortoise.expressions import Q

from linli.core.access.models import Account
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.files.models import File
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.testing import Clients, Tree
from tests.schema.files.conftest import ADD, EVIDENCE, Office, fetch, pdf, picture, upload

pytestmark = pytest.mark.linli(plugins=["venues"])

LINK = "query ($id: ID!, $for: Int) { file(id: $id) { url(expiresIn: $for) } }"


@pytest.fixture
async def photo(office: Office) -> str:
    """A photo that everybody sees, of several chunks."""
    one = await upload(office.owner, picture("PNG", (700, 500)) + b"", name="球场 一.png")
    await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": [one.id]})
    return one.id


async def link(client: object, id_: str, seconds: int | None = None) -> str:
    asked = await client.data(LINK, id=id_, **({"for": seconds}))  # type: ignore[attr-defined]
    return str(asked["file"]["url"])


async def test_a_link_answers_the_content_with_what_browsers_need(office: Office, photo: str) -> None:
    answer = await fetch(office.nobody, await link(office.nobody, photo))
    headers = answer.headers
    assert answer.status_code == 200
    assert headers["content-type"] == "image/png"
    assert headers["content-disposition"].startswith("inline; filename=")
    assert headers["content-disposition"].endswith("filename*=UTF-8''%E7%90%83%E5%9C%BA%20%E4%B8%80.png")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"] == "private, no-cache"
    again = await fetch(office.nobody, await link(office.nobody, photo), **{"if-none-match": headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await office.nobody.http.head(await link(office.nobody, photo))
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-0", 206, slice(0, 1)),
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=0-999999999", 206, slice(0, None)),
        ("bytes=-999999999", 206, slice(0, None)),
        ("bytes=5-2", 200, slice(0, None)),
        ("bytes=0-1,3-4", 200, slice(0, None)),
        ("lines=0-1", 200, slice(0, None)),
        ("bytes=-", 200, slice(0, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
    ],
)
async def test_a_part_is_answered_as_asked(office: Office, photo: str, asked: str, status: int, part: slice) -> None:
    url = await link(office.nobody, photo)
    whole = (await fetch(office.nobody, url)).content
    answer = await fetch(office.nobody, url, range=asked)
    assert answer.status_code == status
    assert answer.content == (b"" if status == 416 else whole[part])
    if status == 206:
        first = part.indices(len(whole))[0]
        assert answer.headers["content-range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(whole)}"
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"


async def test_a_part_of_another_version_is_the_whole(office: Office, photo: str) -> None:
    url = await link(office.nobody, photo)
    assert (await fetch(office.nobody, url, **{"range": "bytes=0-1", "if-range": '"other"'})).status_code == 200


async def test_a_link_lasts_as_long_as_was_asked_and_an_hour_at_most(
    office: Office, photo: str, clock: FrozenClock
) -> None:
    short, long = await link(office.nobody, photo, 60), await link(office.nobody, photo, 3600)
    clock.advance(clock.now() + timedelta(seconds=59))
    assert (await fetch(office.nobody, short)).status_code == 200
    clock.advance(clock.now() + timedelta(seconds=1))
    expired = await fetch(office.nobody, short)
    assert (expired.status_code, expired.json()["errors"][0]["extensions"]["code"]) == (410, "LINK_EXPIRED")
    assert (await fetch(office.nobody, long)).status_code == 200
    for seconds in (0, -1, 3601):
        given: dict[str, Any] = {"id": photo, "for": seconds}
        answer = await office.nobody.query(LINK, **given)
        assert answer.codes == ["VALIDATION"]


async def test_a_link_that_is_changed_anywhere_leads_nowhere(office: Office, photo: str) -> None:
    other = await upload(office.owner, picture())
    await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": [other.id]})
    url, others = await link(office.owner, photo), await link(office.owner, other.id)
    parts, query = urlsplit(url), {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    changed = [
        {**query, "until": str(int(query["until"]) + 1)},
        {**query, "by": "-"},
        {**query, "signature": query["signature"][:-1] + ("0" if query["signature"][-1] != "0" else "1")},
        {**query, "signature": "é"},
        {**query, "until": "9" * 50},
        {**query, "until": "x"},
        {},
    ]
    urls = [f"{parts.path}?{urlencode(one)}" for one in changed]
    urls.append(f"{urlsplit(others).path}?{parts.query}")
    urls += [f"{parts.path}x?{parts.query}", f"{parts.path}/../x?{parts.query}"]
    for wrong in urls:
        answer = await fetch(office.nobody, wrong)
        assert answer.status_code == 404, wrong
    assert (await office.nobody.http.post(url)).status_code == 405
    assert (await fetch(office.nobody, url)).status_code == 200


async def test_a_link_dies_with_the_right_to_see_the_file(office: Office, district: District, photo: str) -> None:
    pending = await upload(office.owner, picture())
    url = await link(office.owner, pending.id)
    assert (await fetch(office.nobody, url)).status_code == 200
    with district.scope():
        file = await File.filter(~Q(state="ATTACHED")).get()
        owner = Account.filter(id=file.account_id)
        await transact(lambda _unit: owner.update(disabled_at=file.created_at))
    assert (await fetch(office.nobody, url)).status_code == 404


async def test_a_content_that_was_altered_or_lost_is_answered_by_an_error_without_a_byte_of_it(
    office: Office, district: District, photo: str
) -> None:
    url = await link(office.nobody, photo)
    (file,) = (one for one in district.files.rglob("*") if one.is_file())
    kept = file.read_bytes()
    file.write_bytes(kept[:100] + bytes([kept[100] ^ 1]) + kept[101:])
    answer = await fetch(office.nobody, url)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "VALUE_ALTERED")
    file.write_bytes(kept[:-1])
    assert (await fetch(office.nobody, url)).status_code == 500
    file.unlink()
    answer = await fetch(office.nobody, url)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")


async def test_links_to_personal_files_are_recorded_before_they_are_told_and_others_are_not(
    office: Office, district: District, photo: str, client: Clients, tree: Tree
) -> None:
    evidence = await upload(office.staff, pdf("430602195206150011"), EVIDENCE, "承诺书.pdf")
    await link(office.nobody, photo)
    url = await link(office.staff, evidence.id)
    with district.scope():
        (event,) = await Event.filter(type="core.file_opened")
        file = await File.get(purpose=EVIDENCE)
        assert (event.subject_id, event.actor_id) == (file.id, file.account_id)
    answer: httpx.Response = await fetch(office.nobody, url)
    assert answer.content == pdf("430602195206150011")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_a_link_beside_one_that_is_refused_is_recorded_once(office: Office, district: District) -> None:
    evidence = await upload(office.staff, pdf("430602195206150011"), EVIDENCE, "承诺书.pdf")
    asked = "query($id: ID!) { one: file(id: $id) { url } other: file(id: $id) { url(expiresIn: 3601) } }"
    answer = await office.staff.query(asked, id=evidence.id)
    assert answer.errors
    with district.scope():
        assert await Event.filter(type="core.file_opened").count() == 1
