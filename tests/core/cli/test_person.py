"""`linli person export`: what is kept of a person, in a file that only its owner may read."""

from __future__ import annotations

import json
import stat
from uuid import UUID, uuid4
from zipfile import ZipFile

from linli.core.config import load
from linli.core.districts import open_platform
from linli.core.people import services
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import transact
from tests.core.cli.projects import Linli, Project, aside

NUMBER = "430602195206150011"


async def _enter(project: Project) -> UUID:
    found = installed()
    async with open_platform(load(project.config, found), found, [project.key]) as platform:
        with platform.districts[project.key].scope():
            person = await transact(lambda _unit: services.create_person(name="示例老人", id_number=NUMBER))
            return person.id


def test_a_person_is_written_to_a_file_of_ones_own_and_that_is_recorded(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    person = aside(_enter(project))
    file = project.folder / "person.zip"
    export = ("person", "export", "--district", project.key, "--person", person, file, "--config", project.config)
    result = linli(*export)
    assert (result.exit_code, "rows are in" in result.stdout) == (0, True), result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as archive:
        (row,) = archive.read("core/core_person.jsonl").decode().splitlines()
        manifest = json.loads(archive.read("manifest.json"))
        history = archive.read("history.jsonl").decode()
    assert json.loads(row)["id_number"] == NUMBER
    assert (manifest["format"], manifest["personId"]) == ("linli person export 1", str(person))
    assert "core.person_created" in history
    assert ("core.person_exported",) in project.query("SELECT type FROM core_event")
    again = linli(*export)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)


def test_an_unknown_person_is_told(linli: Linli, migrated: Project) -> None:
    named = ("--config", migrated.config, migrated.folder / "x.zip")
    unknown = linli("person", "export", "--person", uuid4(), *named)
    assert (unknown.exit_code, "there is no person" in unknown.stderr) == (1, True)
    odd = linli("person", "export", "--person", "x", *named)
    assert (odd.exit_code, "is no UUID" in odd.stderr) == (2, True)
    assert not (migrated.folder / "x.zip").exists()
