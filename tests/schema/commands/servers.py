"""`linli serve` as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.core.cli.projects import Project

PATIENCE = 60.0  # a busy machine is no failure


@dataclass
class Running:
    """A server that answers at `url`."""

    process: subprocess.Popen[str]
    url: str
    errors: Path

    def graphql(self, district: str, query: str, **headers: str) -> httpx.Response:
        """The answer to a query."""
        return httpx.post(f"{self.url}/d/{district}/graphql", json={"query": query}, headers=headers, timeout=PATIENCE)

    def get(self, path: str) -> httpx.Response:
        """The answer at a path."""
        return httpx.get(self.url + path, timeout=PATIENCE)

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal, and return the exit code and the rest of stdout."""
        self.process.send_signal(sent)
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        return self.process.wait(PATIENCE), rest

    def log(self) -> list[dict[str, Any]]:
        """The lines that were logged."""
        return [json.loads(line) for line in self.errors.read_text("utf-8").splitlines()]


def command(project: Project, *arguments: str) -> list[str]:
    """The command line of a server."""
    start = [sys.executable, "-m", "linli.core.cli.main", "serve", "--config", str(project.config)]
    return [*start, *arguments]


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[Running]:
    """A server on a free port; killed in the end unless it has ended by then."""
    errors = project.folder / "errors.log"
    with errors.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            command(project, "--port", "0", *arguments),
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "http://" in first, errors.read_text("utf-8")
        yield Running(process, first.split()[-1], errors)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def refused(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What becomes of a server that cannot start."""
    return subprocess.run(command(project, *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true, and fail where it does not come true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
