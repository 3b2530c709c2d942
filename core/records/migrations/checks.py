"""What is wrong with models and migrations, all at once. 模型与迁移的静态检查。"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tortoise.fields import RESTRICT, UUIDField
from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import RunSQL
from tortoise.models import Model

from .apps import AppMigrations, in_order, reachable
from .authoring import makers, pending, pointed_at
from .errors import BadMigrationError
from .history import History, load
from .registry import Relation, models, relations, target
from .statements import POSTGRES, SQLITE, single

_LONGEST_NAME = 63  # PostgreSQL cuts longer identifiers off


def check(apps: Iterable[AppMigrations], *, other_primary_keys: Collection[str] = ()) -> list[str]:
    """Every problem of these apps' models and migrations, as sentences; empty when all is well.

    `other_primary_keys` are the tables whose primary key need not be a UUID.
    """
    try:
        ordered = in_order(apps)
        found = models(ordered)
        history = load(ordered)
    except BadMigrationError as error:
        return [str(error)]
    problems = [
        problem
        for label, of_app in found.items()
        for model in of_app.values()
        for problem in _model(label, model, other_primary_keys)
    ]
    return [*problems, *_relations(ordered, found), *_files(history), *_pending(ordered)]


def _model(label: str, model: type[Model], other_primary_keys: Collection[str]) -> Iterator[str]:
    where, meta = f"{label}.{model.__name__}", model._meta
    if not meta.db_table.startswith(f"{label}_"):
        yield f"{where}: its table is {meta.db_table!r}; expected Meta.table = '{label}_...'"
    if len(meta.db_table.encode()) > _LONGEST_NAME:
        yield f"{where}: the table's name is longer than {_LONGEST_NAME} bytes: {meta.db_table!r}"
    if meta.schema:
        yield f"{where}: Meta.schema = {meta.schema!r}; a district's namespace is chosen by its connection"
    if not isinstance(meta.pk, UUIDField) and meta.db_table not in other_primary_keys:
        yield f"{where}: its primary key is a {type(meta.pk).__name__}; expected a UUIDField"
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and not constraint.name:
            yield f"{where}: {constraint} in Meta.constraints needs a name"


def _relations(apps: Iterable[AppMigrations], found: dict[str, dict[str, type[Model]]]) -> Iterator[str]:
    allowed = reachable(apps)
    for label, of_app in found.items():
        for model in of_app.values():
            for name, field in relations(model._meta.fields_map.items()):
                where = f"{label}.{model.__name__}.{name}"
                if isinstance(field, ManyToManyFieldInstance) and not field.through.startswith(f"{label}_"):
                    yield f"{where}: its table is {field.through!r}; expected through='{label}_...'"
                if target(field)[0] != label:
                    yield from _crossing(where, field, allowed[label])


def _crossing(where: str, field: Relation, allowed: Collection[str]) -> Iterator[str]:
    """A relation into another app, whose rows and reverse relations must not depend on this app being on."""
    other = ".".join(target(field))
    if target(field)[0] not in allowed:
        yield f"{where}: points at {other}, but the app does not depend on {target(field)[0]!r}"
    if not isinstance(field, ForeignKeyFieldInstance):
        yield f"{where}: many-to-many with {other} would cascade; make a model of its own with two RESTRICT keys"
        return
    if field.on_delete != RESTRICT:
        yield f"{where}: on_delete is {field.on_delete} towards {other}; expected fields.RESTRICT"
    if field.related_name is not False:
        yield f"{where}: related_name is {field.related_name!r} towards {other}; expected False"


def _files(history: History) -> Iterator[str]:
    made = makers(history)
    for step, migration in history.migrations.items():
        before = history.ancestors(step)
        for model in sorted(pointed_at(step.label, migration.operations)):
            if made.get(model) not in before:
                expected = made.get(model)
                hint = f"; add ({expected.label!r}, {expected.name!r})" if expected else ""
                yield f"{step}: points at {'.'.join(model)} without depending on the migration that makes it{hint}"
        for operation in migration.operations:
            if isinstance(operation, RunSQL):
                yield from (f"{step}: {problem}" for problem in _raw(operation))


def _raw(operation: RunSQL) -> Iterator[str]:
    for given in (operation.sql, operation.reverse_sql):
        for item in given if isinstance(given, list | tuple) else [given]:
            statement = item[0] if isinstance(item, list | tuple) else item
            for dialect in (SQLITE, POSTGRES) if statement else ():
                try:
                    single(statement, dialect)
                except ValueError as error:
                    yield f"RunSQL: {error}"
                    break


def _pending(apps: tuple[AppMigrations, ...]) -> Iterator[str]:
    for app in apps:
        try:
            left = pending(apps, app.label)
        except BadMigrationError as error:
            yield str(error)
        else:
            if left:
                changes = "; ".join(operation.describe() for operation in left)
                yield f"{app.label}: the models have changes that no migration carries ({changes}); make one"
