"""Figures over districts: each asked by itself, in limited time, so that one that fails hides no other. 跨区统计。"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import structlog

from ..errors import Text, text
from ..graph.models import OrgNode
from ..jobs.standing import timers_due
from ..jobs.timers import kinds_of
from ..people.models import Person
from ..plugins.figures import Figure
from ..privacy.suppression import Place
from ..records.delivery_models import Delivery, DeliveryState
from ..records.failures import failure_of
from ..records.migrations.errors import UnreadableNamespaceError
from ..records.models import Event
from .district import District

SECONDS = 10.0
AT_ONCE = 4

log = structlog.get_logger(__name__)

SLOW = text("it did not answer within {limit} seconds", limit=int(SECONDS))
SILENT = text("its database does not answer")
BROKEN = text("its figures could not be read; the log says why")


@dataclass(frozen=True)
class Contributed:
    """A plugin's figure; `value` is None where it is withheld, for it would tell of single people."""

    plugin: str
    name: str
    description: str
    place: Place
    people: bool

    @property
    def value(self) -> int | None:
        """What is shown."""
        return self.place.shown[0] if self.people else self.place.counts[0]


@dataclass(frozen=True)
class DistrictFigures:
    """What is told of a district. `failed` are the plugins that gave no figures although they were asked."""

    people: int
    organisations: int
    open_deliveries: int
    timers_late: int
    events: int
    last_sequence: int
    plugins: tuple[str, ...]
    contributed: tuple[Contributed, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What came of asking one district: its figures, or why there are none."""

    key: str
    figures: DistrictFigures | None = None
    problem: Text | None = None


async def figures_of(district: District) -> DistrictFigures:
    """Read a district's figures."""
    with district.scope():
        people = await Person.filter(merged_into__isnull=True, erased_at__isnull=True).count()
        contributed, failed = await _contributed(district, people)
        newest = await Event.filter(sequence__isnull=False).order_by("-sequence").first()
        last = 0 if newest is None else newest.sequence or 0
        return DistrictFigures(
            people=people,
            organisations=await OrgNode.filter(valid_to__isnull=True).count(),
            open_deliveries=await Delivery.filter(state=DeliveryState.PENDING.value).count(),
            timers_late=(await timers_due(kinds_of(district))).late,
            events=last + await Event.filter(sequence__isnull=True).count(),
            last_sequence=last,
            plugins=tuple(plugin.name for plugin in district.plugins),
            contributed=contributed,
            failed=failed,
        )


async def _contributed(district: District, people: int) -> tuple[tuple[Contributed, ...], tuple[str, ...]]:
    outcomes = await district.hooks.outcomes("linli_stats", district=district)
    found = [_judged(one.plugin, figure, people) for one in outcomes if one.value is not None for figure in one.value]
    return tuple(found), tuple(one.plugin for one in outcomes if one.failure is not None)


def _judged(plugin: str, figure: Figure, people: int) -> Contributed:
    counts = (figure.value, max(0, people - figure.value)) if figure.people else (figure.value, 0)
    return Contributed(plugin, figure.name, figure.description, Place(counts), figure.people)


async def every(keys: Iterable[str], ask: Callable[[str], Awaitable[DistrictFigures | Text]]) -> list[Told]:
    """Ask for every district, a few at once; `ask` answers figures, or says why there are none."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(key: str) -> Told:
        async with places:
            return await _told(key, ask)

    return list(await asyncio.gather(*map(one, keys)))


async def _told(key: str, ask: Callable[[str], Awaitable[DistrictFigures | Text]]) -> Told:
    try:
        async with asyncio.timeout(SECONDS) as limit:
            found = await ask(key)
    except Exception as error:  # one district must not hide the others
        slow = isinstance(error, TimeoutError) and limit.expired()
        silent = isinstance(error, UnreadableNamespaceError) or failure_of(error) is not None
        # no traceback of what has none worth reading: laying one out keeps the other districts waiting
        shown = {"reason": str(error)} if slow or silent else {"exc_info": error}
        log.error("district_figures_failed", district=key, slow=slow, **shown)
        return Told(key, problem=SLOW if slow else SILENT if silent else BROKEN)
    return Told(key, found) if isinstance(found, DistrictFigures) else Told(key, problem=found)


@dataclass(frozen=True)
class Total:
    """A plugin's figure over the districts that answered."""

    plugin: str
    name: str
    value: int | None


def totals(told: Sequence[DistrictFigures]) -> list[Total]:
    """The sums of what plugins told; none from which a withheld figure of one district follows."""
    by_name: dict[tuple[str, str], list[Contributed]] = {}
    for figures in told:
        for one in figures.contributed:
            by_name.setdefault((one.plugin, one.name), []).append(one)
    return [Total(plugin, name, _sum(found)) for (plugin, name), found in by_name.items()]


def _sum(found: Sequence[Contributed]) -> int | None:
    place = Place((0, 0), tuple(one.place for one in found))
    return place.shown[0] if any(one.people for one in found) else place.counts[0]
