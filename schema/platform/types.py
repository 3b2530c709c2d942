"""What is told of a platform. 平台统计类型。"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import strawberry

from linli.core.districts import Platform
from linli.core.districts import figures as core
from linli.core.errors import Text

from ..http.door import Door
from ..problems import ProblemError


@dataclass
class Asking:
    """One request: the platform, its doors, and what was found so far, which is found once."""

    platform: Platform
    doors: list[Door]

    @cached_property
    def _told(self) -> asyncio.Task[list[core.Told]]:
        return asyncio.ensure_future(core.every([door.key for door in self.doors], self._ask))

    async def told(self) -> list[core.Told]:
        """The figures of every district, or why there are none."""
        return await self._told

    async def _ask(self, key: str) -> core.DistrictFigures | Text:
        reason = next(door.reason for door in self.doors if door.key == key)
        return reason if reason is not None else await core.figures_of(self.platform.districts[key])


PlatformInfo: TypeAlias = strawberry.Info[Asking, None]


@strawberry.type(description="A figure that a plugin contributes. 插件指标。")
class PluginFigure:
    """Of one district, or of all that answered."""

    plugin: str
    name: str
    value: int | None = strawberry.field(description="Null where it would tell of single people. 涉及个人时不显示。")


@strawberry.type(description="Figures of one district. 区县指标。")
class DistrictFigures:
    """Figures of a district."""

    people: int
    organisations: int
    open_deliveries: int
    timers_late: int
    events: int
    last_sequence: int
    plugins: list[str]
    contributed: list[PluginFigure]
    failed_plugins: list[str] = strawberry.field(description="Whose figures are missing. 未能统计的插件。")


@strawberry.type(description="A district of this server. 区县。")
class PlatformDistrict:
    """A district."""

    key: str
    name: str

    @strawberry.field(description="Null, with an error, where the district does not answer. 无法应答时为空并附错误。")  # type: ignore[untyped-decorator]  # strawberry types it loosely
    async def figures(self, info: PlatformInfo) -> DistrictFigures | None:
        """The district's figures; ProblemError DISTRICT_UNAVAILABLE."""
        told = next(one for one in await info.context.told() if one.key == self.key)
        if told.figures is None:
            assert told.problem is not None, "either figures or a problem"
            raise ProblemError("DISTRICT_UNAVAILABLE", told.problem, district=self.key)
        return _shown(told.figures)


@strawberry.type(description="Sums over the districts that answered. 已应答区县合计。")
class PlatformTotals:
    """Sums."""

    districts: int = strawberry.field(description="How many districts answered. 已应答区县数。")
    people: int
    organisations: int
    open_deliveries: int
    timers_late: int
    events: int
    contributed: list[PluginFigure]


@strawberry.type(name="Query", description="What is told of a platform. 平台查询。")
class PlatformQuery:
    """The root."""

    @strawberry.field(description="Every district of this server. 全部区县。")  # type: ignore[untyped-decorator]  # strawberry types it loosely
    def districts(self, info: PlatformInfo) -> list[PlatformDistrict]:
        """In the order of the configuration."""
        known = info.context.platform.districts
        return [PlatformDistrict(key=it.key, name=known[it.key].configuration.name) for it in info.context.doors]

    @strawberry.field(description="Sums over the districts that answered. 已应答区县合计。")  # type: ignore[untyped-decorator]  # strawberry types it loosely
    async def totals(self, info: PlatformInfo) -> PlatformTotals:
        """Sums; none from which a withheld figure follows."""
        found = [one.figures for one in await info.context.told() if one.figures is not None]
        return PlatformTotals(
            districts=len(found),
            people=sum(one.people for one in found),
            organisations=sum(one.organisations for one in found),
            open_deliveries=sum(one.open_deliveries for one in found),
            timers_late=sum(one.timers_late for one in found),
            events=sum(one.events for one in found),
            contributed=[PluginFigure(plugin=one.plugin, name=one.name, value=one.value) for one in core.totals(found)],
        )


def _shown(found: core.DistrictFigures) -> DistrictFigures:
    return DistrictFigures(
        people=found.people,
        organisations=found.organisations,
        open_deliveries=found.open_deliveries,
        timers_late=found.timers_late,
        events=found.events,
        last_sequence=found.last_sequence,
        plugins=list(found.plugins),
        contributed=[PluginFigure(plugin=one.plugin, name=one.name, value=one.value) for one in found.contributed],
        failed_plugins=list(found.failed),
    )
