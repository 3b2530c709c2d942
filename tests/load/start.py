"""How long a server with two districts needs until it answers, beyond importing its modules. 启动时间。"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .deployments import Deployment, deployed
from .engines import Engine, engines, say
from .processes import FailedError, run, serving
from .sizes import Size
from .tables import Table, spread

IMPORT_TIME = "import time:"

# Optional modules that are not installed were looked for by the server too. It ends at once: taking modules down again
# is no part of importing them.
BARE = """
import importlib, os, sys
for name in sys.stdin.read().split():
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pass
os._exit(0)
"""


@dataclass
class Turns:
    """Seconds until a server answers, and until a process has imported the same modules and ended."""

    servers: list[float] = field(default_factory=list)
    imports: list[float] = field(default_factory=list)

    @property
    def beyond(self) -> list[float]:
        """What a server takes beyond bare imports, turn by turn."""
        return [server - bare for server, bare in zip(self.servers, self.imports, strict=True)]


def measure(size: Size) -> Iterator[Table]:
    """The table: one row per engine."""
    yield Table(
        "Start of a server with two districts",
        ("engine", "answers after, s", "modules", "bare imports, s", "beyond them, s"),
        [_row(engine, size) for engine in engines()],
        "Bare imports: a process that imports the modules that the server imports, and ends. Target: below 1.5 s.",
    )


def _row(engine: Engine, size: Size) -> tuple[str, ...]:
    say(f"start: {engine.name}, {size.starts} turn(s)")
    with deployed(engine, {"first": ["venues"], "second": ()}) as deployment:
        modules, turns = _imported(deployment), Turns()
        for turn in range(-1, size.starts):  # the first one fills the caches
            bare = run([sys.executable, "-c", BARE], "\n".join(modules).encode()).seconds
            with serving(deployment.config) as server:
                served = server.seconds
            if turn >= 0:
                turns.servers.append(served)
                turns.imports.append(bare)
    return engine.name, spread(turns.servers), str(len(modules)), spread(turns.imports), spread(turns.beyond)


def _imported(deployment: Deployment) -> Sequence[str]:
    """The modules that a server has imported when it answers; those that import others come first."""
    with serving(deployment.config, python=["-X", "importtime"]) as server:
        lines = server.log.read_text("utf-8").splitlines()
    names = [line.rpartition("|")[2].strip() for line in lines if line.startswith(IMPORT_TIME)]
    found = [name for name in reversed(names) if name != "imported package"]
    if "linli.schema.http.server" not in found:
        raise FailedError("the server did not tell what it imports")
    return found
