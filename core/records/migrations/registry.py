"""The models as the installed code has them. 当前模型。"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from importlib import import_module
from typing import Any

from tortoise.apps import Apps
from tortoise.connection import ConnectionHandler
from tortoise.exceptions import ConfigurationError
from tortoise.fields.relational import ForeignKeyFieldInstance, ManyToManyFieldInstance
from tortoise.indexes import Index
from tortoise.migrations.schema_generator.state import ModelState, State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model

from .apps import AppMigrations, in_order
from .errors import BadMigrationError
from .session import ALIAS

Relation = ForeignKeyFieldInstance[Any] | ManyToManyFieldInstance[Any]


def models(apps: Iterable[AppMigrations]) -> dict[str, dict[str, type[Model]]]:
    """Import and relate the models of these apps, by label and class name.

    Tortoise's registry is the process's: what is related here is what the server would relate, and may be
    initialised with a database afterwards.
    """
    handler = ConnectionHandler()
    handler._init_config({ALIAS: {}})
    # imported here, since Tortoise calls every failing import "not found"
    config: dict[str, dict[str, Any]] = {
        app.label: {"models": [import_module(app.models_module)], "default_connection": ALIAS} for app in in_order(apps)
    }
    try:
        found = dict(Apps(config, handler, validate_connections=False).items())
    except ConfigurationError as error:
        raise BadMigrationError(f"the models do not fit together: {error}") from error
    for model in (model for of_app in found.values() for model in of_app.values()):
        for index in model._meta.indexes:
            if isinstance(index, Index):
                index.resolve_expressions(model)
    return found


def current(apps: Iterable[AppMigrations]) -> State:
    """The state that the installed models describe."""
    state = State(models={}, apps=StateApps(connections=ConnectionHandler()))
    for label, of_app in models(apps).items():
        for name, model in of_app.items():
            state.models[label, name] = _state(label, model)
    return state


def relations(fields: Iterable[tuple[str, object]]) -> list[tuple[str, Relation]]:
    """The relations among fields that a model declares itself."""
    return [
        (name, field)
        for name, field in fields
        if isinstance(field, ForeignKeyFieldInstance)
        or (isinstance(field, ManyToManyFieldInstance) and not field._generated)
    ]


def target(field: Relation) -> tuple[str, str]:
    """The label and the class name of the model that a relation points at."""
    name: str | type[Model] = field.model_name
    if isinstance(name, str):
        label, _, model = name.partition(".")
        return label, model
    return str(name._meta.app), name.__name__


def _state(label: str, model: type[Model]) -> ModelState:
    state = ModelState.make_from_model(label, model)
    state.options.pop("table_description", None)  # a docstring is no part of the schema
    for name, field in relations(state.fields.items()):
        if isinstance(field, ForeignKeyFieldInstance) and field.source_field:
            # relating a key replaces its column by the name of its `_id` field; files have the column
            declared = copy(field)
            declared.source_field = model._meta.fields_db_projection[field.source_field]
            state.fields[name] = declared
    return state
