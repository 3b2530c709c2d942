"""One district of `linli migrate`: what is missing is told, or applied with a word on each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from linli.core.districts import District, open_platform
from linli.core.districts.migrating import ensure_root, migrate, pending
from linli.core.graph.models import OrgNode

from .language import words
from .messages import say
from .progress import Bar, progress

if TYPE_CHECKING:
    from linli.core.config import Configuration
    from linli.core.plugins.inventory import Installed
    from linli.core.records.migrations import Step


class Migrating:
    """The migration of one district."""

    def __init__(self, configuration: Configuration, installed: Installed, key: str) -> None:
        self._configuration, self._installed, self._key = configuration, installed, key
        self._done = 0

    async def show_plan(self) -> None:
        """Tell what would be done; changes nothing."""
        steps = await pending(self._configuration, self._installed, self._key)
        for step in steps:
            say(words("{key}: {step} would be applied", key=self._key, step=step))
        first = any(step.label == "core" for step in steps)  # without core's tables there is nothing to ask
        if first or not await self._has_root():
            say(words("{key}: the root node {name} would be made", key=self._key, name=self._name))
        elif not steps:
            say(words("{key}: nothing to do", key=self._key))

    async def carry_out(self) -> None:
        """Apply what is missing, and make the root node unless it is there."""
        total = len(await pending(self._configuration, self._installed, self._key))
        with progress() as bar:
            steps = await migrate(
                self._configuration,
                self._installed,
                self._key,
                lambda step, event: self._tell(bar, total, step, event),
                _tell_of_key,
            )
        made = await self._make_root()
        if not steps and not made:
            say(words("{key}: nothing to do", key=self._key))

    def _tell(self, bar: Bar, total: int, step: Step, event: str) -> None:
        if event == "done":
            self._done += 1
            say(words("{key}: {step} applied", key=self._key, step=step))
        bar(f"{self._key} {step}", self._done, max(total, self._done))

    async def _has_root(self) -> bool:
        async with open_platform(self._configuration, self._installed, [self._key]) as platform:
            return await _has_root(platform.districts[self._key])

    async def _make_root(self) -> bool:
        async with open_platform(self._configuration, self._installed, [self._key]) as platform:
            district = platform.districts[self._key]
            if await _has_root(district):
                return False
            await ensure_root(district)
        say(words("{key}: the root node {name} is made", key=self._key, name=self._name))
        return True

    @property
    def _name(self) -> str:
        return self._configuration.districts[self._key].name


def _tell_of_key(file: str) -> None:
    say(words("a master key is made in {file}: keep a copy of it apart from databases and backups", file=file))


async def _has_root(district: District) -> bool:
    with district.scope():
        return await OrgNode.filter(parent_id=None, valid_to=None).exists()
