"""`linli clock`: the clock of a server that was started with --clock."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import invocation
from ..group import Group
from ..instants import instant
from ..language import words
from ..messages import CommandError, say

app = typer.Typer(cls=Group, help="The clock of a scenario server. 情景时间。")


@app.callback()
def clock() -> None:
    """A group also while it has one command."""


@app.command()
def advance(
    to: Annotated[str, typer.Option(metavar="ISO8601", help="The instant to move to. 目标时刻。")],
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where the server listens; default as configured. 端口。")
    ] = None,
) -> None:
    """Move a running scenario server on; what falls due happens in order. 推进情景时间。"""
    from linli.core.jobs import remote  # noqa: PLC0415  `linli --help` is to be quick

    call = invocation.current()
    reached = instant(to, "--to", call.configuration)
    done = remote.advance(call.configuration().server.port if port is None else port, reached)
    say(words("the clock shows {now}; carried out: {fired}", now=done["now"], fired=done["fired"]))
    if done["failed"]:
        raise CommandError(words("carried out without success: {count}; see the server's log", count=done["failed"]))
