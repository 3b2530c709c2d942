"""A district of an earlier version with people, homes and files in it, brought up to date: the API reads all of them.

What the present version wrote is put back into tables as an earlier head had them, with the columns that there were.
"""

from __future__ import annotations

import importlib
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from linli.core.config import load
from linli.core.districts import migrating
from linli.core.plugins.discovery import installed
from tests.core.cli.conftest import _plain_environment, linli, project
from tests.core.cli.projects import Linli, Project, aside
from tests.schema.commands.servers import PATIENCE, Running, serving
from tests.schema.files.conftest import pdf
from tests.security.test_key_rotation import token_of_an_admin

__all__ = ["_plain_environment", "linli", "project"]

Rows = dict[str, list[dict[str, Any]]]
HEADS = ("0007", "0009", "0010", "0011", "0012", "0013")
HOMES, FILES = "0009", "0010"
"""The heads since which there are homes, and files."""
NUMBER, PHONE, ADDRESS = "430602195206150011", "13800000011", "示例路9号9栋502"
SCAN = pdf("承诺书")
PERSON = """query ($id: ID!) { person(id: $id) { name idNumber phone birthDate partyStatus provenance { field source }
    consents { nodes { purpose evidenceFiles { nodes { name size url } } } } } }"""
HOME = """query ($id: ID!) { premises(id: $id) { number address org { name }
    tenures { nodes { kind person { name } } } households { nodes { members { nodes { person { name } } } } } } }"""
LISTS = """{ people { totalCount } premisesList { totalCount } communities: orgs(filter: {kind: {eq: COMMUNITY}}) {
    nodes { name boundary } } personMerges { totalCount }
    search(text: "sllr", kinds: [PERSON]) { record { ... on Person { name } } } }"""


class Office:
    """Who asks a server and has it do things."""

    def __init__(self, server: Running, project: Project, token: str) -> None:
        self.server, self.key, self.sent = server, project.key, {"authorization": f"Bearer {token}"}

    def ask(self, text: str, **variables: Any) -> Any:
        answer = httpx.post(
            f"{self.server.url}/d/{self.key}/graphql",
            json={"query": text, "variables": variables},
            headers=self.sent,
            timeout=PATIENCE,
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def do(self, mutation: str, **given: Any) -> str:
        pascal = mutation[0].upper() + mutation[1:]
        text = f"mutation ($input: {pascal}Input!) {{ {mutation}(input: $input) {{ ... on Node {{ id }} {REFUSED} }} }}"
        answer = self.ask(text, input=given)[mutation]
        assert "id" in answer, (mutation, answer)
        return str(answer["id"])


REFUSED = "... on Error { code message } ... on ValidationError { fields { path code } }"


def populate(office: Office) -> dict[str, str]:
    """A community with somebody who owns a home, lives in it, and agreed to something on paper."""
    root = office.ask("{ orgs(filter: {kind: {eq: DISTRICT}}) { nodes { id } } }")["orgs"]["nodes"][0]["id"]
    street = office.do("createOrg", kind="SUBDISTRICT", name="吕仙亭街道", parentId=root, code="430602003000")
    place = office.do("createOrg", kind="COMMUNITY", name="观音阁社区", parentId=street, code="430602003006")
    known = {"idNumber": NUMBER, "phone": PHONE, "partyStatus": "群众", "habitualResidenceId": place}
    person = office.do("createPerson", name="示例老人", **known)
    home = office.do("createPremises", orgId=place, number="502", use="RESIDENTIAL", address=ADDRESS)
    office.do("createTenure", premisesId=home, personId=person, kind="OWNER")
    office.do("createHousehold", premisesId=home, members=[{"personId": person, "relation": "HEAD"}])
    sent = httpx.post(
        f"{office.server.url}/d/{office.key}/files",
        data={"purpose": "core.consent_evidence"},
        files={"file": ("承诺书.pdf", SCAN)},
        headers=office.sent,
        timeout=PATIENCE,
    )
    evidence = {"channel": "PAPER", "evidence": "签字单", "evidenceFileIds": [sent.json()["id"]]}
    office.do("giveConsent", personId=person, purpose="core.contact", **evidence)
    return {"person": person, "home": home}


def check(office: Office, ids: Mapping[str, str], head: str) -> None:
    """All that there was at that head is read as it was entered, masked."""
    person = office.ask(PERSON, id=ids["person"])["person"]
    assert (person["name"], person["idNumber"], person["phone"]) == ("示例老人", "430602********0011", "138****0011")
    lists = office.ask(LISTS)
    assert (lists["people"]["totalCount"], lists["personMerges"]["totalCount"]) == (1, 0)
    assert lists["communities"]["nodes"] == [{"name": "观音阁社区", "boundary": None}]
    assert lists["search"] == [{"record": {"name": "示例老人"}}], "by initials, which only later versions keep"
    (consent,) = person["consents"]["nodes"]
    sources = {one["source"] for one in person["provenance"]}
    if head < HOMES:
        assert (lists["premisesList"]["totalCount"], sources) == (0, {"UNKNOWN"})
        home = office.ask("{ orgs(filter: {kind: {eq: COMMUNITY}}) { nodes { id } } }")["orgs"]["nodes"][0]["id"]
        office.do("createPremises", orgId=home, number="503", use="RESIDENTIAL")
    else:
        home = office.ask(HOME, id=ids["home"])["premises"]
        assert (home["number"], home["org"]["name"]) == ("502", "观音阁社区")
        assert home["address"] not in (None, ADDRESS)
        assert home["tenures"]["nodes"] == [{"kind": "OWNER", "person": {"name": "示例老人"}}]
        (household,) = home["households"]["nodes"]
        assert household["members"]["nodes"] == [{"person": {"name": "示例老人"}}]
        assert sources == {"ENTERED"}
    if head >= FILES:
        (file,) = consent["evidenceFiles"]["nodes"]
        assert (file["name"], file["size"]) == ("承诺书.pdf", len(SCAN))
        assert httpx.get(office.server.url + file["url"], timeout=PATIENCE).content == SCAN


def test_a_district_of_any_earlier_head_is_read_once_it_is_migrated(
    linli: Linli, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project.folder))
    token = token_of_an_admin(linli, project)
    with serving(project) as server:
        ids = populate(Office(server, project, token))
    kept = read_all(project)
    named = ("--district", project.key, "--config", project.config)
    for head in HEADS:
        make_earlier(project, head, monkeypatch)
        write_all(project, kept)
        done = linli("migrate", *named)
        assert done.exit_code == 0, done.output
        assert ("core.0013_person_merges applied" in done.output) == (head < "0013"), (head, done.output)
        with serving(project) as server:
            check(Office(server, project, token), ids, head)
        assert linli("audit", "verify", *named).exit_code == 0, head
        if head >= FILES:
            assert "1 files are what came" in linli("files", "verify", *named).output


def make_earlier(project: Project, head: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The district's tables as that head made them, empty."""
    if project.url.startswith("postgres"):
        project.drop()
    else:
        for file in project.file().parent.glob(f"{project.key}.sqlite3*"):
            file.unlink()
    package, source = f"earlier_{head}", Path(str(importlib.import_module("linli.core.migrations").__file__)).parent
    (project.folder / package).mkdir()
    for file in source.glob("*.py"):
        if file.name[:4] <= head or file.name == "__init__.py":
            shutil.copy(file, project.folder / package)
    importlib.invalidate_caches()
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "CORE_MIGRATIONS", package)
        plugins = installed()
        aside(migrating.migrate(load(project.config, plugins), plugins, project.key))


def read_all(project: Project) -> Rows:
    """All rows of all tables of the district but what was migrated."""
    if project.url.startswith("postgres"):
        return aside(_read(project))
    with sqlite3.connect(project.file()) as connection:
        connection.row_factory = sqlite3.Row
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'core_%'")
        names = [row["name"] for row in listed.fetchall()]
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for name in _data(names)}


def write_all(project: Project, rows: Rows) -> None:
    """These rows instead of those that are there, in the tables and columns that are there."""
    if project.url.startswith("postgres"):
        aside(_write(project, rows))
        return
    with sqlite3.connect(project.file()) as connection:
        for name, table in rows.items():
            there = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            if there:
                connection.execute(f"DELETE FROM {name}")
                connection.executemany(_insert(name, there, "?"), [[row[it] for it in there] for row in table])


def _data(names: list[str]) -> list[str]:
    return [name for name in names if name != "core_migration"]


def _insert(name: str, columns: list[str], place: str) -> str:
    places = ", ".join(place if place == "?" else f"${number}" for number in range(1, len(columns) + 1))
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {name} ({quoted}) VALUES ({places})"


_COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1"


async def _read(project: Project) -> Rows:
    connection = await asyncpg.connect(project.url.replace("postgres://", "postgresql://"))
    try:
        await connection.execute(f'SET search_path TO "d_{project.key}"')
        names = {row["table_name"] for row in await connection.fetch(_COLUMNS, f"d_{project.key}")}
        found = _data(sorted(name for name in names if name.startswith("core_")))
        return {name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")] for name in found}
    finally:
        await connection.close()


async def _write(project: Project, rows: Rows) -> None:
    connection = await asyncpg.connect(project.url.replace("postgres://", "postgresql://"))
    try:
        await connection.execute(f'SET search_path TO "d_{project.key}"; SET session_replication_role = replica')
        there: dict[str, list[str]] = {}
        for row in await connection.fetch(_COLUMNS, f"d_{project.key}"):
            there.setdefault(row["table_name"], []).append(row["column_name"])
        for name in rows.keys() & there.keys():
            await connection.execute(f"DELETE FROM {name}")
            values = [[row[column] for column in there[name]] for row in rows[name]]
            await connection.executemany(_insert(name, there[name], "$"), values)
    finally:
        await connection.close()
