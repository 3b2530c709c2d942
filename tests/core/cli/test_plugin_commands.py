"""Commands that plugins add by the hook `linli_cli`."""

from __future__ import annotations

from types import ModuleType

import pytest
from typer.testing import CliRunner

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from linli.core.plugins.problems import PluginError
from tests.core.cli.projects import Maker, Project

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
