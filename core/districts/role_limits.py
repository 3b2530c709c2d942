"""What plugins contribute to roles, against what a role may never hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..access.limits import withheld
from ..access.permissions import Permission
from ..access.roles import RoleContribution
from ..plugins.authority import permissions_of
from ..plugins.calls import call_now
from ..plugins.implementations import Implementation
from ..plugins.inventory import Installed
from ..plugins.problems import PluginProblem, nearest


def role_problems(installed: Installed) -> Iterator[PluginProblem]:
    """Every contribution of an unknown permission of core or the plugin itself, or of one that the role may not hold.

    A permission of a partner that is not installed is nobody's mistake.
    """
    known = {one.name: one for one in permissions_of(installed.registry, installed)}
    for implementation in installed.registry.chain("linli_roles"):
        own = ("core.", f"{installed[implementation.plugin].label}.")
        contributions: Any = call_now(implementation, {})
        for contribution in contributions or ():
            yield from _of(implementation, contribution, known, own)


def _of(
    at: Implementation, contribution: RoleContribution, known: dict[str, Permission], own: tuple[str, ...]
) -> Iterable[PluginProblem]:
    for name in contribution.permissions:
        found = f"{name!r} for the role {contribution.role!r}"
        if name in known:
            why = withheld(contribution.role, known[name])
            if why is not None:
                yield PluginProblem(plugin=at.plugin, found=found, expected=f"another role: {why}", at=at.at)
        elif name.startswith(own):
            near = nearest(name, known)
            yield PluginProblem(
                plugin=at.plugin, found=found, expected="a permission that is declared", nearest=near, at=at.at
            )
