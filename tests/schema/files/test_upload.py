"""Uploads: what is taken, what is refused in words and leaves nothing, and what comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from linli.core.access.models import Account
from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.files.models import File
from linli.core.records.models import Event
from linli.schema.http.files import form
from linli.schema.http.files import upload as uploads
from linli.schema.testing import Clients, Tree
from tests.schema.files.conftest import EVIDENCE, Office, pdf, picture, sha256, upload

pytestmark = pytest.mark.linli(plugins=["venues"])


def on_the_disk(district: District) -> list[Path]:
    """Everything that is kept, staged or not."""
    return [file for file in district.files.rglob("*") if file.is_file()]


async def count(district: District) -> int:
    with district.scope():
        return await File.all().count()


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("empty", {"content": b""}, 422, "FILE_EMPTY"),
    ("a PDF for a photo", {"content": pdf(), "name": "a.pdf"}, 415, "FILE_TYPE"),
    ("a program", {"content": b"MZ\x90\0", "name": "a.exe"}, 415, "FILE_TYPE"),
    ("a program that claims to be a picture", {"content": b"MZ\x90\0", "name": "a.jpg"}, 415, "FILE_MISLABELLED"),
    ("a page that claims so", {"content": b"<html>", "name": "", "kind": "image/png"}, 415, "FILE_MISLABELLED"),
    ("two things at once", {"content": picture() + b"PK\x05\x06" + bytes(18)}, 415, "FILE_POLYGLOT"),
    ("half a picture", {"content": picture()[:200]}, 422, "FILE_DAMAGED"),
    ("another digest", {"content": picture(), "sha256": "0" * 64}, 422, "FILE_DIGEST"),
    ("no digest", {"content": picture(), "sha256": "x"}, 400, "VALIDATION"),
    ("no purpose", {"content": picture(), "purpose": None}, 400, "BAD_REQUEST"),
    ("an unknown purpose", {"content": picture(), "purpose": "venues.fotos"}, 400, "VALIDATION"),
    ("another's purpose", {"content": picture(), "purpose": EVIDENCE}, 403, "FORBIDDEN"),
    ("an unknown field", {"content": picture(), "colour": "red"}, 400, "BAD_REQUEST"),
    ("a long value", {"content": picture(), "requestId": "x" * 600}, 400, "BAD_REQUEST"),
    ("a wrong request id", {"content": picture(), "requestId": "某"}, 400, "VALIDATION"),
    ("a wrong key", {"content": picture(), "headers": {"idempotency-key": ""}}, 400, "VALIDATION"),
]


@pytest.mark.parametrize(("given", "status", "code"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
async def test_what_is_refused_is_told_in_both_languages_and_leaves_nothing(
    office: Office, district: District, given: dict[str, Any], status: int, code: str
) -> None:
    for language, is_chinese in (("zh-CN", True), ("en", False)):
        headers = {"accept-language": language, **given.get("headers", {})}
        answer = await upload(office.owner, **{**given, "headers": headers})
        assert (answer.status, answer.code) == (status, code), answer.body
        assert any("\u4e00" <= one <= "\u9fff" for one in answer.body["errors"][0]["message"]) == is_chinese
    assert await count(district) == 0
    assert on_the_disk(district) == []


async def test_without_a_token_or_a_permission_nothing_is_read(office: Office, district: District) -> None:
    answer = await upload(office.nobody, picture())
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    answer = await upload(office.neighbour, picture())
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert on_the_disk(district) == []
    with district.scope():
        assert await Event.filter(type="core.denied").exists()


@pytest.mark.linli(plugins=["venues"], settings={"core": {"file_bytes": {"venues.photo": 2048}}})
async def test_a_file_has_as_many_bytes_as_the_district_says(office: Office, district: District) -> None:
    big = picture("PNG", (64, 64)) + bytes(3000)
    answer = await upload(office.owner, big, name="a.png")
    assert (answer.status, answer.code) == (413, "FILE_TOO_LARGE")
    assert answer.body["errors"][0]["extensions"]["details"] == {"most": 2048}

    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while True:
            yield bytes(4096)

    sent = {"authorization": f"Bearer {office.owner.token}", "content-type": "multipart/form-data; boundary=x"}
    path = office.owner.path.replace("graphql", "files")
    endlessly = await office.owner.http.post(path, content=endless(), headers=sent)
    assert endlessly.status_code == 413
    assert on_the_disk(district) == []
    assert (await upload(office.owner, picture("PNG", (8, 8)), name="a.png")).status == 201


BROKEN = [
    b"",
    b"--x--\r\n",
    b"no form at all",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvenues.photo\r\n--x--\r\n',
    b"--x\r\n" + b"X-Header: " + b"y" * 10_000 + b"\r\n\r\nabc\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n' * 2 + b"--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\na\r\n' * 20 + b"--x--\r\n",
    b"--x\r\nContent-Disposition: attachment\r\n\r\na\r\n--x--\r\n",
]


@pytest.mark.parametrize("body", BROKEN)
async def test_a_body_that_is_no_form_with_one_file_is_a_bad_request(
    office: Office, district: District, body: bytes
) -> None:
    sent = {"authorization": f"Bearer {office.owner.token}", "content-type": "multipart/form-data; boundary=x"}
    answer = await office.owner.http.post(office.owner.path.replace("graphql", "files"), content=body, headers=sent)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert on_the_disk(district) == []


@pytest.mark.parametrize(("kind", "status"), [("application/json", 415), ("multipart/form-data", 415), ("", 415)])
async def test_another_type_of_content_is_refused(office: Office, kind: str, status: int) -> None:
    sent = {"authorization": f"Bearer {office.owner.token}", "content-type": kind}
    path = office.owner.path.replace("graphql", "files")
    assert (await office.owner.http.post(path, content=b"{}", headers=sent)).status_code == status
    answer = await office.owner.http.get(path, headers=sent)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_purpose_may_stand_before_or_after_the_file(office: Office) -> None:
    for first in (True, False):
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvenues.photo\r\n',
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + picture() + b"\r\n",
        ]
        sent = {"authorization": f"Bearer {office.owner.token}", "content-type": "multipart/form-data; boundary=x"}
        body = b"".join(parts if first else reversed(parts)) + b"--x--\r\n"
        answer = await office.owner.http.post(office.owner.path.replace("graphql", "files"), content=body, headers=sent)
        assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("by", ["header", "form"])
async def test_the_same_request_answers_the_same_file_once(office: Office, district: District, by: str) -> None:
    async def send(content: bytes, key: str = "one") -> Any:
        given: dict[str, Any] = {"headers": {"idempotency-key": key}} if by == "header" else {"requestId": key}
        return await upload(office.owner, content, **given)

    first, again = await send(picture()), await send(picture())
    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    other = await send(picture(size=(10, 10)))
    assert (other.status, other.code) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert (await send(picture(), "two")).id != first.id
    assert await count(district) == 2
    assert len(on_the_disk(district)) == 2


async def test_of_the_same_request_at_the_same_moment_one_acts(office: Office, district: District) -> None:
    answers = await asyncio.gather(
        *(upload(office.owner, picture(), headers={"idempotency-key": "k"}) for _ in range(4))
    )
    assert sorted(one.status for one in answers) == [200, 200, 200, 201]
    assert len({one.id for one in answers}) == 1
    assert await count(district) == 1
    assert len(on_the_disk(district)) == 1


async def test_only_so_many_uploads_of_one_account_are_under_way_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        await asyncio.sleep(1.5)
        yield b"a\r\n--x--\r\n"

    sent = {"authorization": f"Bearer {office.owner.token}", "content-type": "multipart/form-data; boundary=x"}
    path = office.owner.path.replace("graphql", "files")
    slow_ones = [
        asyncio.ensure_future(office.owner.http.post(path, content=slow(), headers=sent))
        for _ in range(uploads.AT_ONCE_EACH)
    ]
    await asyncio.sleep(0.7)
    answer = await upload(office.owner, picture())
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    assert int(answer.headers["retry-after"]) >= 1
    assert {one.status_code for one in await asyncio.gather(*slow_ones)} == {400}
    assert (await upload(office.owner, picture())).status == 201


async def test_a_body_that_does_not_go_on_is_given_up(
    office: Office, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "IDLE_SECONDS", 0.2)

    async def stuck() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'
        await asyncio.sleep(30)

    sent = {"authorization": f"Bearer {office.owner.token}", "content-type": "multipart/form-data; boundary=x"}
    answer = await office.owner.http.post(office.owner.path.replace("graphql", "files"), content=stuck(), headers=sent)
    assert answer.status_code == 408
    assert on_the_disk(district) == []


@pytest.mark.linli(plugins=["venues"], settings={"core": {"files_pending": 2}})
async def test_an_account_has_only_so_many_files_that_wait(
    office: Office, district: District, clock: FrozenClock
) -> None:
    for _ in range(2):
        assert (await upload(office.owner, picture())).status == 201
    answer = await upload(office.owner, picture())
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    assert answer.headers["retry-after"] == str(24 * 3600)
    assert len(on_the_disk(district)) == 2


async def test_what_fails_on_our_side_is_masked_and_leaves_nothing(
    office: Office, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("SELECT secret")

    monkeypatch.setattr("linli.schema.http.files.upload.admit", fails)
    answer = await upload(office.owner, picture())
    assert (answer.status, answer.code) == (500, "INTERNAL")
    assert "secret" not in str(answer.body)
    assert on_the_disk(district) == []


async def test_what_was_uploaded_is_an_event_without_a_name(
    office: Office, client: Clients, tree: Tree, district: District
) -> None:
    came = picture()
    answer = await upload(office.owner, came, name="张三的院子.jpg")
    auditor = await client("auditor", at=tree.root)
    with district.scope():
        events = await Event.filter(type="core.file_uploaded")
        account = await Account.get(id=events[0].actor_id)
        file = await File.get(account_id=account.id)
    assert len(events) == 1
    assert file.given_sha256 is not None
    with district.scope():
        assert file.given_sha256.decrypt() == sha256(came)
    assert auditor.token is not None
    assert answer.body["name"] == "张三的院子.jpg"
    for row in on_the_disk(district):
        assert "张三".encode() not in row.read_bytes()
