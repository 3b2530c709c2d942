"""What is wrong with an installed plugin, told to its developer: what was found, what was expected, and where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from .locations import Location


@dataclass(frozen=True, kw_only=True)
class PluginProblem:
    """One thing wrong with one plugin. `nearest` is the right spelling that comes closest, if any comes close."""

    plugin: str
    found: str
    expected: str
    nearest: str | None = None
    at: Location | None = None

    def __str__(self) -> str:
        where = f"{self.at}: " if self.at else ""
        hint = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{where}plugin {self.plugin!r}: found {self.found}; expected {self.expected}{hint}"


class PluginError(Exception):
    """The installed plugins cannot run together; `problems` lists every reason that could be told at once."""

    def __init__(self, *problems: PluginProblem) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class HookError(Exception):
    """A plugin's hook implementation failed where its failure cannot be set aside; the failure is the cause.

    The text names the kind of the failure only: its own words may hold personal data.
    """

    def __init__(self, plugin: str, hook: str, at: Location, failure: BaseException) -> None:
        self.plugin = plugin
        self.hook = hook
        self.at = at
        self.failure = failure
        super().__init__(f"{at}: plugin {plugin!r} failed in {hook}: {type(failure).__name__}")

    @property
    def problem(self) -> PluginProblem:
        """The failure as a problem of the start-up, where there is no personal data yet, in its own words."""
        found = f"{type(self.failure).__name__} in {self.hook}: {self.failure}"
        expected = "an answer, without which the platform does not start"
        return PluginProblem(plugin=self.plugin, found=found, expected=expected, at=self.at)


class Problems:
    """Problems while they are being gathered, so that all are told at once."""

    def __init__(self) -> None:
        self._problems: list[PluginProblem] = []
        self._cause: BaseException | None = None

    def __len__(self) -> int:
        return len(self._problems)

    def add(
        self,
        plugin: str,
        found: str,
        expected: str,
        *,
        nearest: str | None = None,
        at: Location | None = None,
    ) -> None:
        """Note a problem."""
        self._problems.append(PluginProblem(plugin=plugin, found=found, expected=expected, nearest=nearest, at=at))

    def extend(self, problems: Iterable[PluginProblem], cause: BaseException | None = None) -> None:
        """Note problems found elsewhere; the first `cause` becomes that of the error that is raised."""
        self._problems.extend(problems)
        self._cause = self._cause or cause

    def settle(self) -> None:
        """Raise PluginError if anything was noted."""
        if self._problems:
            raise PluginError(*self._problems) from self._cause


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that comes closest to a misspelt `word`, or None when none comes close."""
    return next(iter(difflib.get_close_matches(word, sorted(words), n=1)), None)


def listed(words: Iterable[str]) -> str:
    """Words for an error text: quoted, sorted; `none` when there are none."""
    return ", ".join(repr(word) for word in sorted(words)) or "none"
