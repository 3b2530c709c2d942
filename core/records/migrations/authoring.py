"""Writing the migration that a change of the models needs. 生成迁移文件。"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from tortoise.migrations.operations import AddField, AlterField, CreateModel, Operation
from tortoise.migrations.writer import slugify_migration_name

from . import differences
from .apps import AppMigrations, named, with_dependencies
from .errors import BadMigrationError
from .history import History, Step, load
from .registry import current, relations, target
from .states import project
from .writing import source

_NUMBER = re.compile(r"^(\d{4})_")


def make(apps: Iterable[AppMigrations], label: str, name: str) -> Path | None:
    """Write the next migration of one app from its models; None when nothing changed.

    `apps` are the app and at least all it depends on, whose migrations exist; `name` is a few words, the number is
    put before it. The file depends on the app's last migration and on those that made the models of other apps it
    points at. It is read back and must bring the state to the models exactly. Raises BadMigrationError for changes
    that need a hand.
    """
    apps = with_dependencies(apps, label)
    app = named(apps, label)
    _ensure_package(app)
    history = load(apps)
    old = project(history, history.migrations)
    found = differences.operations(label, old, current(apps))
    if not found:
        return None
    step = Step(label, _numbered(history, label, name))
    path = _folder(app) / f"{step.name}.py"
    parents, initial = _dependencies(history, label, found), history.head(label) is None
    path.write_text(source(step, found, parents, package=app.migrations_package, initial=initial), encoding="utf-8")
    _read_back(apps, app, step, path)
    return path


def pending(apps: Iterable[AppMigrations], label: str) -> list[Operation]:
    """What `make` would write for one app; empty when its migrations carry its models."""
    apps = with_dependencies(apps, label)
    history = load(apps)
    return differences.operations(label, project(history, history.migrations), current(apps))


def makers(history: History) -> dict[tuple[str, str], Step]:
    """For each model that a migration made, which one."""
    return {
        (step.label, operation.name): step
        for step, migration in history.migrations.items()
        for operation in migration.operations
        if isinstance(operation, CreateModel)
    }


def pointed_at(label: str, operations: Iterable[Operation]) -> set[tuple[str, str]]:
    """The models of other apps that these operations point at."""
    found: set[tuple[str, str]] = set()
    for operation in operations:
        if isinstance(operation, CreateModel):
            found.update(target(field) for _, field in relations(operation.fields))
        elif isinstance(operation, AddField | AlterField):
            found.update(target(field) for _, field in relations([(operation.name, operation.field)]))
    return {model for model in found if model[0] != label}


def _dependencies(history: History, label: str, operations: Iterable[Operation]) -> list[Step]:
    made = makers(history)
    found = set()
    for model in sorted(pointed_at(label, operations)):
        if model not in made:
            raise BadMigrationError(
                f"{label} points at {'.'.join(model)}, which no migration makes yet: make {model[0]}'s first"
            )
        found.add(made[model])
    last = history.head(label)
    return [*([last] if last else []), *sorted(found)]


def _numbered(history: History, label: str, name: str) -> str:
    numbers = [int(match.group(1)) for step in history.of(label) if (match := _NUMBER.match(step.name))]
    return f"{max(numbers, default=0) + 1:04d}_{slugify_migration_name(name)}"


def _ensure_package(app: AppMigrations) -> None:
    """Make the folder of a plugin's first migration."""
    if find_spec(app.migrations_package) is not None:
        return
    parent, _, name = app.migrations_package.rpartition(".")
    package = Path(next(iter(importlib.import_module(parent).__path__))) / name / "__init__.py"
    package.parent.mkdir(exist_ok=True)
    package.write_text(f'"""Migrations of {app.label}."""\n', encoding="utf-8")
    importlib.invalidate_caches()


def _folder(app: AppMigrations) -> Path:
    return Path(next(iter(importlib.import_module(app.migrations_package).__path__)))


def _read_back(apps: Iterable[AppMigrations], app: AppMigrations, step: Step, path: Path) -> None:
    """Delete the file again unless it says what the models say."""
    importlib.invalidate_caches()
    try:
        left = pending(apps, app.label)
        if left:
            raise BadMigrationError(
                f"{step} would not bring the tables to the models: {', '.join(op.describe() for op in left)} is left;"
                " does a field class lose an argument in deconstruct(), or are two of one name?"
            )
    except Exception:
        path.unlink()
        sys.modules.pop(f"{app.migrations_package}.{step.name}", None)
        raise
