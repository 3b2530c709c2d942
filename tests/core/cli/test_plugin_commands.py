"""Commands that plugins add by the hook `linli_cli`."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from linli.core.plugins.problems import PluginError
from tests.core.cli.projects import Project

SOURCE = """\
import typer

from linli.core.cli import invocation, messages, running
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

plugin = Plugin(
    name={name!r}, title=Title(en="Made", zh="测试"), description="Made for a test. 测试用。",
    version="1.0", requires=">=0.1",
)

"""
COUNTING = """\
group = typer.Typer(help="Doors. 门。")

@group.callback()
def doors():
    pass

@group.command()
def count():
    '''Count accounts. 统计账号。'''
    call = invocation.current()
    messages.say(f"{running.run(counted(call))} accounts")

async def counted(call):
    from linli.core.access.models import Account

    configuration = call.configuration()
    async with running.entered(configuration, call.installed, invocation.chosen(configuration, None)):
        return await Account.all().count()

@hookimpl
def linli_cli(app):
    app.add_typer(group, name="doors")
"""
Maker = Callable[[str, str], ModuleType]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Makes a plugin of a name and the source after its manifest."""
    monkeypatch.syspath_prepend(str(tmp_path))
    names: list[str] = []

    def make(name: str, body: str) -> ModuleType:
        names.append(f"made_for_cli_{name}")
        source = SOURCE.format(name=name) + textwrap.dedent(body)
        (tmp_path / names[-1]).mkdir()
        (tmp_path / names[-1] / "__init__.py").write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(names[-1])

    yield make
    for name in names:
        sys.modules.pop(name)


def refusal(*modules: ModuleType) -> str:
    with pytest.raises(PluginError) as refused:
        application(installed(modules))
    return str(refused.value)


def test_a_plugin_adds_commands_that_know_the_configuration(made: Maker, migrated: Project) -> None:
    app = application(installed([made("doors", COUNTING)]))
    for arguments in (
        ["doors", "count", "--config", str(migrated.config)],
        ["--config", str(migrated.config), "doors", "count"],
    ):
        result = CliRunner().invoke(app, arguments)
        assert (result.exception, result.output) == (None, "0 accounts\n")
    assert "Doors." in CliRunner().invoke(app, ["--help"]).output
    assert "Count accounts.\n" in CliRunner().invoke(app, ["doors", "count", "--help"]).output


@pytest.mark.parametrize(
    "addition",
    ['app.command("migrate")(print)', 'app.add_typer(typer.Typer(), name="migrate")'],
)
def test_a_command_of_core_cannot_be_replaced(made: Maker, addition: str) -> None:
    told = refusal(made("doors", f"@hookimpl\ndef linli_cli(app):\n    {addition}\n"))
    assert "plugin 'doors': found the command 'migrate', which 'core' defines too; expected one definition" in told
    assert "made_for_cli_doors/__init__.py:12" in told


def test_two_plugins_cannot_define_one_command(made: Maker) -> None:
    body = '@hookimpl\ndef linli_cli(app):\n    app.add_typer(typer.Typer(name="lock"))\n'
    told = refusal(made("doors", body), made("gates", body))
    assert "plugin 'gates': found the command 'lock', which 'doors' defines too" in told


def test_a_plugin_that_fails_to_add_its_commands_keeps_linli_from_starting(made: Maker) -> None:
    told = refusal(made("doors", "@hookimpl\ndef linli_cli(app):\n    raise ValueError('no key')\n"))
    assert "plugin 'doors': found ValueError in linli_cli: no key" in told
