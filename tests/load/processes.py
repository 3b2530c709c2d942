"""`linli` as processes of its own: commands that are measured, and servers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from linli.core.clock import monotonic

PATIENCE = 60.0
"""Seconds that a server may take to end."""

LAUNCH = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=2)  # what it prints is of no interest, unless it fails
_, status, used = os.wait4(process.pid, 0)
os.write(1, json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]).encode())
"""
"""Starts a command from a small process: the peak of memory that is told of one counts whatever started it, too."""
KILOBYTE = 1024 if sys.platform.startswith("linux") else 1  # ru_maxrss is in KiB on Linux, in bytes on macOS


class FailedError(Exception):
    """A process failed; the message holds what it said."""


@dataclass(frozen=True)
class Ended:
    """What a process took: seconds until its end, seconds of processor time, and bytes of memory at its peak."""

    seconds: float
    processor: float
    peak: int


@dataclass(frozen=True)
class Server:
    """A server that answers at `url`; `seconds` is how long it took until then."""

    url: str
    seconds: float
    process: subprocess.Popen[bytes]
    log: Path

    def endpoint(self, key: str) -> str:
        """Where a district answers."""
        return f"{self.url}/d/{key}/graphql"


def linli(config: Path, *arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "linli.core.cli.main", *arguments, "--config", str(config)]


def run(command: Sequence[str], sent: bytes = b"") -> Ended:
    """Run a command to its end, `sent` on its stdin; raises FailedError with its stderr."""
    began = monotonic()
    done = subprocess.run([sys.executable, "-S", "-c", LAUNCH, *command], input=sent, capture_output=True, check=False)
    status, processor, peak = json.loads(done.stdout) if done.stdout else (1, 0.0, 0)
    if status:
        raise FailedError(f"{' '.join(command)}\n{done.stderr.decode()}")
    return Ended(monotonic() - began, processor, peak * KILOBYTE)


@contextmanager
def serving(config: Path, *options: str, python: Sequence[str] = ()) -> Iterator[Server]:
    """Serve the districts of a configuration on a free port; raises FailedError for anything it did not foresee."""
    command = linli(config, "serve", "--port", "0", *options)
    log = config.with_name("server.log")
    began = monotonic()
    with log.open("wb") as written:
        process = subprocess.Popen([command[0], *python, *command[1:]], stdout=subprocess.PIPE, stderr=written)
    try:
        url = _url(process, log)
        for path in ("/districts", "/readyz"):  # the first is kept waiting until what fell due is carried out
            with urlopen(url + path, timeout=PATIENCE):  # noqa: S310  our own server
                pass
        yield Server(url, monotonic() - began, process, log)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    if process.returncode or "unexpected_error" in log.read_text("utf-8"):
        raise FailedError(f"the server ended with {process.returncode}:\n{log.read_text('utf-8')}")


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    assert process.stdout is not None
    first = process.stdout.readline().decode()
    if "http://" not in first:
        raise FailedError(f"the server did not start:\n{log.read_text('utf-8')}")
    return first.split()[-1]
