"""What is found in the districts' databases when Prometheus asks: handlers, sealing, timers, jobs. 区县指标。"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from prometheus_client.core import GaugeMetricFamily

from linli.core import clock
from linli.core.deliveries.lag import Lag, lags
from linli.core.districts import District
from linli.core.jobs.standing import JobsOpen, TimersDue, jobs_open, timers_due
from linli.core.jobs.timers import kinds_of
from linli.core.records.models import Event

SECONDS = 5.0
AT_ONCE = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Standing:
    """How far a district is with its work."""

    handlers: tuple[Lag, ...]
    unsealed: int
    unsealed_seconds: float
    timers: TimersDue
    jobs: tuple[JobsOpen, ...]


async def standing_of(district: District) -> Standing:
    """Read it from the district's database."""
    with district.scope():
        handlers = tuple(await lags(district.event_handlers))
        unsealed = Event.filter(sequence__isnull=True)
        count = await unsealed.count()
        oldest = await unsealed.order_by("at").first() if count else None
        seconds = 0.0 if oldest is None else max(0.0, (clock.now() - oldest.at).total_seconds())
        jobs = tuple(await jobs_open(district.job_kinds))
        return Standing(handlers, count, seconds, await timers_due(kinds_of(district)), jobs)


async def standings(districts: Iterable[District]) -> dict[str, Standing | None]:
    """Of every district; None where its database does not answer in time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(district: District) -> tuple[str, Standing | None]:
        async with places:
            try:
                async with asyncio.timeout(SECONDS):
                    return district.key, await standing_of(district)
            except Exception as error:  # one district's database must not hide the others
                log.warning("figures_missing", district=district.key, exc_info=error)
                return district.key, None

    return dict(await asyncio.gather(*map(one, districts)))


class Found:
    """A collector of what was found."""

    def __init__(self, found: dict[str, Standing | None]) -> None:
        self._found = found

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The families; districts that did not answer have only `linli_district_up` 0."""
        up = GaugeMetricFamily("linli_district_up", "Whether a district's database answers.", labels=["district"])
        unsealed = _family("linli_events_unsealed", "Committed events without a sequence.")
        behind = _family("linli_events_unsealed_seconds", "For how long the oldest of them has waited.")
        timers = _family("linli_timers", "Timers that are due, and those late by a minute.", "state")
        jobs = _family("linli_jobs", "Long jobs that wait or run.", "kind", "state")
        ages = _family("linli_jobs_oldest_seconds", "Since when the oldest of them was asked for.", "kind", "state")
        pending = _family("linli_handler_pending", "Events that a handler was not told of yet.", "handler")
        dead = _family("linli_handler_dead", "Events that were given up.", "handler")
        lag = _family("linli_handler_lag_seconds", "For how long the oldest pending one has waited.", "handler")
        for key, standing in self._found.items():
            up.add_metric([key], float(standing is not None))
            if standing is None:
                continue
            unsealed.add_metric([key], standing.unsealed)
            behind.add_metric([key], standing.unsealed_seconds)
            timers.add_metric([key, "due"], standing.timers.due)
            timers.add_metric([key, "late"], standing.timers.late)
            for job in standing.jobs:
                jobs.add_metric([key, job.kind, job.state.lower()], job.count)
                ages.add_metric([key, job.kind, job.state.lower()], job.seconds)
            for one in standing.handlers:
                pending.add_metric([key, one.handler], one.pending)
                dead.add_metric([key, one.handler], one.dead)
                lag.add_metric([key, one.handler], one.seconds)
        return [up, unsealed, behind, timers, jobs, ages, pending, dead, lag]


def _family(name: str, told: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=["district", *more])
