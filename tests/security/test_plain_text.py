"""Id numbers, phones and addresses stand in plain text nowhere that the server writes, under either suite."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.cli.projects import Linli, Project
from tests.schema.commands.servers import Running, serving
from tests.security.residents import Office, Resident

MADE = [Resident(number) for number in range(0, 60_000, 4321)]
ADDRESS, PASSPORT = "示例路77号示例苑7栋707室", "E70707707"
SECRETS = [
    *(secret for one in MADE for secret in (one.id_number, one.phone, one.id_number[6:14])),
    *(ADDRESS, PASSPORT),
]
"""Id numbers, phones, the dates of birth that stand in the former, an address, and the number of a passport."""
UPDATE = """mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
    ... on Person { phone } ... on Error { code } } }"""
REFUSED = [
    {"name": "示例", "idNumber": MADE[0].id_number},  # in use
    {"name": "", "idNumber": MADE[1].id_number, "phone": MADE[1].phone},
    {"name": "示例", "phone": f"{MADE[2].phone}\n"},
]


def house(office: Office, person_id: str) -> None:
    """Enter a home with its address, who owns it, and the owner's passport."""
    place = office.root
    for kind in ("SUBDISTRICT", "COMMUNITY"):
        place = office.do("createOrg", {"kind": kind, "name": "示例", "parentId": place})
    home = office.do("createPremises", {"orgId": place, "number": "707", "use": "RESIDENTIAL", "address": ADDRESS})
    office.do("createTenure", {"premisesId": home, "personId": person_id, "kind": "OWNER"})
    office.do("addIdentityDocument", {"personId": person_id, "kind": "PASSPORT", "number": PASSPORT, "country": "CHN"})


def work(server: Running, project: Project, token: str) -> None:
    """Everything that a clerk does: enter, be refused, look up, filter, change, make mistakes in the query."""
    office = Office(server.url, project.key, token)
    made = [office.enter(resident) for resident in MADE]
    house(office, made[0]["id"])
    for given in REFUSED:
        assert (
            "code"
            in office.ask(
                "mutation ($input: CreatePersonInput!) { createPerson(input: $input) { ... on Error { code } } }",
                input=given,
            )["createPerson"]
        )
    office.ask(UPDATE, input={"id": made[3]["id"], "phone": MADE[4].phone})
    assert office.ask("{ events(first: 200) { nodes { type } } }")["events"]["nodes"]
    for wrong in (f'{{ people(phone: "{MADE[5].phone}") {{ totalCount }} }}', f'{{ "{MADE[5].id_number}" }}'):
        assert server.graphql(project.key, wrong, authorization=f"Bearer {token}").json()["errors"]
    office.close()


def found_in(content: bytes) -> list[str]:
    """The secrets that stand there, as text of any of the usual encodings."""
    return [
        secret
        for secret in SECRETS
        if any(secret.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
    ]


def files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def dumped(project: Project) -> bytes:
    """Every row of every table of the district's schema on PostgreSQL, as text."""
    schema = f"d_{project.key}"
    tables = project.query(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'")
    rows = [project.query(f'SELECT to_jsonb(t)::text FROM "{name}" AS t') for (name,) in tables]
    assert len(tables) > 10
    return json.dumps(rows, ensure_ascii=False).encode()


@pytest.mark.parametrize("suite", ["international", "gm"])
def test_nothing_that_a_server_writes_holds_what_is_kept_encrypted(linli: Linli, project: Project, suite: str) -> None:
    project.write(f'[districts.{project.key}.settings.core]\ncrypto_suite = "{suite}"\n')
    named = ("--district", project.key, "--config", project.config)
    assert linli("migrate", "--config", project.config).exit_code == 0
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    token = linli("token", "create", "--account", "boss", *named).stdout.strip()
    with serving(project) as server:
        work(server, project, token)
        seen = {file: found_in(file.read_bytes()) for file in files(project.folder)}  # the write-ahead log among them
        server.process.kill()
    seen |= {file: found_in(file.read_bytes()) for file in files(project.folder)}
    assert {file: found for file, found in seen.items() if found} == {}
    assert any(file.name == "errors.log" for file in seen)
    if project.url.startswith("postgres"):
        content = dumped(project)
        assert found_in(content) == []
    else:
        assert {project.file().name, f"{project.file().name}-wal"} <= {file.name for file in seen}
        content = b"".join(file.read_bytes() for file in files(project.file().parent))
    assert content.count(b"SM4-GCM:" if suite == "gm" else b"AES-256-GCM:") >= 2 * len(MADE)


def test_what_is_searched_for_would_be_found() -> None:
    assert found_in(f"x{MADE[0].phone}x".encode("utf-16-le")) == [MADE[0].phone]
