"""How often a plugin's hooks were called, failed, and how long they took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class HookStats:
    """Counters of one plugin's implementation of one hook; `seconds` is the sum over all calls."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0

    def add(self, other: HookStats) -> None:
        """Add another's counters to these."""
        self.calls += other.calls
        self.failures += other.failures
        self.seconds += other.seconds


@dataclass
class PluginStats:
    """Counters of one plugin by hook, and their sums."""

    hooks: dict[str, HookStats] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        return sum(hook.calls for hook in self.hooks.values())

    @property
    def failures(self) -> int:
        return sum(hook.failures for hook in self.hooks.values())

    @property
    def seconds(self) -> float:
        return sum(hook.seconds for hook in self.hooks.values())

    def record(self, hook: str, seconds: float, *, failed: bool) -> None:
        """Count one call."""
        self.hooks.setdefault(hook, HookStats()).add(HookStats(1, int(failed), seconds))

    @classmethod
    def total(cls, many: Iterable[PluginStats]) -> PluginStats:
        """The sum of one plugin's counters, for example over the districts of a process."""
        total = cls()
        for stats in many:
            for hook, counters in stats.hooks.items():
                total.hooks.setdefault(hook, HookStats()).add(counters)
        return total
