"""A district worth a backup, its twin elsewhere, and what a backup holds."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner, Result

from linli.core import clock
from linli.core.cli.main import application
from linli.core.config import load
from linli.core.deliveries.deliverer import Deliverer
from linli.core.districts import District, open_platform
from linli.core.graph.queries import district_root
from linli.core.jobs.sweeper import Sweeper
from linli.core.jobs.timers import schedule
from linli.core.people.services import create_person
from linli.core.plugins.inventory import Installed
from linli.core.records.record import new_id
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.schema.http.application import application as served
from linli.schema.scalars import global_id
from linli.schema.testing.clients import BASE, Client, clients
from linli.schema.testing.trees import plant
from tests.core.cli.projects import Project, aside
from tests.schema.files.conftest import picture, upload

PLUGIN = """
from linli.core.deliveries.handlers import EventHandler
from linli.core.jobs.timers import TimerKind
from linli.core.people.models import Person

async def greet(district, event, payload):
    await Person.create(name=f"greeted {event.subject_id}", name_key="")

async def fire(district, timer):
    await Person.create(name=f"fired {timer.subject_id}", name_key="")

@hookimpl
def linli_event_handlers():
    return [EventHandler("reacting.greet", {"core.person_created": 1}, greet, "Greets whoever comes. 问候。")]

@hookimpl
def linli_timers():
    return [TimerKind("reacting.later", fire, "Fires. 到期。")]
"""
ASKED = """{
  district { name }
  orgs(first: 50) { totalCount nodes { id name code kind } }
  people(first: 50) { totalCount nodes { id name phone } }
  venues(first: 50) { totalCount nodes { id name photos { totalCount } } }
  history: events(first: 5) { nodes { type } }
}"""


@dataclass
class Side:
    """A place for one district, with the plugins found: a folder, a database and a command line."""

    project: Project
    found: Installed

    def __call__(self, *arguments: object) -> Result:
        options = ["--district", self.project.key, "--config", self.project.config]
        result = CliRunner().invoke(application(self.found), [*map(str, arguments), *map(str, options)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def done(self, *arguments: object) -> str:
        """What a command that succeeds tells."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[District]:
        configuration = load(self.project.config, self.found)
        async with open_platform(configuration, self.found, [self.project.key]) as platform:
            district = platform.districts[self.project.key]
            self.served = served(platform)
            with district.scope():
                yield district

    def twin(self, folder: Path, url: str) -> Side:
        """Another server for the same district, with the same master keys and nothing in it."""
        folder.mkdir()
        shutil.copy(self.project.folder / "linli.keys", folder)
        text = self.project.config.read_text("utf-8").replace(f'"{self.project.url}"', f'"{url}"')
        (folder / "linli.toml").write_text(text, "utf-8")
        return Side(replace(self.project, folder=folder, url=url), self.found)

    def fill(self, people: int = 20) -> str:
        """People, a venue with a photo that is still waiting, deliveries and a timer to come; somebody's token."""
        return aside(self._fill(people))

    async def _fill(self, people: int) -> str:
        async with self.opened() as district:
            root = await district_root()
            assert root is not None
            tree = await plant(district, root)
            for number in range(people):
                await transact(partial(_come, number))
            await transact(lambda _unit: schedule("reacting.later", new_id(), clock.now() - timedelta(hours=1)))
        async with self.opened() as district, clients(district, self.served) as client:
            boss = await client("district-admin")
            ids = {
                "ownerId": global_id("OrgNode", tree.unit.id),
                "communityId": global_id("OrgNode", tree.community.id),
            }
            await boss.mutate(
                "mutation ($input: CreateVenueInput!) { createVenue(input: $input) { ... on Venue { id } } }",
                input={"name": "球场", "kind": "COURT", "capacity": 10, **ids},
            )
            assert (await upload(boss, picture())).status < 300
            await seal_now(district.store)
            return str(boss.token)

    def asked(self, token: str, query: str) -> Any:
        """What GraphQL answers to whoever has the token."""
        return aside(self._asked(token, query))

    async def _asked(self, token: str, query: str) -> Any:
        async with self.opened():
            transport = httpx.ASGITransport(self.served)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
                return await Client(http, f"/d/{self.project.key}/graphql", token).data(query)

    def serve(self) -> int:
        """What a server would do about deliveries and timers; how many timers fired."""

        async def go_on() -> int:
            async with self.opened() as district:
                await Deliverer(district).drain()
                return (await Sweeper(district).sweep()).fired

        return aside(go_on())


async def _come(number: int, _unit: object) -> None:
    await create_person(name=f"来人 {number}", phone=f"138001380{number % 100:02d}")


def held(file: Path) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The manifest of a backup, and the rows of every table."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = {
            table: [json.loads(line) for line in archive.read(f"{table}.jsonl").splitlines()]
            for table in manifest["tables"]
        }
        return manifest, rows


def remade(file: Path, made: Path, change: dict[str, bytes | None]) -> Path:
    """A copy of a zip with other entries; None leaves one out."""
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in archive.namelist():
            content = change.get(name, archive.read(name))
            if content is not None:
                changed.writestr(name, content)
        for name in change.keys() - set(archive.namelist()):
            changed.writestr(name, change[name] or b"")
    return made
