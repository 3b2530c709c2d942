"""Calls the hooks of the plugins that are on: awaited, ordered, limited in time, counted. 钩子调度。"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from linli.core import clock, tracing
from linli.core.errors import RejectedError

from .calls import call, call_now, is_cancelled
from .implementations import Implementation
from .inventory import Installed
from .markers import Mode
from .problems import HookError, PluginError, PluginProblem, listed, nearest
from .specifications import Specification
from .stats import PluginStats

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of asking one plugin: its value, or its failure."""

    plugin: str
    value: Any = None
    failure: HookError | None = None


@dataclass(frozen=True)
class _Chain:
    """A hook with those of its implementations that run here, in the order in which they run."""

    specification: Specification
    implementations: tuple[Implementation, ...]


class Hooks:
    """The hook caller of one choice of plugins: a district's enabled ones, or those whose tables it still has.

    Parts of the platform are always among them. The plugins are asked one after the other, dependencies first;
    implementations of a partner's hook (`hookimpl(of=...)`) are left out while the partner is not among them.
    `stats` counts calls, failures and seconds per plugin. A cancellation of the caller passes through.
    """

    def __init__(self, installed: Installed, enabled: Collection[str]) -> None:
        _require_installed(installed, enabled)
        self.enabled = frozenset(enabled) | {plugin.name for plugin in installed.platform}
        self.stats = {name: PluginStats() for name in installed if name in self.enabled}
        self._chains = {
            name: _Chain(specification, self._running(installed, specification))
            for name, specification in installed.registry.specifications.items()
        }

    def count(self, plugin: str, what: str, seconds: float, *, failed: bool) -> None:
        """Count work of a plugin that no hook is called for, such as that of its handlers of events."""
        self.stats.setdefault(plugin, PluginStats()).record(what, seconds, failed=failed)

    def implementers(self, hook: str) -> list[str]:
        """The plugins whose implementation of a hook runs here, in the order in which they run."""
        return [implementation.plugin for implementation in self._chain(hook).implementations]

    async def collect(self, hook: str, /, **arguments: object) -> list[tuple[str, Any]]:
        """What each plugin answers, leaving out None and plugins that fail: those are logged and counted."""
        outcomes = await self.outcomes(hook, **arguments)
        return [(outcome.plugin, outcome.value) for outcome in outcomes if outcome.value is not None]

    async def outcomes(self, hook: str, /, **arguments: object) -> list[Outcome]:
        """Like `collect`, with an outcome for every plugin that was asked: failures and None are among them."""
        chain = self._awaited(hook, "collect")
        bound = chain.specification.bind(arguments)
        return [await self._isolated(each, chain, bound) for each in chain.implementations]

    async def collect_or_raise(self, hook: str, /, **arguments: object) -> list[tuple[str, Any]]:
        """Like `collect`, for what must be whole: all are asked, then the first failure is raised as it was."""
        outcomes = await self.outcomes(hook, **arguments)
        for outcome in outcomes:
            if outcome.failure is not None:
                raise outcome.failure.failure
        return [(outcome.plugin, outcome.value) for outcome in outcomes if outcome.value is not None]

    async def veto(self, hook: str, /, **arguments: object) -> None:
        """Let each plugin refuse: the first RejectedError stops and is raised, naming the plugin.

        Any other failure stops too, as a HookError: what could not be judged is not allowed.
        """
        chain = self._awaited(hook, "veto")
        bound = chain.specification.bind(arguments)
        for each in chain.implementations:
            await self._ask(each, chain, bound)

    async def first(self, hook: str, /, **arguments: object) -> tuple[str, Any] | None:
        """The first answer that is not None, and who gave it; a RejectedError or a failure stops as in `veto`."""
        chain = self._awaited(hook, "first")
        bound = chain.specification.bind(arguments)
        for each in chain.implementations:
            value = await self._ask(each, chain, bound)
            if value is not None:
                return each.plugin, value
        return None

    def collect_now(self, hook: str, /, **arguments: object) -> list[tuple[str, Any]]:
        """What each plugin answers to a hook of the start-up, leaving out None; a failure is a PluginError."""
        chain = self._chain(hook)
        if chain.specification.asynchronous:
            raise TypeError(f"{hook} is declared with async def: await Hooks.{chain.specification.declaration.mode}()")
        bound = chain.specification.bind(arguments)
        answers = [(each.plugin, self._answer_now(each, chain, bound)) for each in chain.implementations]
        return [(plugin, value) for plugin, value in answers if value is not None]

    async def _isolated(self, each: Implementation, chain: _Chain, arguments: Mapping[str, object]) -> Outcome:
        try:
            return Outcome(each.plugin, await self._ask(each, chain, arguments))
        except HookError as failure:
            log.error("hook_failed", plugin=each.plugin, hook=each.hook, at=str(each.at), exc_info=failure)
            return Outcome(each.plugin, failure=failure)

    async def _ask(self, each: Implementation, chain: _Chain, arguments: Mapping[str, object]) -> object:
        with self._observed(each, chain.specification):
            return await call(each, arguments, chain.specification.declaration.time_limit)

    def _answer_now(self, each: Implementation, chain: _Chain, arguments: Mapping[str, object]) -> object:
        try:
            with self._observed(each, chain.specification):
                return call_now(each, arguments)
        except HookError as failure:
            raise PluginError(failure.problem) from failure.failure

    @contextmanager
    def _observed(self, each: Implementation, specification: Specification) -> Iterator[None]:
        """Count and time one call, and turn its failure into a HookError unless it is a refusal or a cancellation."""
        started, failed = clock.monotonic(), False
        try:
            with tracing.span("hook", **{"linli.plugin": each.plugin, "linli.hook": each.hook}):
                yield
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and is_cancelled():
                raise
            if isinstance(error, RejectedError) and specification.declaration.mode != "collect":
                error.plugin = each.plugin if error.plugin == "core" else error.plugin
                raise
            failed = True
            raise HookError(each.plugin, each.hook, each.at, error) from error
        finally:
            self._record(each, clock.monotonic() - started, specification, failed=failed)

    def _record(self, each: Implementation, seconds: float, specification: Specification, *, failed: bool) -> None:
        self.stats[each.plugin].record(each.hook, seconds, failed=failed)
        limit = specification.declaration.time_limit
        if not failed and limit is not None and seconds > limit:
            log.warning("hook_overran", plugin=each.plugin, hook=each.hook, at=str(each.at), seconds=seconds)

    def _running(self, installed: Installed, specification: Specification) -> tuple[Implementation, ...]:
        chain = installed.registry.chain(specification.name)
        running = [each for each in chain if each.plugin in self.enabled and each.of in {None, *self.enabled}]
        return tuple(reversed(running) if specification.declaration.reverse else running)

    def _chain(self, hook: str) -> _Chain:
        try:
            return self._chains[hook]
        except KeyError:
            raise LookupError(f"no hook {hook!r}; the nearest is {nearest(hook, self._chains)!r}") from None

    def _awaited(self, hook: str, mode: Mode) -> _Chain:
        chain = self._chain(hook)
        if not chain.specification.asynchronous:
            raise TypeError(f"{hook} is declared with a plain def: call Hooks.collect_now()")
        if (declared := chain.specification.declaration.mode) != mode:
            raise TypeError(f"{hook} is declared with mode {declared!r}: await Hooks.{declared}()")
        return chain


def _require_installed(installed: Installed, enabled: Collection[str]) -> None:
    problems = [
        PluginProblem(
            plugin=name,
            found="that it is not installed",
            expected=f"one of {listed(installed)}",
            nearest=nearest(name, installed),
        )
        for name in sorted(enabled)
        if name not in installed
    ]
    if problems:
        raise PluginError(*problems)
