"""Names that two installed plugins define: every command that starts something tells them, all at once, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner, Result

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from linli.schema.declare.node import Node
from tests.core.cli.projects import Maker, Project

Ask = Callable[..., list[str]]

PERMISSIONS = """
from linli.core.access.permissions import Permission
@hookimpl
def linli_permissions():
    return [Permission("doors.door.open", "Open. 开门。")]
"""
EVENTS = """
from pydantic import BaseModel
from linli.core.records.event_types import EventType
class Opened(BaseModel):
    pass
@hookimpl
def linli_event_types():
    return [EventType("doors.opened", 1, Opened, "Opened. 开门。")]
"""
TIMERS = """
from linli.core.jobs.timers import TimerKind
async def fire(district, timer): ...
@hookimpl
def linli_timers():
    return [TimerKind("doors.closes", fire, "Closes. 关门。")]
"""
ROLES = """
from linli.core.access.roles import RoleContribution
@hookimpl
def linli_roles():
    return [RoleContribution("door-keeper", ()), RoleContribution("resident", ())]
"""
ORG_KINDS = """
from linli.core.graph.kinds import OrgKind
@hookimpl
def linli_org_kinds():
    return [OrgKind(code="DOOR", title_en="Door", title_zh="门", parents=frozenset({"GRID"}), plugin=plugin.name)]
"""
RELATION_KINDS = """
from linli.core.graph.kinds import RelationKind
@hookimpl
def linli_relation_kinds():
    return [RelationKind(code="OPENS", title_en="Opens", title_zh="开", sources=None, targets=None, plugin=plugin.name)]
"""
TABLES = """
from linli.core.plugins.storage import Storage
@hookimpl
def linli_storage():
    return Storage(models=__name__ + ".models", migrations=__name__ + ".migrations")
"""
MODELS = """
from tortoise import fields
from linli.core.records.classes import public
from linli.core.records.record import Record
from linli.core.records.visible import Visible
class Door(Record):
    size: int = public(fields.IntField())
    visible = Visible()
    class Meta:
        table = "doors_door"
"""
GRAPHQL = """
import strawberry
from enum import StrEnum
from typing import Annotated, Union
from linli.schema.contributions import GraphQL, fields
from linli.schema.declare import computed
from linli.schema.enums import enum
{types}
@hookimpl
def linli_graphql():
    return GraphQL({part})
"""
TYPE = """
@strawberry.type(description="A door. 门。")
class Door:
    size: int = strawberry.field(description="Size. 大小。")
"""
INPUT = """
@strawberry.input(description="A door. 门。")
class DoorInput:
    size: int = strawberry.field(description="Size. 大小。")
@fields("Mutations. 变更。")
class More:
    open_%s = computed("Opens. 开。", lambda *_: 1, int, door=(DoorInput, "Which. 哪个。"))
"""
ENUM = """
@enum("States. 状态。", OPEN="Open. 开。")
class DoorState(StrEnum):
    OPEN = "OPEN"
@fields("Fields. 字段。")
class More:
    state_%s = computed("State. 状态。", lambda *_: DoorState.OPEN, DoorState)
"""
UNION = """
@strawberry.type(description="One. 一。")
class One%s:
    size: int = strawberry.field(description="Size. 大小。")
@fields("Fields. 字段。")
class More:
    found_%s = computed("Found. 结果。", lambda *_: None, Annotated[
        Union[(One%s,)], strawberry.union(name="DoorResult", description="Result. 结果。")])
"""
FIELD = """
@fields("Fields. 字段。")
class More:
    door_count = computed("Doors. 门数。", lambda *_: 1, int)
"""


def graphql(part: str, types: str = "") -> str:
    return GRAPHQL.format(part=part, types=types)


CONFLICTS = {
    "permission 'doors.door.open'": PERMISSIONS,
    "event type 'doors.opened'": EVENTS,
    "timer 'doors.closes'": TIMERS,
    "role 'door-keeper'": ROLES,
    "org kind 'DOOR'": ORG_KINDS,
    "relation kind 'OPENS'": RELATION_KINDS,
    "error code 'DOOR_LOCKED'": graphql('error_codes=("DOOR_LOCKED",)'),
    "type 'Door'": graphql("types=(Door,)", TYPE),
    "type 'DoorInput'": graphql("mutation=More", INPUT),
    "type 'DoorState'": graphql('extend={"Person": More}', ENUM),
    "type 'DoorResult'": graphql("query=More", UNION),
    "field 'Query.doorCount'": graphql("query=More", FIELD),
    "field 'Mutation.doorCount'": graphql("mutation=More", FIELD),
    "field 'OrgNode.doorCount'": graphql('extend={"OrgNode": More}', FIELD),
}
PREFIXED = ("permission", "event type", "timer")


@pytest.fixture
def ask(sqlite: Project) -> Iterator[Ask]:
    """What `linli` says against these plugins: the same in `check`, `plugins`, `migrate` and `serve`."""

    def told(*modules: ModuleType) -> list[str]:
        app = application(installed(modules))
        refused = ""
        for command in (["check"], ["plugins", "list"], ["plugins"], ["migrate"], ["serve", "--port", "0"]):
            result = CliRunner().invoke(app, [*command, "--config", str(sqlite.config)])
            refused = refused or result.stderr
            assert (result.exit_code, result.stdout, result.stderr) == (1, "", refused)
            assert refused.startswith("error: ")
        assert not sqlite.exists()
        return refused.splitlines()

    yield told
    made_here = [it for it in Node.declared if it.cls.__module__.startswith("made_for_cli_")]
    for node in made_here:
        Node.declared.remove(node)
        Node.registry.pop(node.name, None)


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_name_that_two_plugins_define_is_told_with_both_and_where(made: Maker, ask: Ask, name: str) -> None:
    doors, gates = (made(it, CONFLICTS[name].replace("%s", it)) for it in ("doors", "gates"))
    [told] = [line for line in ask(doors, gates) if "defines too" in line]
    kind = name[: name.index(" '")]
    assert told.startswith(f"error: {doors.__file__}:")
    assert f": plugin 'doors': found the {name}, which plugin 'gates' ({gates.__file__}:" in told
    assert told.endswith(f"defines too; expected one plugin to define it: prefix the {kind} with the plugin's name")


@pytest.mark.parametrize("kind", PREFIXED)
def test_a_name_without_its_plugins_prefix_is_told_with_what_was_expected(made: Maker, ask: Ask, kind: str) -> None:
    [(name, body)] = [it for it in CONFLICTS.items() if it[0].startswith(kind)]
    [told] = ask(made("volunteer-gates", body))
    assert "__init__.py:" in told
    assert told.endswith(
        f"plugin 'volunteer-gates': found the {name}; expected a name that starts with 'volunteer_gates.'"
    )


def with_models(module: ModuleType, models: str = MODELS) -> ModuleType:
    folder = Path(str(module.__file__)).parent
    (folder / "models.py").write_text(models)
    (folder / "migrations").mkdir()
    (folder / "migrations" / "__init__.py").write_text("")
    return module


def test_a_table_that_two_plugins_define_is_told_and_so_is_its_prefix(made: Maker, ask: Ask) -> None:
    doors, gates = with_models(made("doors", TABLES)), with_models(made("gates", TABLES))
    prefix, twice = ask(doors, gates)
    assert prefix.endswith(
        f"{Path(str(gates.__file__)).with_name('models.py')}:6: plugin 'gates': found the table 'doors_door'; "
        "expected a name that starts with 'gates_' and no other's prefix"
    )
    assert "models.py:6: plugin 'doors': found the table 'doors_door', which plugin 'gates' (" in twice


def test_a_table_in_the_prefix_of_a_plugin_with_a_longer_name_is_told(made: Maker, ask: Ask) -> None:
    other = MODELS.replace("doors_door", "doors_front_door")
    [told] = ask(with_models(made("doors", TABLES), other), made("doors-front"))
    assert "plugin 'doors': found the table 'doors_front_door'; expected a name that starts with 'doors_'" in told


NODE = """
from linli.schema.declare import column, node
from .models import Door
@node(Door, "A door. 门。", name="SharedDoor")
class SharedDoor:
    size = column("Size. 大小。")
"""


def test_a_declared_type_that_two_plugins_define_is_told_with_all_that_follows_from_it(made: Maker, ask: Ask) -> None:
    body = TABLES + "\n@hookimpl\ndef linli_graphql():\n    from .node import SharedDoor\n"
    body += "    from linli.schema.contributions import GraphQL\n    return GraphQL(types=(SharedDoor,))\n"
    modules = []
    for name in ("doors", "gates"):
        modules.append(with_models(made(name, body), MODELS.replace("doors_door", f"{name}_door")))
        Path(str(modules[-1].__file__)).with_name("node.py").write_text(NODE)
    told = ask(*modules)
    names = {line.partition("found the ")[2].partition(",")[0] for line in told}
    assert {"type 'SharedDoor'", "type 'SharedDoorConnection'", "type 'SharedDoorFilter'"} <= names
    assert all("plugin 'gates'" in line for line in told)


def test_names_of_core_and_of_bundled_plugins_are_taken(made: Maker, ask: Ask) -> None:
    types = TYPE.replace("class Door", "class Venue") + TYPE.replace("class Door", "class Person")
    field = '@fields("Fields. 字段。")\nclass More:\n    name = computed("Name. 名称。", lambda *_: "x", str)\n'
    part = 'types=(Venue, Person), error_codes=("FORBIDDEN",), extend={"OrgNode": More}'
    told = ask(made("doors", graphql(part, types + field) + ORG_KINDS.replace('"DOOR"', '"GRID"')))
    assert len(told) == 5
    for name in ("error code 'FORBIDDEN'", "field 'OrgNode.name'", "org kind 'GRID'", "type 'Person'"):
        [line] = [it for it in told if name in it]
        assert f"plugin 'doors': found the {name}, which core defines too" in line
    assert any("found the type 'Venue', which plugin 'venues' (" in it or "which plugin 'doors' (" in it for it in told)


def test_all_names_are_told_at_once_and_a_command_among_them(made: Maker) -> None:
    command = '\n@hookimpl\ndef linli_cli(app):\n    app.add_typer(typer.Typer(name="lock"))\n'
    every = PERMISSIONS + ROLES + ORG_KINDS + command
    refused = pytest.raises(Exception, match="lock")
    with refused as told:
        application(installed([made("doors", every), made("gates", every)]))
    for name in ("command 'lock'", "permission 'doors.door.open'", "role 'door-keeper'", "org kind 'DOOR'"):
        assert f"the {name}" in str(told.value)


def test_a_plugin_may_add_to_roles_of_core_and_of_a_partner(made: Maker, sqlite: Project) -> None:
    doors, gates = made("doors", ROLES), made("gates", ROLES, depends_on={"doors": ""})
    result = listed(sqlite, doors, gates)
    assert (result.exit_code, result.stderr) == (0, "")


def listed(project: Project, *modules: ModuleType) -> Result:
    return CliRunner().invoke(application(installed(modules)), ["plugins", "list", "--config", str(project.config)])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (ROLES.replace("door-keeper", "Door Keeper"), "found the role 'Door Keeper'; expected words in lower case"),
        (ORG_KINDS.replace('"DOOR"', '"Door"'), "found the org kind 'Door'; expected a name such as 'MICRO_GRID'"),
        (ORG_KINDS.replace("plugin.name", '"gates"'), "with plugin='gates'; expected plugin='doors'"),
        (
            PERMISSIONS.replace("[Perm", "2 * [Perm"),
            "the permission 'doors.door.open' 2 times; expected each name once",
        ),
        (PERMISSIONS.replace("doors.door.open", "open"), "found ValueError in linli_permissions: permission 'open'"),
        (graphql('extend={"OrgNod": More}', FIELD), "expected the name of an object type; did you mean 'OrgNode'?"),
        (graphql("query=dict"), "found TypeError in linli_graphql: builtins.dict: decorate it with @fields"),
        ("@hookimpl\ndef linli_graphql():\n    return 7\n", "found TypeError in linli_graphql: expected a GraphQL"),
        (TABLES, "found ModuleNotFoundError in linli_storage: No module named 'made_for_cli_doors.models'"),
    ],
)
def test_what_cannot_be_a_name_is_told_with_its_plugin(made: Maker, ask: Ask, body: str, told: str) -> None:
    [line] = ask(made("doors", body))
    assert "__init__.py:" in line
    assert "plugin 'doors': found " in line
    assert told in line
