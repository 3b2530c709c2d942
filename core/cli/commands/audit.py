"""`linli audit`: whether what is recorded was altered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import CommandError, say
from ..running import entered, run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.records.verify import Verification

app = typer.Typer(cls=Group, help="The chain of events. 审计链。")


@app.callback()
def audit() -> None:
    """A group also while it has one command."""


@app.command()
def verify(
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
) -> None:
    """Check that no event was changed, removed or reordered; exit code 1 where one was. 校验审计链。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    found = run(_verify(call, key))
    if not found.ok:
        rows = [(it.kind.value, str(it.sequence or ""), it.event_id or "", it.message) for it in found.findings]
        table([words("kind"), words("sequence"), words("event"), words("what")], rows)
        raise CommandError(words("{key}: the chain is broken in {count} places", key=key, count=len(rows)))
    say(words("{key}: {count} events, the chain holds", key=key, count=found.checked))
    if found.erased:
        say(words("{count} of them are erased", count=found.erased))


async def _verify(call: invocation.Invocation, key: str) -> Verification:
    from linli.core.records.sealing import seal_now  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.records.verify import verify as verified  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        await seal_now(district.store)
        return await verified()
