"""A photo on its way: uploaded, shown with a venue, fetched by a link, taken away."""

from __future__ import annotations

import pytest

from tests.schema.files.conftest import ADD, PHOTO, REMOVE, SEEN, Office, fetch, picture, sha256, upload

pytestmark = pytest.mark.linli(plugins=["venues"])


async def test_a_photo_is_uploaded_shown_with_its_venue_fetched_and_taken_away(office: Office) -> None:
    came = picture()
    answer = await upload(office.owner, came, PHOTO, "球场.JPG", sha256=sha256(came))
    assert answer.status == 201, answer.body
    assert answer.body["name"] == "球场.jpg"
    assert answer.body["mediaType"] == "image/jpeg"
    added = await office.owner.mutate(ADD, input={"venueId": office.venue, "fileIds": [answer.id]})
    assert added["version"] == 2, added
    (photo,) = added["photos"]["nodes"]
    assert photo["state"] == "ATTACHED"
    seen = await office.nobody.data(SEEN, id=answer.id)
    shown = await fetch(office.nobody, seen["file"]["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert sha256(shown.content) == photo["sha256"] == answer.body["sha256"]
    assert len(shown.content) == photo["size"]
    removed = await office.owner.mutate(REMOVE, input={"venueId": office.venue, "fileId": answer.id})
    assert removed == {"version": 3, "photos": {"totalCount": 0}}
    assert await office.nobody.data(SEEN, id=answer.id) == {"file": None}
    assert (await fetch(office.nobody, seen["file"]["url"])).status_code == 404
