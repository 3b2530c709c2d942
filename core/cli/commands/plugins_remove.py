"""`linli plugins remove`: a plugin's rows into a file, and its tables away."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..files import refuse_taken
from ..language import in_words, words
from ..messages import CommandError, UsageError, say, unknown
from ..progress import progress
from ..running import run
from ..tables import is_terminal

if TYPE_CHECKING:
    from linli.core.config import Configuration
    from linli.core.districts.removing import Removed


def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin. 插件名。")],
    export: Annotated[
        Path, typer.Option(metavar="FILE", help="Where its rows are kept: a new zip. 导出文件，须为新文件。")
    ],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask. 不再询问。")] = False,
) -> None:
    """Export all rows of a plugin that is off, then drop its tables. 导出数据后删除插件的数据表。"""
    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    key = invocation.chosen(configuration, district)
    choosable = [plugin.name for plugin in call.installed.choosable]
    if name not in choosable:
        raise UsageError(unknown(words("plugin"), name, choosable))
    _refuse_on(configuration, key, name)
    rows = run(_rows(call, configuration, key, name))
    if not rows:
        say(words("{key}: {plugin} has no tables here; nothing to do", key=key, plugin=name))
        return
    refuse_taken(export)
    _confirm(key, name, rows, yes=yes)
    done = run(_remove(call, configuration, key, name, export.absolute()))
    _tell(key, name, export, done)


def _refuse_on(configuration: Configuration, key: str, name: str) -> None:
    if name in configuration.districts[key].plugins:
        raise CommandError(
            words(
                "{plugin} is on in district {key}; take it out of `plugins` in {file} and restart the server first",
                plugin=name,
                key=key,
                file=configuration.file,
            )
        )


def _confirm(key: str, name: str, rows: Mapping[str, int], *, yes: bool) -> None:
    """Ask somebody; raises CommandError for no, UsageError where nobody can be asked."""
    if yes:
        return
    if not is_terminal(sys.stdin):
        raise UsageError(words("nobody can be asked, since stdin is no terminal; add --yes"))
    asked = words(
        "{key}: drop {tables} tables of {plugin} with {rows} rows?",
        key=key,
        tables=len(rows),
        plugin=name,
        rows=sum(rows.values()),
    )
    if not typer.confirm(in_words(asked), err=True):
        raise CommandError(words("nothing is changed"))


async def _rows(call: invocation.Invocation, configuration: Configuration, key: str, name: str) -> dict[str, int]:
    from linli.core.districts.migrating import missing  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.districts.removing import Removing  # noqa: PLC0415

    rows = await Removing(configuration, call.installed, key, name).rows()
    if rows and await missing(configuration, call.installed, key):
        raise CommandError(
            words("district {key} is not up to date; run `linli migrate --district {key}` first", key=key)
        )
    return rows


async def _remove(
    call: invocation.Invocation, configuration: Configuration, key: str, name: str, file: Path
) -> Removed:
    from linli.core.districts.removing import Removing  # noqa: PLC0415

    with progress() as bar:
        return await Removing(configuration, call.installed, key, name).carry_out(file, bar)


def _tell(key: str, name: str, file: Path, done: Removed) -> None:
    for table, count in done.rows.items():
        say(words("{key}: {table}: {count} rows exported, table dropped", key=key, table=table, count=count))
    say(words("{key}: {plugin} is removed; its rows are in {file}", key=key, plugin=name, file=file))
    say(words("SHA-256 of the file: {sha256}", sha256=done.sha256))
