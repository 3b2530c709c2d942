"""`linli migrate`: every district's namespace brought up to date, and its root node made."""

from __future__ import annotations

import traceback
from typing import Annotated

import typer

from .. import invocation
from ..failures import explained
from ..language import words
from ..messages import CommandError, tell
from ..running import run


def migrate(
    district: Annotated[
        str | None, typer.Option(metavar="KEY", help="Only this district; default all. 仅此区县，默认全部。")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would be done, change nothing. 仅列出，不执行。")
    ] = False,
) -> None:
    """Bring the districts' databases up to date and make their root nodes. 升级数据库并建立根节点。"""
    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    keys = list(configuration.districts) if district is None else [invocation.chosen(configuration, district)]
    failed = run(_all(call, keys, plan=plan))
    if failed:
        raise CommandError(
            words("not migrated: {failed}; mend what is told above and repeat", failed=", ".join(failed))
        )


async def _all(call: invocation.Invocation, keys: list[str], *, plan: bool) -> list[str]:
    """Do one district after the other, whatever becomes of the one before; the keys of those that failed."""
    from ..migrating import Migrating  # noqa: PLC0415  `linli --help` is to be quick

    configuration, failed = call.configuration(), []
    for key in keys:
        one = Migrating(configuration, call.installed, key)
        try:
            await (one.show_plan() if plan else one.carry_out())
        except Exception as error:
            failed.append(key)
            _tell(key, error)
    return failed


def _tell(key: str, error: Exception) -> None:
    """Tell what became of a district; with its traceback what nobody foresaw."""
    failure = explained(error)
    if failure is None:
        traceback.print_exception(error)
    messages = (f"{type(error).__name__}: {error}",) if failure is None else failure.messages
    tell(CommandError(*(words("{key}: {reason}", key=key, reason=message) for message in messages)))
