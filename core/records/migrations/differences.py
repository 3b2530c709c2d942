"""From the models as migrations left them to the models as they are: the operations that are missing. 模型差异。"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from graphlib import CycleError, TopologicalSorter

from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.operations import (
    AddField,
    AlterField,
    AlterModelOptions,
    CreateModel,
    DeleteModel,
    Operation,
    RenameModel,
)
from tortoise.migrations.schema_generator.operation_generator import OperationGenerator
from tortoise.migrations.schema_generator.state import State

from .errors import BadMigrationError
from .registry import relations, target


def operations(label: str, old: State, new: State) -> list[Operation]:
    """What turns one app's old state into its new one; empty when nothing changed.

    Tortoise's generator, mended: keys that point elsewhere are noticed, models that point at each other are made
    in two steps. Raises BadMigrationError for what it would get wrong: renamed models and tables.
    """
    found: list[Operation] = list(OperationGenerator(old, new).generate([label]))
    for operation in found:
        if isinstance(operation, RenameModel):
            raise BadMigrationError(
                f"{label}.{operation.old_name} looks renamed to {operation.new_name}: keep the class's name,"
                " or make the new model in one migration, move the rows, and delete the old one in another"
            )
    _refuse_renamed_tables(label, old, new)
    found = [_slim(operation) for operation in found]
    known = {(op.model_name, op.name) for op in found if isinstance(op, AlterField)}
    found.extend(op for op in _redirected(label, old, new) if (op.model_name, op.name) not in known)
    deletes = _deletion_order(label, old, [op for op in found if isinstance(op, DeleteModel)])
    return [*_ordered(label, [op for op in found if op not in deletes]), *deletes]


def _refuse_renamed_tables(label: str, old: State, new: State) -> None:
    for (of_label, name), before in old.models.items():
        after = new.models.get((of_label, name))
        if of_label == label and after is not None and after.table != before.table:
            raise BadMigrationError(
                f"{label}.{name}: its table {before.table!r} cannot be renamed to {after.table!r}; keep Meta.table"
            )


def _slim(operation: Operation) -> Operation:
    """The operation without what says nothing: indexes that have operations of their own, bases, the obvious."""
    if isinstance(operation, AlterModelOptions):
        unmanaged = AlterModelOptions.UNMANAGED_OPTION_KEYS
        return AlterModelOptions(operation.name, {k: v for k, v in operation.options.items() if k not in unmanaged})
    if isinstance(operation, CreateModel):
        options = {k: v for k, v in (operation.options or {}).items() if k not in {"app", "pk_attr"}}
        return CreateModel(operation.name, operation.fields, options)
    return operation


def _redirected(label: str, old: State, new: State) -> Iterator[AlterField]:
    """Keys whose model or field is another, which Tortoise does not compare."""
    for (of_label, name), after in new.models.items():
        before = old.models.get((of_label, name))
        if of_label != label or before is None:
            continue
        for field_name, field in relations(after.fields.items()):
            former = before.fields.get(field_name)
            key = isinstance(field, ForeignKeyFieldInstance)
            if key and isinstance(former, ForeignKeyFieldInstance) and target(field) != target(former):
                yield AlterField(name, field_name, field)


def _ordered(label: str, found: list[Operation]) -> list[Operation]:
    """Let each model be made after those it points at; keys that close a circle are added afterwards."""
    creates = {op.name: op for op in found if isinstance(op, CreateModel)}
    made: set[str] = set()
    first: list[Operation] = []
    later: list[Operation] = []
    for name in _creation_order(label, creates):
        made.add(name)
        early = {field for field, model in _own(label, creates[name]) if model in creates and model not in made}
        first.append(_without(label, creates[name], early))
        later.extend(AddField(name, key, copy(field)) for key, field in creates[name].fields if key in early)
    return [*first, *later, *(op for op in found if not isinstance(op, CreateModel))]


def _creation_order(label: str, creates: dict[str, CreateModel]) -> list[str]:
    every = {name: {t for _, t in _own(label, op) if t in creates and t != name} for name, op in creates.items()}
    try:
        return list(TopologicalSorter(every).static_order())
    except CycleError:
        pass
    required = {
        name: {t for f, t in _own(label, op) if t in every[name] and not _optional(op, f)}
        for name, op in creates.items()
    }
    try:
        return list(TopologicalSorter(required).static_order())
    except CycleError as error:
        raise BadMigrationError(
            f"{label}: models point at each other and none can be made first: {' -> '.join(error.args[1])};"
            " let one of the keys be null"
        ) from error


def _deletion_order(label: str, old: State, deletes: list[DeleteModel]) -> list[DeleteModel]:
    """Models go after those that point at them; a circle is left for its author to open by removing a key."""
    by_name = {operation.name: operation for operation in deletes}
    pointing = {
        name: {target(field)[1] for _, field in relations(old.models[label, name].fields.items())} for name in by_name
    }
    order = TopologicalSorter({name: found & by_name.keys() - {name} for name, found in pointing.items()})
    try:
        return [by_name[name] for name in reversed(list(order.static_order()))]
    except CycleError as error:
        raise BadMigrationError(
            f"{label}: models that point at each other cannot be deleted at once: {' -> '.join(error.args[1])};"
            " remove one of the keys in a migration before"
        ) from error


def _own(label: str, operation: CreateModel) -> list[tuple[str, str]]:
    """(field, model) for each relation to a model of the same app."""
    pointed = [(name, target(field)) for name, field in relations(operation.fields)]
    return [(name, model) for name, (of_label, model) in pointed if of_label == label]


def _optional(operation: CreateModel, field_name: str) -> bool:
    field = dict(operation.fields)[field_name]
    return bool(getattr(field, "null", False))


def _without(label: str, operation: CreateModel, names: set[str]) -> CreateModel:
    if not names:
        return operation
    options = operation.options or {}
    listed = [*options.get("unique_together", ()), *options.get("constraints", ()), *options.get("indexes", ())]
    for item in listed:
        fields = set(getattr(item, "fields", item if isinstance(item, tuple | list) else ()))
        if fields & {*names, *(f"{name}_id" for name in names)}:
            raise BadMigrationError(
                f"{label}.{operation.name}: {', '.join(sorted(names))} closes a circle of keys and is added after"
                f" its table, so {item!r} needs a migration of its own: leave it out, make, put it back, make again"
            )
    fields_left = [(name, field) for name, field in operation.fields if name not in names]
    return CreateModel(operation.name, fields_left, operation.options)
