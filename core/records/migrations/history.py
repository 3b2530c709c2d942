"""The migrations that the installed packages ship, in the order in which they are applied. 迁移历史。"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules

from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import CreateSchema, DropSchema, Operation, SQLOperation

from .apps import AppMigrations, in_order, nearest, reachable
from .errors import BadMigrationError


@dataclass(frozen=True, order=True)
class Step:
    """One migration of one app."""

    label: str
    name: str

    def __str__(self) -> str:
        return f"{self.label}.{self.name}"


@dataclass(frozen=True)
class History:
    """All migrations of the given apps; `migrations` is in the order of application, parents before children."""

    apps: tuple[AppMigrations, ...]
    migrations: dict[Step, Migration]
    parents: dict[Step, frozenset[Step]]

    def of(self, label: str) -> list[Step]:
        """The migrations of one app, in order."""
        return [step for step in self.migrations if step.label == label]

    def head(self, label: str) -> Step | None:
        """The app's last migration, whoever depends on it elsewhere; None when it has none."""
        return next(reversed(self.of(label)), None)

    def ancestors(self, step: Step) -> set[Step]:
        """Every migration that must have been applied before this one."""
        found: set[Step] = set()
        waiting = [*self.parents[step]]
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting.extend(self.parents[parent])
        return found

    def missing(self, applied: Collection[Step]) -> list[Step]:
        """What is to be applied where `applied` already is, in order."""
        return [step for step in self.migrations if step not in applied]

    def unknown(self, applied: Iterable[Step]) -> list[Step]:
        """What is recorded of these apps and not shipped by the installed packages: the database is newer."""
        labels = {app.label for app in self.apps}
        return [step for step in applied if step.label in labels and step not in self.migrations]

    def out_of_order(self, applied: Collection[Step]) -> list[tuple[Step, Step]]:
        """Pairs (applied, parent) whose parent was never applied."""
        return [
            (step, parent)
            for step in self.migrations
            if step in applied
            for parent in sorted(self.parents[step])
            if parent not in applied
        ]


def load(apps: Iterable[AppMigrations]) -> History:
    """Import the migrations of all given apps and put them in order.

    All enabled apps are given together: a migration of one names those of another. Raises BadMigrationError for
    files that cannot be applied safely, each with what to change.
    """
    ordered = in_order(apps)
    migrations = {step: migration for app in ordered for step, migration in _from_package(app)}
    allowed = {label: labels | {label} for label, labels in reachable(ordered).items()}
    parents = {step: _parents(step, migrations, allowed[step.label]) for step in migrations}
    names = [step for app in ordered for step in _chain(app.label, parents)]
    return History(ordered, {step: migrations[step] for step in names}, parents)


def heads(apps: Iterable[AppMigrations]) -> dict[str, str | None]:
    """The name of each app's last migration, by label, in the order of application."""
    history = load(apps)
    found = {app.label: history.head(app.label) for app in history.apps}
    return {label: head.name if head else None for label, head in found.items()}


def _from_package(app: AppMigrations) -> list[tuple[Step, Migration]]:
    try:
        package = import_module(app.migrations_package)
    except ModuleNotFoundError as error:
        if error.name and app.migrations_package.startswith(error.name):
            raise BadMigrationError(f"{app.label}: there is no package {app.migrations_package}") from error
        raise
    names = sorted(module.name for module in iter_modules(package.__path__) if module.name[0] != "_")
    return [(Step(app.label, name), _from_module(app, name)) for name in names]


def _from_module(app: AppMigrations, name: str) -> Migration:
    found = getattr(import_module(f"{app.migrations_package}.{name}"), "Migration", None)
    if not (isinstance(found, type) and issubclass(found, Migration)):
        raise BadMigrationError(f"{app.label}.{name}: expected a class Migration(migrations.Migration)")
    migration = found(name, app.label)
    if not migration.atomic or migration.run_before or migration.replaces:
        raise BadMigrationError(
            f"{app.label}.{name}: `atomic = False`, `run_before` and `replaces` are not supported:"
            " a migration and its record are one transaction"
        )
    for operation in migration.operations:
        _refuse_unsafe(f"{app.label}.{name}", operation)
    return migration


def _refuse_unsafe(where: str, operation: Operation) -> None:
    if isinstance(operation, SQLOperation):
        raise BadMigrationError(f"{where}: SQLOperation cannot be applied; use RunDialectSQL")
    if isinstance(operation, CreateSchema | DropSchema):
        raise BadMigrationError(f"{where}: a district has one namespace; no CreateSchema, DropSchema or Meta.schema")


def _parents(step: Step, migrations: dict[Step, Migration], allowed: Collection[str]) -> frozenset[Step]:
    return frozenset(
        _parent(step, Step(label, name), migrations, allowed) for label, name in migrations[step].dependencies
    )


def _parent(step: Step, parent: Step, migrations: dict[Step, Migration], allowed: Collection[str]) -> Step:
    if parent.label not in allowed:
        raise BadMigrationError(
            f"{step} depends on {parent}, but {step.label} does not depend on {parent.label!r}"
            f"{nearest(parent.label, set(allowed) - {step.label})}"
        )
    shipped = sorted(other for other in migrations if other.label == parent.label)
    if parent.name == "__first__" and parent.label != step.label and shipped:
        return shipped[0]
    if parent not in migrations:
        raise BadMigrationError(
            f"{step} depends on {parent}, which does not exist{nearest(parent.name, (other.name for other in shipped))}"
        )
    return parent


def _chain(label: str, parents: dict[Step, frozenset[Step]]) -> list[Step]:
    """Order one app's migrations; there is exactly one first and one last."""
    own = {step: sorted(p for p in parents[step] if p.label == label) for step in parents if step.label == label}
    inner = {parent for found in own.values() for parent in found}
    for what, ends in (("first", [s for s in own if not own[s]]), ("last", [s for s in own if s not in inner])):
        if len(ends) > 1:
            raise BadMigrationError(
                f"{label} has several {what} migrations: {', '.join(step.name for step in ends)};"
                " let each depend on the one before it"
            )
    try:
        return list(TopologicalSorter(own).static_order())
    except CycleError as error:
        raise BadMigrationError(f"{label}: migrations depend on each other: {error.args[1]}") from error
