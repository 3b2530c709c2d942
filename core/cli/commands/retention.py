"""`linli retention`: how long what is kept, and getting rid of what was kept that long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..language import half, words
from ..messages import CommandError, note, say
from ..progress import progress
from ..running import entered, run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.districts import District
    from linli.core.errors import Text

    from ..retaining import Found

MOST_AT_ONCE = 10_000


def retention(
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what is due. 仅列出，不执行。")] = False,
    batch: Annotated[
        int | None, typer.Option(min=1, max=MOST_AT_ONCE, metavar="ROWS", help="Rows per transaction. 每批行数。")
    ] = None,
) -> None:
    """List how long what is kept, and delete or clear what was kept that long. 保存期限与到期清理。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    found, failed = run(_retention(call, key, batch, dry_run=dry_run))
    _show(found, dry_run=dry_run)
    if failed:
        raise CommandError(words("{key}: rules that failed, see the log: {names}", key=key, names=", ".join(failed)))
    if dry_run:
        note(words("{key}: nothing is changed", key=key))
    else:
        say(words("{key}: rows deleted or cleared: {count}", key=key, count=sum(each.done for each in found)))


async def _retention(
    call: invocation.Invocation, key: str, batch: int | None, *, dry_run: bool
) -> tuple[list[Found], list[str]]:
    async with entered(call.configuration(), call.installed, key) as district:
        return await _carried_out(district, batch, dry_run=dry_run)


async def _carried_out(district: District, batch: int | None, *, dry_run: bool) -> tuple[list[Found], list[str]]:
    from ..retaining import Retaining  # noqa: PLC0415  `linli --help` is to be quick

    with progress() as bar:
        work = Retaining(district, bar, batch)
        return await work.all(dry_run=dry_run), work.failed


def _show(found: list[Found], *, dry_run: bool) -> None:
    number = words("due") if dry_run else words("done")
    headers = [words("rule"), words("table"), words("what happens"), words("kept for"), words("allowed"), number]
    table([*headers, words("why")], [_row(each, dry_run=dry_run) for each in found])


def _row(each: Found, *, dry_run: bool) -> tuple[Text | str, ...]:
    actions = {"DELETED": words("rows deleted"), "CLEARED": words("columns cleared"), "KEPT": words("kept")}
    what = (each.name, each.table, actions[each.action])
    if each.span is None:
        return (*what, "", "", "", half(each.reason))
    return (*what, each.span, each.allowed, str(each.due if dry_run else each.done), half(each.reason))
