"""The same by a bucket: against a server that speaks S3, in this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from linli.core.config.files import S3Bucket
from linli.core.districts import District
from linli.core.files.keeping import Keeper
from linli.core.files.storage import ContentMissingError
from linli.core.records.record import new_id
from linli.core.storages.s3 import S3
from tests.schema.files.conftest import ADD, REMOVE, SEEN, Office, fetch, picture, upload


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PORT = _free_port()
BUCKET = {
    "endpoint": f"http://127.0.0.1:{PORT}",
    "bucket": "linli",
    "prefix": "prod/",
    "access_key": "key",
    "secret_key": "secret",
}

pytestmark = [
    pytest.mark.linli(plugins=["venues"], settings={"core": {"file_storage": "s3", "s3": BUCKET}}),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # botocore's and moto's own
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """The server, with one bucket."""
    running = ThreadedMotoServer("127.0.0.1", PORT, verbose=False)
    running.start()
    client = boto3.client(
        "s3",
        endpoint_url=BUCKET["endpoint"],
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="linli")
    yield client
    running.stop()


def names(server: Any, district: District) -> list[str]:
    listed = server.list_objects_v2(Bucket="linli", Prefix=f"prod/{district.key}/")
    return [one["Key"] for one in listed.get("Contents", ())]


async def test_a_photo_is_kept_fetched_and_destroyed_in_a_bucket(
    office: Office, district: District, server: Any
) -> None:
    came = picture("PNG", (600, 400))
    one = await upload(office.owner, came, name="a.png")
    assert one.status == 201, one.body
    (name,) = names(server, district)
    assert b"PNG" not in server.get_object(Bucket="linli", Key=name)["Body"].read()
    assert [file for file in district.files.rglob("*") if file.is_file()] == []
    added = await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": [one.id]})
    url = added["photos"]["nodes"][0]["url"]
    whole = await fetch(office.nobody, url)
    assert len(whole.content) == one.body["size"]
    part = await fetch(office.nobody, url, range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    await office.owner.mutate(REMOVE, input={"venueId": office.venue, "fileId": one.id})
    assert await office.nobody.data(SEEN, id=one.id) == {"file": None}
    keeper = Keeper(district)
    await keeper.look()
    await keeper.look()
    assert names(server, district) == []


@pytest.fixture
def bucket(server: Any) -> S3:
    """A storage of its own."""
    return S3(S3Bucket.model_validate(BUCKET), f"t{new_id().hex}")


async def test_a_storage_answers_parts_lists_what_it_has_and_tells_what_it_lacks(bucket: S3, tmp_path: Path) -> None:
    first, second = new_id(), new_id()
    for id_, size in ((first, 100), (second, 12_000_000)):  # the second is sent in parts
        staged = tmp_path / str(id_)
        staged.write_bytes(bytes(size - 1) + b"x")
        await bucket.keep(id_, staged)
    assert await bucket.read(first, 98, 100) == b"\0x"
    assert await bucket.read(second, 11_999_998, 12_000_000) == b"\0x"
    assert {id_ async for id_ in bucket.ids()} == {first, second}
    for _ in range(2):
        await bucket.destroy(first)
    with pytest.raises(ContentMissingError):
        await bucket.read(first, 0, 1)
    assert [id_ async for id_ in bucket.ids()] == [second]
