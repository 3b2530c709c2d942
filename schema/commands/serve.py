"""`linli serve`: the districts over HTTP."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from linli.core.cli import invocation
from linli.core.cli.instants import instant
from linli.core.cli.messages import CommandError, UsageError, say
from linli.core.cli.running import run
from linli.core.clock import Clock, use

from .texts import words

if TYPE_CHECKING:
    from linli.core.config import Configuration
    from linli.core.errors import Text


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. 监听地址。")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0 takes a free one. 端口。")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="How many processes; PostgreSQL only beyond 1. 进程数。")
    ] = 1,
    clock: Annotated[
        str | None, typer.Option(metavar="ISO8601", help="Start the clock there: demo, training, tests. 情景时间。")
    ] = None,
) -> None:
    """Serve all districts over HTTP until SIGTERM or Ctrl-C. 启动服务。"""
    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    _refuse_workers(configuration, workers, clock)
    if clock is not None:
        use(Clock(instant(clock, "--clock", lambda: configuration)))
    port = configuration.server.port if port is None else port
    with _bound(host or configuration.server.host, port) as listening:
        (_serve_alone if workers == 1 else _serve_together)(call, configuration, listening, workers)


def _refuse_workers(configuration: Configuration, workers: int, clock: str | None) -> None:
    if workers == 1:
        return
    if any(configuration.database_of(key).file is not None for key in configuration.districts):
        raise UsageError(
            words(
                "--workers {count} on SQLite: a district's file has one writer; leave it out, or use PostgreSQL",
                count=workers,
            )
        )
    if clock is not None:
        raise UsageError(
            words(
                "--workers {count} with --clock: each process would have a clock of its own; leave one out",
                count=workers,
            )
        )


def _bound(host: str, port: int) -> socket.socket:
    """A socket that is bound and does not listen yet: nobody is kept waiting while districts are opened."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        told = words(
            "cannot listen on {host}:{port}: {reason}; name another --host or --port",
            host=host,
            port=port,
            reason=error.strerror,
        )
        raise CommandError(told) from error
    return listening


def _serve_alone(call: invocation.Invocation, configuration: Configuration, listening: socket.socket, _: int) -> None:
    import uvloop  # noqa: PLC0415

    from ..http.server import serve as serving  # noqa: PLC0415
    from ..logs import configure  # noqa: PLC0415

    configure(sys.stderr)
    told = partial(_tell, configuration, listening)
    run(serving(configuration, call.installed, listening, told), uvloop.new_event_loop)


def _serve_together(
    call: invocation.Invocation, configuration: Configuration, listening: socket.socket, workers: int
) -> None:
    from ..http.server import unserved  # noqa: PLC0415
    from ..http.workers import Workers  # noqa: PLC0415
    from ..logs import configure  # noqa: PLC0415

    configure(sys.stderr)
    listening.set_inheritable(True)
    behind = run(unserved(configuration, call.installed))
    processes = Workers(configuration.file, listening, workers, partial(_tell, configuration, listening, behind))
    processes.run()
    if processes.failed:
        raise CommandError(words("a process could not start; see the log above"))


def _tell(configuration: Configuration, listening: socket.socket, behind: Mapping[str, Text]) -> None:
    """Where the districts answer, or why they do not."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  shown, not bound
    root = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    say(words("Linli serves at {root}", root=root))
    for key, district in configuration.districts.items():
        if key in behind:
            say(words("{name}: not served, {reason}", name=district.name, reason=behind[key]))
        else:
            say(words("{name}: {url}", name=district.name, url=f"{root}/d/{key}/graphql"))
