"""The server: opens the districts, answers over HTTP, and lets what is under way finish before it ends. 服务进程。"""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from linli.core.config import Configuration
from linli.core.districts import District, Platform, open_platform
from linli.core.districts.namespaces import dialect_of
from linli.core.errors import Text
from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.inventory import Installed
from linli.core.tasks import stop_all

from ..observing.traces import traced_to
from .application import application
from .closed import ClosedStore
from .connection import Connection
from .reopening import silent, why_not
from .request_log import RequestLog
from .socket import Socket

log = structlog.get_logger(__name__)

GRACE_SECONDS = 25
"""How long requests under way may take to finish when the server is stopped."""
MESSAGE_BYTES = 1_048_576
"""How large a message over a WebSocket may be, where the configuration does not want less."""

Ready = Callable[[Mapping[str, Text]], None]
"""Told once, when requests are answered, which districts are not served and why."""


@dataclass(frozen=True)
class Served:
    """An open platform as an application; `behind` says of districts why they are not served."""

    application: ASGIApp
    behind: Mapping[str, Text]


@asynccontextmanager
async def opened(configuration: Configuration, installed: Installed) -> AsyncIterator[Served]:
    """Open every district that is up to date; in the end stop what runs beside, then the plugins, then close."""
    behind = await unserved(configuration, installed)
    async with _traced(configuration), open_platform(configuration, installed, ()) as platform:
        behind |= await _opened(platform, [key for key in configuration.districts if key not in behind])
        whole = _with_closed(platform, behind)
        try:
            answering = application(whole, behind)
            yield Served(RequestLog(answering, configuration.default_district), behind)
        finally:
            await stop_all()
            on = {name for key in platform.districts for name in configuration.districts[key].plugins}
            await Hooks(installed, on).outcomes("linli_shutdown")


@asynccontextmanager
async def _traced(configuration: Configuration) -> AsyncIterator[None]:
    with traced_to(configuration.server.traces_to):
        yield


async def _opened(platform: Platform, keys: Iterable[str]) -> dict[str, Text]:
    """Open districts; why it did not succeed where a database has gone silent meanwhile."""
    behind = {}
    for key in keys:
        try:
            await platform.open(key)
        except Exception as error:  # one district's database must not keep the others from being served
            behind[key] = silent(key, error)
    return behind


async def unserved(configuration: Configuration, installed: Installed) -> dict[str, Text]:
    """The districts that cannot be served now, each with the reason in words."""
    reasons = await asyncio.gather(*(why_not(configuration, installed, key) for key in configuration.districts))
    found = {key: reason for key, reason in zip(configuration.districts, reasons, strict=True) if reason is not None}
    for key, reason in found.items():
        log.warning("district_unavailable", district=key, reason=str(reason))
    return found


def _with_closed(platform: Platform, behind: Mapping[str, Text]) -> Platform:
    """The platform with the districts that are not served in their places, closed."""
    configuration, installed = platform.configuration, platform.installed
    closed = {
        key: District(key, configuration.districts[key], installed, ClosedStore(dialect_of(configuration, key), key))
        for key in behind
    }
    every = {**platform.districts, **closed}
    return Platform(configuration, installed, [every[key] for key in configuration.districts], platform.open)


class Server(uvicorn.Server):
    """Uvicorn's server, which ends without dying of the signal that stopped it: what it opened is to be closed."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and tell of it."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The signals are caught around everything, see `stopping`."""
        yield

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Let SIGINT and SIGTERM end the serving, also one that arrives while it begins."""
        loop = asyncio.get_running_loop()
        for signal in HANDLED_SIGNALS:
            loop.add_signal_handler(signal, self.handle_exit, signal, None)
        try:
            yield
        finally:
            for signal in HANDLED_SIGNALS:
                loop.remove_signal_handler(signal)


async def serve(configuration: Configuration, installed: Installed, listening: socket.socket, ready: Ready) -> None:
    """Serve all districts on a bound socket until a signal; requests under way are finished, then all is closed."""
    async with opened(configuration, installed) as served:
        server = Server(settings(served.application), lambda: ready(served.behind))
        keep_for_good()
        with server.stopping():
            await server.serve([listening])
    log.info("stopped")


def keep_for_good() -> None:
    """Leave what was made for the start, schemas above all, to the end of the process.

    The collector would walk through all of it again and again: a third of what delivering to subscribers takes.
    """
    gc.collect()
    gc.freeze()


def settings(answering: ASGIApp | str, **more: int | bool) -> uvicorn.Config:
    """Uvicorn's settings; logs are ours."""
    return uvicorn.Config(
        answering,
        http=Connection,
        ws=Socket,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,  # latency and memory for each connection, for messages of some hundred bytes
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe whoever asks from this machine; see hardening
        timeout_graceful_shutdown=GRACE_SECONDS,
        **more,  # type: ignore[arg-type]  # workers and factory
    )
