"""Files with personal content: who sees them, where they are written, handed out, erased."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from linli.core.clock import FrozenClock
from linli.core.districts import District
from linli.core.files.contents import content
from linli.core.files.models import File
from linli.core.jobs.sweepers import Sweepers
from linli.core.records.events import sealed_events
from linli.core.records.sealing import seal_now
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.files.conftest import EVIDENCE, SEEN, Office, fetch, pdf, upload

pytestmark = pytest.mark.linli(plugins=["venues"])

SECRET = "430602195206150011"
GIVE = """mutation ($input: GiveConsentInput!) { giveConsent(input: $input) {
    ... on Consent { id evidenceFiles { nodes { id contentClass } } } ... on Error { code path } } }"""
WITHDRAW = """mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) {
    ... on Consent { id } ... on Error { code } } }"""
EXPORT = """mutation ($input: ExportPersonInput!) { exportPerson(input: $input) {
    ... on PersonRequest { document } ... on Error { code } } }"""
ERASE = """mutation ($input: ErasePersonInput!) { erasePerson(input: $input) {
    ... on PersonRequest { id } ... on Error { code } } }"""
CONFIRM = """mutation ($input: ConfirmPersonRequestInput!) { confirmPersonRequest(input: $input) {
    ... on PersonRequest { state erased { what rows } } ... on Error { code } } }"""


async def give(office: Office, tree: Tree, *ids: str) -> Any:
    given = {"personId": global_id("Person", tree.neighbour.id), "purpose": "core.contact"}
    return await office.staff.mutate(
        GIVE, input={**given, "channel": "PAPER", "evidence": "签字单", "evidenceFileIds": list(ids)}
    )


@pytest.fixture
async def scan(office: Office, tree: Tree) -> str:
    """A scan that belongs to a consent of the neighbour."""
    one = await upload(office.staff, pdf(SECRET), EVIDENCE, f"{SECRET}.pdf")
    consent = await give(office, tree, one.id)
    assert consent["evidenceFiles"]["nodes"] == [{"id": one.id, "contentClass": "PERSONAL"}], consent
    return one.id


async def test_a_scan_is_seen_by_its_person_and_by_those_who_record_consents(
    office: Office, client: Clients, tree: Tree, scan: str
) -> None:
    for seeing in (office.staff, office.neighbour):
        url = (await seeing.data(SEEN, id=scan))["file"]["url"]
        assert (await fetch(office.nobody, url)).content == pdf(SECRET)
    others: list[Client] = [
        office.nobody,
        office.owner,
        await client("resident", at=tree.community, person=tree.resident),
        await client("community-staff", at=tree.community),
        await client("auditor", at=tree.root),
    ]
    for other in others:
        assert await other.data(SEEN, id=scan) == {"file": None}


async def test_a_consent_with_a_file_that_cannot_be_used_is_not_given(office: Office, tree: Tree) -> None:
    refused = await give(office, tree, global_id("File", tree.root.id))
    assert refused == {"code": "FILE_UNKNOWN", "path": ["evidenceFileIds"]}
    assert "id" in await give(office, tree)


async def test_its_content_and_its_name_are_written_nowhere_in_plain_text(
    office: Office, district: District, scan: str
) -> None:
    folder = district.files.parents[2]
    seen = [file for file in folder.rglob("*") if file.is_file()]
    assert len(seen) >= 2
    assert [file for file in seen if SECRET.encode() in file.read_bytes()] == []
    await seal_now(district.store)
    with district.scope():
        assert SECRET not in str([event.__dict__ for event in await sealed_events()])


async def test_it_is_handed_out_with_all_else_that_is_kept_of_the_person(office: Office, tree: Tree, scan: str) -> None:
    who = {"personId": global_id("Person", tree.neighbour.id), "purpose": "本人查阅"}
    document = (await office.neighbour.mutate(EXPORT, input=who))["document"]
    (file,) = document["files"]
    assert (file["name"], file["purpose"], file["size"]) == (f"{SECRET}.pdf", EVIDENCE, len(pdf(SECRET)))
    assert (await fetch(office.nobody, file["url"])).content == pdf(SECRET)
    (rows,) = (part["rows"] for part in document["records"] if part["what"] == "core_file")
    assert [row["sha256"] for row in rows] == [file["sha256"]]
    assert "secret" not in rows[0]


async def test_an_erasure_destroys_its_key_and_its_content(
    office: Office, district: District, client: Clients, tree: Tree, scan: str
) -> None:
    url = (await office.neighbour.data(SEEN, id=scan))["file"]["url"]
    with district.scope():
        before = await File.get(purpose=EVIDENCE)
        kept = [file.read_bytes() for file in district.files.rglob("*") if file.is_file()]
        assert len(kept) == 1
    official = await client("district-official", at=tree.root)
    who = {"personId": global_id("Person", tree.neighbour.id), "reason": "迁出"}
    asked = await office.neighbour.mutate(ERASE, input=who)
    done = await official.mutate(CONFIRM, input={"id": asked["id"]})
    assert {"what": "core_file", "rows": 1} in done["erased"], done
    await asyncio.sleep(0.2)
    assert [file for file in district.files.rglob("*") if file.is_file()] == []
    assert (await fetch(office.nobody, url)).status_code == 404
    with district.scope():
        after = await File.get(id=before.id)
        assert (after.state, after.name, after.secret, after.sha256) == ("GONE", None, None, None)
        with pytest.raises(Exception, match="was destroyed"):
            await content(district, after)  # whatever copy of the content there may be


async def test_three_years_after_a_consent_was_withdrawn_its_scans_go(
    office: Office, district: District, tree: Tree, clock: FrozenClock, scan: str
) -> None:
    with district.scope():
        file = await File.get(purpose=EVIDENCE)
    consent = global_id("Consent", file.subject_id)  # type: ignore[arg-type]  # attached
    told = await office.staff.mutate(WITHDRAW, input={"consentId": consent, "channel": "PHONE", "evidence": "来电"})
    assert told == {"id": consent}
    await Sweepers([district]).catch_up()
    withdrawn = clock.now()
    for days in (30, 365, 730, 3 * 365 - 2):  # going through every night of three years would take half a minute
        clock.advance(withdrawn + timedelta(days=days - 2))
        await Sweepers([district]).advance(withdrawn + timedelta(days=days))
        with district.scope():
            assert (await File.get(id=file.id)).state == "ATTACHED", days
    await Sweepers([district]).advance(clock.now() + timedelta(days=5))
    with district.scope():
        assert (await File.get(id=file.id)).state == "GONE"
    await Sweepers([district]).advance(clock.now() + timedelta(days=32))
    with district.scope():
        assert await File.get_or_none(id=file.id) is None
