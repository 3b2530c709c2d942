"""The servers as processes: started, asked whether they are right, and looked at while they work. 被测服务。"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import orjson

from linli.core.clock import monotonic

from ..engines import say
from ..processes import PATIENCE, FailedError
from .client import request
from .dialects import POSTGRAPHILE, WRITTEN, Words
from .questions import Facts

FOLDER = Path(__file__).parent
QUIET = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
NODE = ("mercurius", "postgraphile", "yoga", "apollo")
FIRST_PORT = 18_100
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Peer:
    """A server that answers: in whose words it is asked, about which rows."""

    name: str
    url: str
    pid: int
    words: Mapping[str, Words]
    facts: Facts
    token: str = ""

    def sent(self, content: bytes) -> bytes:
        """A request with this content."""
        return request(self.url, content, self.token)

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def peak(self) -> int:
        """Bytes of memory at the most so far."""
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text("utf-8"))
        assert found is not None
        return int(found[1]) * 1024


def node() -> str | None:
    """The Node that comes with the packages, since PostGraphile wants a newer one than many machines have.

    Installs them first; None where there is no npm to do it.
    """
    npm, found = shutil.which("npm"), FOLDER / "node_modules" / ".bin" / "node"
    if npm is None:
        say("queries: there is no npm, so no peers on Node; Linli and the limit alone")
        return None
    if not found.exists():
        subprocess.run([npm, "install", *QUIET], cwd=FOLDER, check=True, timeout=600)
    return str(found)


@contextmanager
def peers(server: str, schema: str, facts: Facts, folder: Path, javascript: str | None) -> Iterator[list[Peer]]:
    """The limit and, where there is one, what runs on Node, over the tables of one schema; raises FailedError."""
    commands: dict[str, tuple[Sequence[str], Mapping[str, Words]]] = {
        "limit": ([sys.executable, "-m", "tests.load.peers.limit"], WRITTEN)
    }
    for name in NODE if javascript else ():
        words = POSTGRAPHILE if name == "postgraphile" else WRITTEN
        commands[name] = [str(javascript), str(FOLDER / f"{name}.mjs")], words
    with ExitStack() as stack:
        yield [
            stack.enter_context(_started(Peer(name, _url(place), 0, words, facts), command, (server, schema), folder))
            for place, (name, (command, words)) in enumerate(commands.items())
        ]


def _url(place: int) -> str:
    return f"http://127.0.0.1:{FIRST_PORT + place}/graphql"


@contextmanager
def _started(peer: Peer, command: Sequence[str], rows: tuple[str, str], folder: Path) -> Iterator[Peer]:
    told = {"PORT": str(urlsplit(peer.url).port), "POSTGRES": rows[0], "DISTRICT_SCHEMA": rows[1]}
    environment = {**os.environ, **told, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    log = folder / f"{peer.name}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written)
    try:
        _wait(peer, process, log)
        yield replace(peer, pid=process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(peer: Peer, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers the question that needs no variables."""
    began = monotonic()
    content = orjson.dumps({"query": peer.words["Q3"].document, "variables": {}})
    while monotonic() - began < PATIENCE and process.poll() is None:
        try:
            with urlopen(Request(peer.url, content, {"Content-Type": "application/json"}), timeout=PATIENCE):  # noqa: S310  our own
                return
        except URLError:
            sleep(0.1)
    raise FailedError(f"{peer.name} did not start:\n{log.read_text('utf-8')}")
