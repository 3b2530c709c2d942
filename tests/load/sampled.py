"""A process that tells where its time goes: `python -m tests.load.sampled -m MODULE ARGUMENT ..`. 采样。

SIGUSR1 begins to take samples, SIGUSR1 again ends that and writes them down as a line of JSON to the file that
`LINLI_SAMPLES` names: the processor seconds of the process meanwhile, and how often each part was at work. A sample
is taken by the processor's time (SIGPROF), so waiting for a database counts for nothing.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

import orjson

SAMPLES = "LINLI_SAMPLES"
EVERY_SECONDS = 0.001

# The outermost of these in a stack is what was being done; a function's file ends so, and it has this name.
PHASES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("who asks", "http/authentication.py", frozenset()),
    ("parsing, plans", "schema/execution.py", frozenset({"prepare"})),
    ("a transaction's begin and end", "records/transaction.py", frozenset({"_end", "commit", "rollback"})),
    ("a transaction's begin and end", "records/postgres.py", frozenset({"begin"})),
    ("a transaction's begin and end", "records/sqlite.py", frozenset({"begin", "_begin"})),
    ("request id", "records/requests.py", frozenset({"_insert", "_finish", "_request"})),
    ("event", "records/events.py", frozenset()),
    ("sealing behind", "records/sealing.py", frozenset()),
    ("the service", "graph/services/creation.py", frozenset()),
    ("finding what the input names", "schema/core/lookups.py", frozenset()),
    ("GraphQL and the rows it shows", "schema/execution.py", frozenset({"execute", "_execute"})),
    ("the endpoint", "http/graphql_endpoint.py", frozenset()),
    ("middleware and log", "http/guard.py", frozenset()),
    ("middleware and log", "http/request_log.py", frozenset()),
    ("middleware and log", "http/security_headers.py", frozenset()),
    ("the HTTP server", "uvicorn", frozenset()),
)
LIBRARIES = (
    ("tortoise", "Tortoise"),
    ("pypika_tortoise", "Tortoise"),
    ("graphql", "graphql-core"),
    ("strawberry", "Strawberry"),
    ("asyncpg", "asyncpg"),
    ("aiosqlite", "aiosqlite"),
    ("starlette", "Starlette"),
    ("uvicorn", "uvicorn"),
    ("structlog", "structlog"),
    ("pydantic", "pydantic"),
)
REST = "the loop, threads"


class Sampler:
    """Takes samples between two signals."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._began: float | None = None
        self._phases: Counter[str] = Counter()
        self._libraries: Counter[str] = Counter()
        self._lines: Counter[str] = Counter()

    def toggle(self, _signal: int, _frame: FrameType | None) -> None:
        """Begin, or end and tell."""
        if self._began is None:
            self._began = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
            return
        signal.setitimer(signal.ITIMER_PROF, 0)
        told = {
            "seconds": time.process_time() - self._began,
            "phases": self._phases,
            "libraries": self._libraries,
            "lines": dict(self._lines.most_common(60)),
        }
        with self._file.open("ab") as written:
            written.write(orjson.dumps(told) + b"\n")
        self.__init__(self._file)  # type: ignore[misc]  # as new

    def sample(self, _signal: int, frame: FrameType | None) -> None:
        """Count what is at work."""
        stack: list[tuple[str, str]] = []
        while frame is not None:
            stack.append((frame.f_code.co_filename, frame.f_code.co_name))
            frame = frame.f_back
        self._phases[next((phase for phase, file, names in PHASES if _within(stack, file, names)), REST)] += 1
        self._libraries[_library(stack)] += 1
        if stack:
            self._lines[" ".join(stack[0])] += 1


def _within(stack: list[tuple[str, str]], file: str, names: frozenset[str]) -> bool:
    return any((found.endswith(file) or f"/{file}/" in found) and (not names or name in names) for found, name in stack)


def _library(stack: list[tuple[str, str]]) -> str:
    """Whose code is innermost, of what is known by name."""
    for file, _ in stack:
        for folder, name in LIBRARIES:
            if f"/{folder}/" in file:
                return name
        if "/core/" in file or "/schema/" in file:
            return "Linli"
    return REST


def main() -> None:
    """Run a module as `python -m` would, with a sampler that waits for its signal."""
    sampler = Sampler(Path(os.environ[SAMPLES]))
    signal.signal(signal.SIGUSR1, sampler.toggle)
    signal.signal(signal.SIGPROF, sampler.sample)
    module, sys.argv = sys.argv[2], sys.argv[2:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
