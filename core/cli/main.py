"""The entry point of `linli`: core's commands, then those of every installed plugin."""

from __future__ import annotations

import gc
import importlib.metadata
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from . import commands
from .failures import explained
from .group import Root
from .messages import tell
from .plugin_commands import add_plugin_commands
from .tables import is_terminal

if TYPE_CHECKING:
    from linli.core.plugins.inventory import Installed


def main() -> None:
    """Run `linli` and end the process: 0 when done, 1 for findings, 2 for a command line that cannot be meant."""
    gc.disable()  # what a start makes is kept to the end: looking for garbage in it takes a tenth of the start
    try:
        app = application(_installed())
    except Exception as error:
        failure = explained(error)
        if failure is None:
            raise
        tell(failure)
        sys.exit(failure.code)
    gc.freeze()
    gc.enable()
    app(prog_name="linli")


def application(installed: Installed) -> typer.Typer:
    """All commands, for these plugins; raises PluginError where a plugin's commands cannot be added."""

    class Linli(Root):
        """`linli` with these plugins."""

    Linli.installed = installed
    app = typer.Typer(
        cls=Linli,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if is_terminal() else None,
    )
    app.callback()(linli)
    commands.add_commands(app)
    add_plugin_commands(app, installed)
    return app


def linli(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version. 显示版本。")] = False,
) -> None:
    """Linli: community governance for districts, one GraphQL API each. 邻里：区县社区治理平台。"""
    if version:
        typer.echo(f"linli {importlib.metadata.version('linli')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _installed() -> Installed:
    from linli.core.plugins.discovery import installed  # noqa: PLC0415  its failures are told in words

    return installed()


if __name__ == "__main__":
    main()
