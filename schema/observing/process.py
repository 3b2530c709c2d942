"""What this process counted elsewhere, brought to the instruments: when it is asked, and every few seconds. 进程指标。

Other workers are asked in this one's name, so none may wait until it is asked itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator

from linli.core.counters import EVERY, counters
from linli.core.districts import Platform
from linli.core.plugins.stats import HookStats

from .instruments import HAPPENED, HOOK_CALLS, HOOK_FAILURES, HOOK_SECONDS, POOL

EVERY_SECONDS = 5.0


class Process:
    """The counts of a platform in this process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._told: Counter[Hashable] = Counter()

    async def run(self) -> None:
        """Bring them until the end, and then once more."""
        try:
            while True:
                self.bring()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self.bring()

    def bring(self) -> None:
        """Bring what is new."""
        for labels, stats in self._hooks():
            HOOK_CALLS.labels(*labels).inc(self._more(("calls", *labels), stats.calls))
            HOOK_FAILURES.labels(*labels).inc(self._more(("failures", *labels), stats.failures))
            HOOK_SECONDS.labels(*labels).inc(self._more(("seconds", *labels), stats.seconds))
        happened = counters.values()
        for district in self._platform.districts:
            for what in EVERY:
                HAPPENED.labels(district, what).inc(
                    self._more(("happened", district, what), happened.get((district, what), 0))
                )
        self._pools()

    def _hooks(self) -> Iterator[tuple[tuple[str, str, str], HookStats]]:
        for key, district in self._platform.districts.items():
            for plugin, stats in district.hooks.stats.items():
                for hook, counted in stats.hooks.items():
                    yield (key, plugin, hook), counted

    def _pools(self) -> None:
        for usage in {one.name: one for one in (it.store.usage for it in self._platform.districts.values())}.values():
            POOL.labels(usage.name, "open").set(usage.open)
            POOL.labels(usage.name, "in_use").set(usage.in_use)
            POOL.labels(usage.name, "waiting").set(usage.waiting)

    def _more(self, key: Hashable, now: float) -> float:
        """How much more than last time."""
        before = self._told[key]
        self._told[key] = now  # type: ignore[assignment]  # seconds are no whole numbers
        return max(0.0, now - before)
