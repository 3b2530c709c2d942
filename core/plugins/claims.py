"""Which plugin owns which name: types, fields, permissions, roles, tables, events, hooks, routes, kinds. 名称归属。"""

from __future__ import annotations

from dataclasses import dataclass

from .locations import Location
from .problems import PluginProblem, Problems

CORE = "core"


@dataclass(frozen=True)
class Name:
    """A name of some kind (`type`, `permission`, `table` ..) that a plugin defines, or `core`, and where."""

    kind: str
    name: str
    plugin: str
    at: Location | None = None


@dataclass(frozen=True)
class Claim:
    """One plugin's claim to one name; `core` claims the platform's own."""

    plugin: str
    at: Location | None = None


class Claims:
    """The names of all installed plugins, so that no two plugins define one.

    Kinds are open: whoever composes something (`type`, `field`, `permission`, `org kind`, ...) claims its names here
    and calls `verify()` when it is done.
    """

    def __init__(self) -> None:
        self._claims: dict[tuple[str, str], list[Claim]] = {}
        self.settled = False
        """Whether every name of every plugin was claimed, and no two plugins claim one."""

    def claim(self, kind: str, name: str, plugin: str, *, at: Location | None = None) -> None:
        """Note that `plugin` defines `name`; noting it again for the same plugin changes nothing."""
        claims = self._claims.setdefault((kind, name), [])
        if all(claim.plugin != plugin for claim in claims):
            claims.append(Claim(plugin, at))

    def add(self, name: Name) -> None:
        """Note a name found elsewhere."""
        self.claim(name.kind, name.name, name.plugin, at=name.at)

    def owner_of(self, kind: str, name: str) -> str | None:
        """The plugin that defines the name, or None when no installed one does.

        A stored name without an owner belongs to a plugin that is gone: treat it like one that is switched off.
        """
        claims = self._claims.get((kind, name))
        return claims[0].plugin if claims else None

    def names(self, kind: str, plugin: str) -> list[str]:
        """The names of a kind that a plugin claims, sorted."""
        mine = (name for (claimed, name), claims in self._claims.items() if claimed == kind and _has(claims, plugin))
        return sorted(mine)

    def kinds(self, plugin: str) -> list[str]:
        """The kinds of names that a plugin claims, sorted."""
        return sorted({kind for (kind, _), claims in self._claims.items() if _has(claims, plugin)})

    def conflicts(self) -> list[PluginProblem]:
        """Every name that more than one plugin defines, one problem each."""
        return [_conflict(*key, claims) for key, claims in sorted(self._claims.items()) if len(claims) > 1]

    def verify(self) -> None:
        """Raise PluginError when two plugins define one name, both named."""
        problems = Problems()
        problems.extend(self.conflicts())
        problems.settle()


def _has(claims: list[Claim], plugin: str) -> bool:
    return any(claim.plugin == plugin for claim in claims)


def _conflict(kind: str, name: str, claims: list[Claim]) -> PluginProblem:
    first, *others = sorted(claims, key=lambda claim: claim.plugin == CORE)
    owners = " and ".join(_described(claim) for claim in others)
    return PluginProblem(
        plugin=first.plugin,
        found=f"the {kind} {name!r}, which {owners} defines too",
        expected=f"one plugin to define it: prefix the {kind} with the plugin's name",
        at=first.at,
    )


def _described(claim: Claim) -> str:
    if claim.plugin == CORE:
        return "core"
    return f"plugin {claim.plugin!r}" + (f" ({claim.at})" if claim.at else "")
