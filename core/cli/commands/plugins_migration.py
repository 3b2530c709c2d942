"""`linli plugins migration`: the migration that a change of a plugin's models needs."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import invocation
from ..language import words
from ..messages import CommandError, UsageError, note, say, unknown


def migration(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin. 插件名。")],
    what: Annotated[str, typer.Argument(metavar="WORDS", help="What it does, in a few words. 迁移说明。")],
) -> None:
    """Write the next migration of a plugin from its models, for its author. 由数据模型生成迁移文件。"""
    from linli.core.districts.migrating import apps_of  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.records.migrations import BadMigrationError, make  # noqa: PLC0415

    installed = invocation.current().settled()
    if name not in installed:
        raise UsageError(unknown(words("plugin"), name, installed))
    apps, label = apps_of(installed, installed), installed[name].label
    if label not in {app.label for app in apps}:
        raise CommandError(words("{name} has no models: its hook linli_storage names none", name=name))
    try:
        made = make(apps, label, what)
    except BadMigrationError as error:
        raise CommandError(words("no migration is written: {reason}", reason=error)) from error
    if made is None:
        note(words("the migrations of {name} carry its models: nothing to write", name=name))
    else:
        say(words("{file} is written: read it, and commit it with the models", file=made))
