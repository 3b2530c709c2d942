"""`linli events`: who handles what, what was given up, and telling handlers again."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner, Result

from linli.core.cli.main import application
from linli.core.config import load
from linli.core.deliveries.deliverer import Deliverer
from linli.core.districts import open_platform
from linli.core.people.services import create_person
from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed
from linli.core.records.unit_of_work import transact

from .projects import Linli, Maker, Project, aside

GREETING = """
from linli.core.deliveries.handlers import EventHandler
from linli.core.people.models import Person

async def greet(district, event, payload):
    if (district.data / "broken").exists():
        raise ArithmeticError("broken on purpose")
    await Person.create(name=f"greeted {event.sequence}", name_key="")

@hookimpl
def linli_event_handlers():
    told = "Greets whoever comes. 问候。"
    return [EventHandler("greeting.greet", {"core.person_created": 1}, greet, told, attempts=1)]
"""


class Greeting:
    """A project with the plugin `greeting`, and its command line."""

    def __init__(self, project: Project, found: Installed) -> None:
        self.project, self.found = project, found
        self._app = application(found)

    def __call__(self, *arguments: str) -> Result:
        whole = [*arguments, "--district", self.project.key, "--config", str(self.project.config)]
        return CliRunner().invoke(self._app, whole)

    def people(self, count: int, *, deliver: bool = True) -> None:
        """People come, and a server runs meanwhile."""

        async def come() -> None:
            async with open_platform(load(self.project.config, self.found), self.found, [self.project.key]) as platform:
                district = platform.districts[self.project.key]
                with district.scope():
                    for _ in range(count):
                        await transact(lambda _unit: create_person(name="来人"))
                if deliver:
                    await Deliverer(district).drain()

        aside(come())

    def greeted(self) -> int:
        [(count,)] = self.project.query("SELECT count(*) FROM core_person WHERE name LIKE 'greeted%'")
        return int(count)


@pytest.fixture
def greeting(project: Project, made: Maker, linli: Linli) -> Greeting:
    found = installed([made("greeting", GREETING)])
    assert linli("migrate", "--district", project.key, "--config", project.config).exit_code == 0
    project.write(plugins='["greeting"]')
    return Greeting(project, found)


def break_it(greeting: Greeting) -> None:
    data = greeting.project.folder / "data"
    data.mkdir(exist_ok=True)
    (data / "broken").touch()


def test_handlers_are_listed_with_how_far_they_are(greeting: Greeting) -> None:
    greeting.people(3, deliver=False)
    result = greeting("events", "handlers")
    assert result.exit_code == 0, result.output
    assert re.search(r"greeting\.greet\s.*core\.person_created", result.stdout)
    assert "Greets whoever comes." in result.stdout


def test_what_was_given_up_is_listed_and_tried_anew(greeting: Greeting) -> None:
    break_it(greeting)
    greeting.people(2)
    listed = greeting("events", "dead")
    assert listed.exit_code == 0, listed.output
    assert listed.stdout.count("ArithmeticError") == 2
    assert "broken on purpose" not in listed.stdout
    assert f"{greeting.project.key}: given up: 2" in listed.stdout
    (greeting.project.folder / "data" / "broken").unlink()
    again = greeting("events", "retry", "--handler", "greeting.greet")
    assert again.stdout == f"{greeting.project.key}: tried anew: 2\n"
    greeting.people(0)
    assert greeting.greeted() == 2
    assert greeting("events", "retry", "--handler", "greeting.greet").stdout.endswith("tried anew: 0\n")


def test_past_events_are_told_again(greeting: Greeting) -> None:
    greeting.people(3)
    assert greeting.greeted() == 3
    again = greeting("events", "replay", "--handler", "greeting.greet", "--from", "1")
    assert again.exit_code == 0, again.output
    assert again.stdout == f"{greeting.project.key}: greeting.greet is told of 3 events by a running server\n"
    greeting.people(0)
    assert greeting.greeted() == 6


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("replay", "--handler", "greeting.gret", "--from", "1"), "greeting.greet\n"),
        (("replay", "--handler", "greeting.greet", "--from", "999"), "numbered from 1 to"),
        (("retry", "--handler", "greeting.gret"), "greeting.greet\n"),
    ],
)
def test_a_handler_or_event_that_is_not_there_is_refused_with_what_there_is(
    greeting: Greeting, arguments: tuple[str, ...], told: str
) -> None:
    greeting.people(1)
    result = greeting("events", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_district_without_plugins_has_the_handlers_of_core(project: Project, linli: Linli) -> None:
    assert linli("migrate", "--district", project.key, "--config", project.config).exit_code == 0
    result = linli("events", "handlers", "--district", project.key, "--config", project.config)
    assert result.exit_code == 0
    assert "core.tell_acted_for" in result.stdout


def test_deliveries_that_are_done_are_kept_no_longer_than_30_days(greeting: Greeting) -> None:
    greeting.people(2)
    [(done,)] = greeting.project.query("SELECT count(*) FROM core_delivery WHERE state = 'DONE'")
    assert done == 2
    greeting.project.change("UPDATE core_delivery SET done_at = '2026-01-01 00:00:00+00:00'")
    result = greeting("retention")
    assert result.exit_code == 0, result.output
    assert greeting.project.query("SELECT count(*) FROM core_delivery") == [(0,)]


OPENED = """
from pydantic import BaseModel
from linli.core.records.event_types import EventType, Internal

class Opened(BaseModel):
    '''Which door was opened, by its number.'''

    number: Internal[int]

@hookimpl
def linli_event_types():
    return [EventType("doors.opened", 1, Opened, "Somebody opened a door. 开门。")]
"""


def test_the_catalogue_tells_each_type_of_what_is_installed_or_on_in_a_district(sqlite: Project, made: Maker) -> None:
    app = application(installed([made("doors", OPENED)]))

    def catalogue(*more: str) -> Result:
        return CliRunner().invoke(app, ["events", "catalogue", *more, "--config", str(sqlite.config)])

    told = {one["name"]: one for one in json.loads(catalogue("--json").stdout)}
    assert told["doors.opened"]["owner"] == "doors"
    assert told["doors.opened"]["fields"] == [{"name": "number", "type": "integer", "class": "INTERNAL"}]
    page = catalogue()
    assert page.exit_code == 0
    assert [name for name in told if name not in page.stdout] == []
    here = {one["name"] for one in json.loads(catalogue("--json", "--district", sqlite.key).stdout)}
    assert told.keys() - here >= {"doors.opened"}
    assert "core.org_created" in here
    assert catalogue("--district", "nowhere").exit_code == 2
