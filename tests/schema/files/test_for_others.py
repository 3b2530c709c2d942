"""What a proxy and an auditor see of somebody's data and files: never a value in full, and no scan."""

from __future__ import annotations

from typing import Any

import pytest

from linli.core.districts import District
from linli.core.people.models import Person
from linli.core.people.relation_models import PersonRelation
from linli.core.people.services import update_person
from linli.core.records.models import Event
from linli.core.records.unit_of_work import transact
from linli.schema.scalars import global_id
from linli.schema.testing import Client, Clients, Tree
from tests.schema.files.conftest import EVIDENCE, SEEN, Office, fetch, pdf, upload
from tests.schema.files.test_evidence import SECRET, give

pytestmark = pytest.mark.linli(plugins=["venues"])

PHONE = "13800000021"
REVEAL = """query ($id: ID!) { person(id: $id) { phone(reveal: {purpose: "代办"}) } }"""
MASKED = "query ($id: ID!) { person(id: $id) { name phone idNumber birthDate } }"
CONSENTS = """query ($id: ID!) { person(id: $id) { consents { nodes { purpose evidence
    evidenceFiles { totalCount nodes { id url } } } } } }"""
EXPORT = """mutation ($input: ExportPersonInput!) { exportPerson(input: $input) {
    ... on PersonRequest { document } ... on Error { code } } }"""


@pytest.fixture
async def scan(office: Office, tree: Tree, district: District) -> str:
    """The neighbour, with phone and id number, gave a consent on paper."""

    async def known(_unit: object) -> None:
        await update_person(await Person.get(id=tree.neighbour.id), None, phone=PHONE, id_number=SECRET)

    with district.scope():
        await transact(known)
    one = await upload(office.staff, pdf(SECRET), EVIDENCE, "签字单.pdf")
    assert "id" in await give(office, tree, one.id)
    return one.id


async def proxy(client: Clients, district: District, tree: Tree, scope: str) -> Client:
    """The resident acts for the neighbour in these areas."""
    ends = {"person_id": tree.neighbour.id, "relative_id": tree.resident.id}
    with district.scope():
        await transact(
            lambda _unit: PersonRelation.create(kind="PROXY", state="CONFIRMED", scope=scope, **ends)  # type: ignore[arg-type]
        )
    return await client(person=tree.resident)


def neighbour(tree: Tree) -> str:
    return global_id("Person", tree.neighbour.id)


async def nothing_in_full(asking: Client, district: District, tree: Tree, scan: str) -> None:
    """Neither by asking to reveal it nor through a file; and nothing is told as revealed."""
    assert (await asking.query(REVEAL, id=neighbour(tree))).codes == ["FORBIDDEN"]
    assert await asking.data(SEEN, id=scan) == {"file": None}
    with district.scope():
        told = await Event.filter(type__in=["core.revealed", "core.file_opened"]).count()
    assert told == 0


@pytest.mark.parametrize("scope", ["core.consent", "venues.booking", "core.consent core.person_request"])
async def test_a_proxy_sees_the_principal_masked_and_no_scan(
    *, office: Office, client: Clients, district: District, tree: Tree, scan: str, scope: str
) -> None:
    acting = await proxy(client, district, tree, scope)
    shown = (await acting.data(MASKED, id=neighbour(tree)))["person"]
    assert shown == {"name": "示**", "phone": "138****0021", "idNumber": "430602********0011", "birthDate": None}
    consents = (await acting.data(CONSENTS, id=neighbour(tree)))["person"]["consents"]["nodes"]
    within = "core.consent" in scope.split()
    assert [one["purpose"] for one in consents] == (["core.contact"] if within else [])
    assert [one["evidenceFiles"]["totalCount"] for one in consents] == ([0] if within else [])
    await nothing_in_full(acting, district, tree, scan)


async def test_an_auditor_sees_people_masked_and_no_scan_and_is_handed_out_nothing(
    office: Office, client: Clients, district: District, tree: Tree, scan: str
) -> None:
    auditor = await client("auditor", at=tree.root)
    shown = (await auditor.data(MASKED, id=neighbour(tree)))["person"]
    assert (shown["phone"], shown["idNumber"], shown["birthDate"]) == ("138****0021", "430602********0011", None)
    await nothing_in_full(auditor, district, tree, scan)
    wanted: dict[str, Any] = {"personId": neighbour(tree), "purpose": "审计"}
    assert (await auditor.mutate(EXPORT, input=wanted))["code"] == "FORBIDDEN"


async def test_a_link_that_was_told_to_somebody_who_may_is_of_no_use_once_the_right_is_gone(
    office: Office, client: Clients, district: District, tree: Tree, scan: str
) -> None:
    url = (await office.neighbour.data(SEEN, id=scan))["file"]["url"]
    assert (await fetch(office.nobody, url)).content == pdf(SECRET)
    from linli.core.access.models import Account  # noqa: PLC0415

    with district.scope():
        mine = Account.filter(person_id=tree.neighbour.id)
        await transact(lambda _unit: mine.update(person_confirmed=False))
    assert (await fetch(office.nobody, url)).status_code == 404
