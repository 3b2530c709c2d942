"""The tables that core's and the plugins' models define, read from the models' modules."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from tortoise.fields.relational import ManyToManyFieldInstance
from tortoise.models import Model

from ..plugins.inventory import Installed
from .platform import CORE_MODELS, storages


def tables(models: str, package: str) -> Iterator[tuple[str, type[Model]]]:
    """The tables of the models in a module that were written in it or elsewhere in a package, each with its model."""
    for model in _models(import_module(models)):
        if _within(model.__module__, package) or _within(model.__module__, models):
            yield model._meta.db_table or model.__name__.lower(), model
            yield from ((table, model) for table in _between(model))


def are_related(installed: Installed) -> bool:
    """Whether the models of core and of all plugins stand already, as they do once districts were opened."""
    modules = [CORE_MODELS, *(storage.models for storage in storages(installed).values())]
    return all(model._meta._inited for module in modules for model in _models(import_module(module)))


def owner_of_prefix(table: str, installed: Installed) -> str | None:
    """Whose prefix a table's name has: the longest that fits, for `venues_extra_` is not `venues_`."""
    labels = {"core": "core", **{one.label: one.name for one in installed.values()}}
    fitting = [label for label in labels if table.startswith(f"{label}_")]
    return labels[max(fitting, key=len)] if fitting else None


def _models(module: ModuleType) -> Iterator[type[Model]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Model) and not value._meta.abstract and value is not Model:
            yield value


def _between(model: type[Model]) -> Iterator[str]:
    """The tables that stand between a model and those it has many of."""
    for field in model._meta.fields_map.values():
        if isinstance(field, ManyToManyFieldInstance) and field.through and not field._generated:
            yield field.through


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


CORE_TABLES = ("core_migration", *(table for table, _ in tables(CORE_MODELS, "linli.core")))
