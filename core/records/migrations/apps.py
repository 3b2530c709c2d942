"""Which apps there are and in what order they are migrated. 应用及其迁移顺序。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from .errors import BadMigrationError

CORE = "core"


@dataclass(frozen=True)
class AppMigrations:
    """Core or one plugin, as the migrator sees it.

    `label` is the app's name in underscores and the prefix of its tables; `models_module` and
    `migrations_package` are dotted names; `depends_on` are labels (core needs no mention); `version` is the
    version of its distribution, kept in the record of what was applied.
    """

    label: str
    models_module: str
    migrations_package: str
    depends_on: tuple[str, ...] = ()
    version: str | None = None

    def owns(self, table: str) -> bool:
        """Whether a table's name begins as this app's tables do."""
        return table.startswith(f"{self.label}_")


def in_order(apps: Iterable[AppMigrations]) -> tuple[AppMigrations, ...]:
    """Sort apps so that each comes after those it depends on, whatever the order given; core first.

    Raises BadMigrationError for a label given twice, a dependency that is missing, or a circle.
    """
    by_label = _by_label(apps)
    edges = {label: _dependencies(app, by_label) for label, app in sorted(by_label.items())}
    try:
        return tuple(by_label[label] for label in TopologicalSorter(edges).static_order())
    except CycleError as error:
        raise BadMigrationError(f"these apps depend on each other in a circle: {' -> '.join(error.args[1])}") from error


def reachable(apps: Iterable[AppMigrations]) -> dict[str, frozenset[str]]:
    """For each label the labels it depends on, directly or not."""
    by_label = _by_label(apps)
    found: dict[str, frozenset[str]] = {}
    for app in in_order(by_label.values()):
        direct = _dependencies(app, by_label)
        found[app.label] = frozenset(direct).union(*(found[label] for label in direct))
    return found


def with_dependencies(apps: Iterable[AppMigrations], label: str) -> tuple[AppMigrations, ...]:
    """One app and all it depends on, in order."""
    ordered = in_order(apps)
    needed = reachable(ordered)[named(ordered, label).label]
    return tuple(app for app in ordered if app.label in needed or app.label == label)


def named(apps: Iterable[AppMigrations], label: str) -> AppMigrations:
    """The app of a label; BadMigrationError with the nearest spelling when there is none."""
    by_label = _by_label(apps)
    if label in by_label:
        return by_label[label]
    raise BadMigrationError(f"there is no app {label!r}{nearest(label, by_label)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for an error message: `; did you mean 'venues'?`, or what there is, or nothing."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are: {', '.join(names)}" if names else ""


def _by_label(apps: Iterable[AppMigrations]) -> dict[str, AppMigrations]:
    found: dict[str, AppMigrations] = {}
    for app in apps:
        if app.label in found:
            raise BadMigrationError(f"the label {app.label!r} is given twice")
        found[app.label] = app
    return found


def _dependencies(app: AppMigrations, known: Mapping[str, AppMigrations]) -> tuple[str, ...]:
    for label in app.depends_on:
        if label not in known:
            raise BadMigrationError(f"{app.label} depends on {label!r}, which is not here{nearest(label, known)}")
    implied = (CORE,) if CORE in known and app.label != CORE else ()
    return tuple(dict.fromkeys((*implied, *app.depends_on)))
