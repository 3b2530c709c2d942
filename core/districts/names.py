"""Every name of every installed plugin, claimed, so that two plugins that define one are told before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..access.permissions import CORE_PERMISSIONS
from ..access.roles import ROLES
from ..graph.core_kinds import ORG_KINDS, RELATION_KINDS
from ..informing import telling
from ..jobs.timers import CORE_TIMERS
from ..plugins.calls import call_now
from ..plugins.claims import CORE, Name
from ..plugins.implementations import Implementation
from ..plugins.inventory import Installed
from ..plugins.locations import of_module
from ..plugins.problems import HookError, PluginProblem, Problems
from ..records.migrations.registry import models
from .district import CORE_EVENT_TYPES
from .migrating import apps_of
from .names_given import GIVEN, Given
from .role_limits import role_problems
from .table_names import CORE_TABLES, are_related

COMPOSED, ROUTES = "linli_names", "linli_routes"


def settle_names(installed: Installed) -> None:
    """Claim what all plugins define, on or not; once for a process.

    Raises PluginError with every name that two plugins define and every name that breaks its plugin's prefix.
    """
    if installed.claims.settled:
        return
    problems = Problems()
    for name in (*_of_core(), *_of_manifests(installed)):
        installed.claims.add(name)
    for hook, given in GIVEN.items():
        for implementation in installed.registry.chain(hook):
            _take(installed, implementation, {}, given, problems)
    if _relate(installed, problems):
        for implementation in installed.registry.chain(COMPOSED):
            _take(installed, implementation, {"installed": installed}, _as_given, problems)
    problems.extend(installed.claims.conflicts())
    problems.settle()
    problems.extend(role_problems(installed))
    problems.settle()
    installed.claims.settled = True


def _take(
    installed: Installed,
    implementation: Implementation,
    arguments: Mapping[str, object],
    given: Given,
    problems: Problems,
) -> None:
    """Claim what one plugin answers to a hook; whatever goes wrong meanwhile is a problem of this plugin."""
    try:
        for found in given(installed, implementation, call_now(implementation, arguments)):
            if isinstance(found, Name):
                installed.claims.add(found)
            else:
                problems.extend([found])
    except Exception as error:
        failure = HookError(implementation.plugin, implementation.hook, implementation.at, error)
        problems.extend([failure.problem], cause=error)


def _as_given(
    _: Installed, __: Implementation, answer: Iterable[Name | PluginProblem]
) -> Iterable[Name | PluginProblem]:
    return answer


def _relate(installed: Installed, problems: Problems) -> bool:
    """Have the models stand, for GraphQL types are made from them; whether they do."""
    try:
        if not are_related(installed):
            models(apps_of(installed, installed))
    except Exception as error:  # a module that cannot be imported is told already, with its plugin
        if not len(problems):
            found = f"{type(error).__name__} on relating the models: {error}"
            problems.extend([PluginProblem(plugin=CORE, found=found, expected="models that fit together")], error)
        return False
    return True


def _of_core() -> Iterator[Name]:
    named = {
        "permission": [one.name for one in CORE_PERMISSIONS],
        "role": ROLES,
        "org kind": [one.code for one in ORG_KINDS],
        "relation kind": [one.code for one in RELATION_KINDS],
        "event type": [one.name for one in CORE_EVENT_TYPES],
        "event handler": [one.name for one in telling.HANDLERS],
        "notice kind": [one.name for one in telling.NOTICE_KINDS],
        "timer": [one.name for one in CORE_TIMERS],
        "table": CORE_TABLES,
        "label": [CORE],
        "settings section": [CORE],
    }
    return (Name(kind, name, CORE) for kind, names in named.items() for name in names)


def _of_manifests(installed: Installed) -> Iterator[Name]:
    """What follows from a plugin's name."""
    known = ROUTES in installed.registry.specifications  # the hook is the GraphQL face's
    routes = {it.plugin for it in installed.registry.chain(ROUTES)} if known else set()
    for plugin in installed.values():
        at = of_module(plugin.module)
        yield Name("label", plugin.label, plugin.name, at)
        if plugin.settings_model is not None:
            yield Name("settings section", plugin.name, plugin.name, at)
        if plugin.name in routes:
            yield Name("route prefix", f"/p/{plugin.name}/", plugin.name, at)
