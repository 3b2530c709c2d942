"""Asking a running server how its plugins do, from another process on the same machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from linli.core.jobs.remote import exchange, unreachable

from .stats import HookStats

PATH = "/plugins"
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Counted:
    """The counters of one plugin's implementation of one hook in one district."""

    district: str
    plugin: str
    hook: str
    stats: HookStats


def counters(port: int) -> tuple[int, list[Counted]]:
    """The id of the server's process at a port, and all its counters; RejectedError SERVER_UNREACHABLE."""
    status, answer = exchange("GET", port, PATH, None, PATIENCE_SECONDS)
    if status != HTTPStatus.OK:
        raise unreachable(port, status)
    try:
        return int(answer["process"]), list(_read(answer["districts"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise unreachable(port, error) from error


def _read(districts: dict[str, dict[str, dict[str, dict[str, float]]]]) -> Iterator[Counted]:
    for key, plugins in districts.items():
        for plugin, hooks in plugins.items():
            for hook, it in hooks.items():
                stats = HookStats(int(it["calls"]), int(it["failures"]), float(it["seconds"]))
                yield Counted(key, plugin, hook, stats)
