"""The names in what a plugin answers to core's hooks, and what is wrong with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..access.roles import RoleContribution
from ..graph.kinds import CODE, OrgKind, RelationKind
from ..plugins.claims import CORE, Name
from ..plugins.implementations import Implementation
from ..plugins.inventory import Installed
from ..plugins.locations import of_class
from ..plugins.problems import PluginProblem
from ..plugins.storage import Storage
from ..registry.thing_kinds import ThingKind
from .table_names import owner_of_prefix, tables

Found = Iterator[Name | PluginProblem]
Given = Callable[[Installed, Implementation, Any], Iterable[Name | PluginProblem]]

ROLE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _problem(at: Implementation, found: str, expected: str) -> PluginProblem:
    return PluginProblem(plugin=at.plugin, found=found, expected=expected, at=at.at)


def _once(at: Implementation, kind: str, names: Iterable[str]) -> Found:
    """Each name, and a problem for one that the plugin itself gives twice."""
    for name, times in Counter(names).items():
        yield Name(kind, name, at.plugin, at.at)
        if times > 1:
            yield _problem(at, f"the {kind} {name!r} {times} times", "each name once")


def _dotted(kind: str) -> Given:
    """Names of the shape `<plugin>.<thing>`."""

    def given(installed: Installed, at: Implementation, answer: Iterable[Any]) -> Found:
        prefix = f"{installed[at.plugin].label}."
        names = [one.name for one in answer or ()]
        yield from _once(at, kind, names)
        for name in dict.fromkeys(names):
            if not name.startswith(prefix):
                yield _problem(at, f"the {kind} {name!r}", f"a name that starts with {prefix!r}")

    return given


def _kinds(kind: str) -> Given:
    def given(_: Installed, at: Implementation, answer: Iterable[OrgKind | RelationKind | ThingKind]) -> Found:
        kinds = list(answer or ())
        yield from _once(at, kind, (one.code for one in kinds))
        for one in kinds:
            if not CODE.fullmatch(one.code):
                yield _problem(at, f"the {kind} {one.code!r}", "a name such as 'MICRO_GRID'")
            if one.plugin != at.plugin:
                yield _problem(at, f"the {kind} {one.code!r} with plugin={one.plugin!r}", f"plugin={at.plugin!r}")

    return given


def _roles(installed: Installed, at: Implementation, answer: Iterable[RoleContribution]) -> Found:
    """The roles that are new: those of core and of partners may be added to."""
    plugin = installed[at.plugin]
    partners = {CORE, at.plugin, *plugin.depends_on, *plugin.works_with}
    for role in dict.fromkeys(one.role for one in answer or ()):
        if not ROLE.fullmatch(role):
            yield _problem(at, f"the role {role!r}", "words in lower case joined by hyphens, such as 'grid-officer'")
        if installed.owner_of("role", role) not in partners:
            yield Name("role", role, at.plugin, at.at)


def _tables(installed: Installed, at: Implementation, answer: Storage | None) -> Found:
    if answer is None:
        return
    plugin = installed[at.plugin]
    for table, model in tables(answer.models, plugin.module.__name__):
        place = of_class(model)
        yield Name("table", table, at.plugin, place)
        if owner_of_prefix(table, installed) != at.plugin:
            found, expected = f"the table {table!r}", f"a name that starts with '{plugin.label}_' and no other's prefix"
            yield PluginProblem(plugin=at.plugin, found=found, expected=expected, at=place)


GIVEN: Mapping[str, Given] = {
    "linli_storage": _tables,
    "linli_permissions": _dotted("permission"),
    "linli_roles": _roles,
    "linli_org_kinds": _kinds("org kind"),
    "linli_relation_kinds": _kinds("relation kind"),
    "linli_thing_kinds": _kinds("thing kind"),
    "linli_event_types": _dotted("event type"),
    "linli_event_handlers": _dotted("event handler"),
    "linli_notice_kinds": _dotted("notice kind"),
    "linli_timers": _dotted("timer"),
    "linli_jobs": _dotted("job"),
    "linli_purposes": _dotted("purpose"),
    "linli_file_purposes": _dotted("file purpose"),
    "linli_retention_rules": _dotted("retention rule"),
}
"""What is read from the answers to each of core's hooks."""
