"""The models as they were after a migration, which is what the next one starts from. 迁移状态。

Tortoise's states are used, never the models themselves, so that migrating neither needs nor touches the process's
registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from uuid import uuid4

from tortoise.backends.base import executor
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import ConnectionHandler
from tortoise.context import TortoiseContext
from tortoise.migrations.exceptions import IncompatibleStateError
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    CreateModel,
    DeleteModel,
    Operation,
    RunPython,
    RunSQL,
)
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps

from .errors import BadMigrationError
from .history import History, Step
from .operations import RunDialectSQL
from .registry import relations, target

# rendering every model for each operation is most of a migration's time, and these never look back
_LOOK_FORWARD_ONLY = (CreateModel, AddField, AddIndex, AddConstraint, RunSQL, RunDialectSQL)


def project(history: History, steps: Iterable[Step]) -> State:
    """The state after these migrations, without a database."""
    # a handler of its own: Tortoise would take the current context's, and build queries for it
    state = State(models={}, apps=StateApps(connections=ConnectionHandler()))
    for step in steps:
        advance(history, step, state)
    return state


def advance(history: History, step: Step, state: State) -> None:
    """Carry a state over one migration."""
    for operations in _batches(history.migrations[step]):
        _forward(step, operations, state)
    _validate(step, state)


async def apply(step: Step, migration: Migration, state: State, editor: BaseSchemaEditor) -> None:
    """Carry a database and its state over one migration, inside the caller's transaction."""
    for operations in _batches(migration):
        with _before(operations[0], state, editor.client) as before:
            _forward(step, operations, state)
            for operation in operations:
                await operation.database_forward(step.label, before, state, editor)
    _validate(step, state)


def _batches(migration: Migration) -> Iterator[list[Operation]]:
    """Models made one after the other are rendered together; each would render all it is related to again."""
    for creating, operations in groupby(migration.operations, lambda operation: isinstance(operation, CreateModel)):
        if creating:
            yield list(operations)
        else:
            yield from ([operation] for operation in operations)


@contextmanager
def _before(operation: Operation, state: State, client: BaseDBAsyncClient) -> Iterator[State]:
    """The state that an operation starts from."""
    if isinstance(operation, RunPython):
        with _queryable(state, client) as before:
            yield before
    elif isinstance(operation, _LOOK_FORWARD_ONLY):
        yield state
    else:
        yield state.clone()


@contextmanager
def _queryable(state: State, client: BaseDBAsyncClient) -> Iterator[State]:
    """A copy whose models can be used for queries, in this task, on the migrator's connection.

    The connection gets a name of its own meanwhile: Tortoise keeps INSERT statements by name and table for the whole
    process, and those of the installed models name other columns.
    """
    alias = f"migration {uuid4()}"
    usual, client.connection_name = client.connection_name, alias
    context = TortoiseContext()
    context.connections._init_config({alias: {}})
    context.connections.set(alias, client)
    try:
        with context:
            models = {key: model.clone() for key, model in state.models.items()}
            labels = {label for label, _ in models}
            apps = StateApps(default_connections=dict.fromkeys(labels, alias), connections=context.connections)
            yield State(models=models, apps=apps.clone(model_states=models))
    finally:
        client.connection_name = usual
        for key in [key for key in executor.EXECUTOR_CACHE if key[0] == alias]:
            del executor.EXECUTOR_CACHE[key]


def _forward(step: Step, operations: list[Operation], state: State) -> None:
    creates = [operation for operation in operations if isinstance(operation, CreateModel)]
    if creates:
        _create(step, creates, state)
        return
    for operation in operations:
        if isinstance(operation, DeleteModel):
            _let_go_of_itself(state, (step.label, operation.name))
        try:
            operation.state_forward(step.label, state)
        except IncompatibleStateError as error:
            kind = type(operation).__name__
            raise BadMigrationError(f"{step}: {kind} does not fit what came before: {error}") from error


def _let_go_of_itself(state: State, key: tuple[str, str]) -> None:
    """Drop a model's keys to itself, for which Tortoise would never delete it."""
    model = state.models.get(key)
    if model is not None:
        selfish = {name for name, field in relations(model.fields.items()) if target(field) == key}
        model.fields = {name: field for name, field in model.fields.items() if name not in selfish}


def _create(step: Step, creates: list[CreateModel], state: State) -> None:
    made = {(step.label, operation.name): operation for operation in creates}
    for key, operation in made.items():
        state.models[key] = ModelState.make_from_model(step.label, operation.model)
    pointing = {
        key: {target(field) for _, field in relations(model.fields.items())} for key, model in state.models.items()
    }
    waiting = {key for key, targets in pointing.items() if not targets.isdisjoint(made)}
    state.reload_models({*made, *waiting, *(model for key in made for model in pointing[key])})
    _validate(step, state)  # before a table is made of what points nowhere


def _validate(step: Step, state: State) -> None:
    try:
        state.validate_relations_initialized()
    except RuntimeError as error:
        raise BadMigrationError(f"{step} points at a model that no earlier migration makes: {error}") from error
