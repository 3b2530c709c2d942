"""Several processes that answer on one socket. PostgreSQL only: on SQLite a district has one writer. 多进程服务。"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client.multiprocess import mark_process_dead
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from linli.core.config import load
from linli.core.plugins.discovery import installed

from ..logs import configure
from .metrics_route import SHARED
from .server import keep_for_good, opened, settings

CONFIG = "LINLI_CONFIG"
FACTORY = "linli.schema.http.workers:worker"
START_SECONDS = 60.0


class Worker:
    """The application of one process: the districts are opened when it starts and closed when it ends."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._application: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or live through the process's life."""
        if scope["type"] != "lifespan":
            assert self._application is not None, "requests come after the start"
            await self._application(scope, receive, send)
            return
        plugins = installed()
        async with opened(load(self._config, plugins), plugins) as served:
            self._application = served.application
            keep_for_good()
            await self._application(scope, receive, send)


def worker() -> Worker:
    """Made by each process for itself; the environment says with which configuration."""
    configure(sys.stderr)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return Worker(Path(os.environ[CONFIG]))


def _end_with_parent() -> None:
    """End in good order when the process that started this one is gone: nobody else would, and the port stays taken."""
    parent = parent_process()
    assert parent is not None, "a worker is started by Workers"
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


class Workers(Multiprocess):
    """Keeps the processes alive, and ends them in good order."""

    def __init__(self, config: Path, listening: socket.socket, count: int, ready: Callable[[], None]) -> None:
        os.environ[CONFIG] = str(config)  # the processes start with this environment
        self._counts = TemporaryDirectory(prefix="linli-metrics-")
        os.environ[SHARED] = self._counts.name
        super().__init__(settings(FACTORY, factory=True, workers=count), [listening])
        self._ready = ready

    def init_processes(self) -> None:
        """Start them, and tell when all of them answer."""
        super().init_processes()
        if all(process.wait_until_ready(START_SECONDS, self.should_exit) for process in self.processes):
            self._ready()

    def run(self) -> None:
        """Run them until a signal, then take away what they counted."""
        try:
            super().run()
        finally:
            self._counts.cleanup()

    def keep_subprocess_alive(self) -> None:
        """Replace those that died; their connections are no longer counted."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            mark_process_dead(pid, self._counts.name)  # type: ignore[no-untyped-call]  # the library's own

    @property
    def failed(self) -> bool:
        """Whether a process could not begin to serve."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)
