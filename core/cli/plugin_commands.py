"""The commands that plugins add; no two of them, and none of core's, have one name."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import typer
from typer.main import get_command_name

if TYPE_CHECKING:
    from linli.core.plugins.implementations import Implementation
    from linli.core.plugins.inventory import Installed
    from linli.core.plugins.problems import PluginProblem, Problems

HOOK = "linli_cli"


def add_plugin_commands(app: typer.Typer, installed: Installed) -> None:
    """Let every installed plugin add its commands, dependencies first.

    Raises PluginError where a plugin fails or defines a command that is there already.
    """
    from linli.core.plugins.problems import Problems  # noqa: PLC0415  `linli --help` is to be quick

    problems = Problems()
    owners = dict.fromkeys(_names(app), "core")
    for implementation in installed.registry.chain(HOOK):
        before = _names(app)
        _call(implementation, app, problems)
        for name in _names(app) - before:
            if name in owners:
                found = f"the command {name!r}, which {owners[name]!r} defines too"
                expected = "one definition: name the command, or its group, after the plugin"
                problems.add(implementation.plugin, found, expected, at=implementation.at)
            owners.setdefault(name, implementation.plugin)
            installed.claims.claim("command", name, owners[name], at=implementation.at)
    if len(problems):
        problems.extend(_other_problems(installed))
    problems.settle()


def _other_problems(installed: Installed) -> tuple[PluginProblem, ...]:
    """What is wrong with the plugins' other names, to be told at once."""
    from linli.core.districts.names import settle_names  # noqa: PLC0415
    from linli.core.plugins.problems import PluginError  # noqa: PLC0415

    try:
        settle_names(installed)
    except PluginError as error:
        return error.problems
    return ()


def _call(implementation: Implementation, app: typer.Typer, problems: Problems) -> None:
    from linli.core.plugins.calls import call_now  # noqa: PLC0415
    from linli.core.plugins.problems import HookError  # noqa: PLC0415

    try:
        call_now(implementation, {"app": app})
    except Exception as error:
        failure = HookError(implementation.plugin, implementation.hook, implementation.at, error)
        problems.extend([failure.problem], cause=error)


def _names(app: typer.Typer) -> Counter[str]:
    """The names of the commands and groups that are registered so far, each as often as it is."""
    commands = [it.name or get_command_name(it.callback.__name__) for it in app.registered_commands if it.callback]
    groups = [it.name or (it.typer_instance and it.typer_instance.info.name) for it in app.registered_groups]
    return Counter([*commands, *(name for name in groups if isinstance(name, str))])
