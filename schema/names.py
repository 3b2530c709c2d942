"""Every name that plugins give to the API: types, fields and error codes, each with the plugin that defines it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.types.union import StrawberryUnion
from strawberry.utils.str_converters import to_camel_case

from linli.core.plugins.calls import call_now
from linli.core.plugins.claims import CORE, Name
from linli.core.plugins.implementations import Implementation
from linli.core.plugins.inventory import Installed
from linli.core.plugins.locations import Location, of_class
from linli.core.plugins.problems import HookError, PluginProblem, nearest

from .compose import CORE_EXTENSIONS, CORE_MUTATIONS, CORE_NODES, CORE_SEARCH, complete_declarations
from .contributions import GraphQL, fields_of
from .declare.node import Node
from .errors import CORE_CODES
from .ledgers.core_ledgers import CORE_LEDGERS
from .root import Mutation, Query, Subscription

HOOK = "linli_graphql"

Found = Name | PluginProblem


def names(installed: Installed) -> list[Found]:
    """The names of core and of all plugins, on or not, and what was wrong with a plugin's part."""
    parts, problems = _parts(installed)
    walk = Walk(installed)
    complete_declarations()
    walk.core()
    for node in Node.declared:
        walk.node(node)
    for implementation, part in parts:
        try:
            walk.part(implementation, part)
        except Exception as error:  # a part that cannot be read is that plugin's
            problems.append(HookError(implementation.plugin, HOOK, implementation.at, error).problem)
    return [*walk.names, *walk.targets(), *walk.strangers(), *problems]


def _parts(installed: Installed) -> tuple[list[tuple[Implementation, GraphQL]], list[Found]]:
    parts: list[tuple[Implementation, GraphQL]] = []
    problems: list[Found] = []
    for implementation in installed.registry.chain(HOOK):
        try:
            part = call_now(implementation, {})
            if not isinstance(part, GraphQL):
                raise TypeError(f"expected a GraphQL, not {part!r}")
            parts.append((implementation, part))
        except Exception as error:
            problems.append(HookError(implementation.plugin, HOOK, implementation.at, error).problem)
    return parts, problems


class Walk:
    """The way through all types: each belongs to whose package it was written in, else to whoever leads to it first."""

    def __init__(self, installed: Installed) -> None:
        self.names: list[Name] = []
        self._installed = installed
        self._packages = {one.module.__name__: one.name for one in installed.values() if not one.manifest.platform}
        self._seen: set[int] = set()
        self._kept: list[Any] = []  # an id is another's once its object is gone
        self._types: dict[str, list[tuple[str, StrawberryObjectDefinition, Location | None]]] = {}
        self._extended: list[tuple[str, Implementation]] = []

    def core(self) -> None:
        """What every district has."""
        for cls in (Query, Mutation, Subscription, *(Node.registry[name].cls for name in CORE_NODES)):
            self._take(cls, CORE, None)
        for cls in CORE_MUTATIONS:
            self._fields("Mutation", fields_of(cls), CORE, None)
        for target, extension in CORE_EXTENSIONS:
            self._fields(target, fields_of(extension), CORE, None)
        self.names += [Name("error code", code, CORE) for code in CORE_CODES]
        self.names += [Name("kind of search", one.code, CORE) for one in CORE_SEARCH]
        self.names += [Name("ledger", one.code, CORE) for one in CORE_LEDGERS]

    def node(self, node: Node) -> None:
        """A declared type of a plugin, also where another of its name took its place."""
        owner = self._written_by(node.cls)
        if owner is not None and owner != CORE:
            node.complete()
            self._take(node.cls, owner, None)
            for derived in (node.connection, node.filter, node.order_input):
                if derived is not None:
                    self._take(derived, owner, of_class(node.cls))

    def part(self, implementation: Implementation, part: GraphQL) -> None:
        """What a plugin contributes."""
        plugin, at = implementation.plugin, implementation.at
        self._prefixed(plugin, part)
        self.names += [Name("error code", code, plugin, at) for code in part.error_codes]
        self.names += [Name("kind of search", one.code, plugin, at) for one in part.search]
        self.names += [Name("ledger", one.code, plugin, at) for one in part.ledgers]
        for cls in part.types:
            self._take(cls, plugin, at)
        for target, fields in {**part.extend, **part.roots}.items():
            self._extended.append((target, implementation))
            self._fields(target, fields_of(fields), plugin, of_class(fields))

    def _prefixed(self, plugin: str, part: GraphQL) -> None:
        """A ledger is named as a permission is."""
        prefix = f"{self._installed[plugin].label}."
        for ledger in part.ledgers:
            if not ledger.code.startswith(prefix):
                raise ValueError(f"the ledger {ledger.code!r} does not start with {prefix!r}")

    def targets(self) -> Iterator[Name]:
        """The own fields of the types that plugins extend: no extension may repeat one."""
        for target in dict.fromkeys(target for target, _ in self._extended):
            for owner, definition, at in self._types.get(target, ()):
                for field in definition.fields:
                    yield Name("field", f"{target}.{_name(field)}", owner, at)

    def strangers(self) -> Iterator[PluginProblem]:
        """Extensions of types that nobody defines, unless a partner that would is not installed."""
        for target, at in self._extended:
            absent = self._installed[at.plugin].works_with.keys() - self._installed.keys()
            if target not in self._types and not absent:
                found, expected = f"an extension of {target!r}, which nobody defines", "the name of an object type"
                near = nearest(target, self._types)
                yield PluginProblem(plugin=at.plugin, found=found, expected=expected, nearest=near, at=at.at)

    def _fields(self, target: str, fields: Iterable[StrawberryField], plugin: str, at: Location | None) -> None:
        for field in fields:
            self.names.append(Name("field", f"{target}.{_name(field)}", plugin, at))
            self._follow(field, plugin, at)

    def _follow(self, field: StrawberryField, plugin: str, at: Location | None) -> None:
        self._take(field.type, plugin, at)
        for argument in field.arguments:
            self._take(argument.type, plugin, at)

    def _take(self, type_: Any, plugin: str, at: Location | None) -> None:
        """Note the name of a type, and those of the types it leads to."""
        type_ = _inner(type_)
        if id(type_) in self._seen:
            return
        self._seen.add(id(type_))
        self._kept.append(type_)
        if isinstance(type_, StrawberryUnion):
            self._note(type_.graphql_name, plugin, at)
            for member in type_.types:
                self._take(member, plugin, at)
        elif isinstance(type_, StrawberryEnumDefinition):
            self._note(type_.name, *self._owner(type_.wrapped_cls, plugin, at))
        elif isinstance(type_, StrawberryObjectDefinition):
            self._object(type_, *self._owner(type_.origin, plugin, at))

    def _object(self, definition: StrawberryObjectDefinition, plugin: str, at: Location | None) -> None:
        self._note(definition.name, plugin, at)
        self._types.setdefault(definition.name, []).append((plugin, definition, at))
        for one in definition.interfaces:
            self._take(one, plugin, at)
        for field in definition.fields:
            self._follow(field, plugin, at)

    def _note(self, name: str | None, plugin: str, at: Location | None) -> None:
        if name is not None:
            self.names.append(Name("type", name, plugin, at))

    def _owner(self, cls: type, plugin: str, at: Location | None) -> tuple[str, Location | None]:
        written = self._written_by(cls)
        return (plugin, at) if written is None else (written, of_class(cls))

    def _written_by(self, cls: type) -> str | None:
        """Whose package a class was written in, core's where no plugin's; None for what was made at run time."""
        parts = cls.__module__.split(".")
        packages = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        plugin = next((self._packages[package] for package in packages if package in self._packages), None)
        return plugin or (CORE if hasattr(sys.modules.get(cls.__module__), cls.__name__) else None)


def _inner(type_: Any) -> Any:
    """The type itself, without lists and options around it, as its definition."""
    while isinstance(type_, StrawberryContainer | LazyType):
        type_ = type_.resolve_type() if isinstance(type_, LazyType) else type_.of_type
    return getattr(type_, "__strawberry_definition__", type_)


def _name(field: StrawberryField) -> str:
    return field.graphql_name or to_camel_case(field.python_name)
