"""Declared types: one class names a model and its fields; everything else about the type follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional, TypeVar, cast, get_args

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.utils.str_converters import to_camel_case
from tortoise import fields as columns
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.records.classes import class_of

from ..interfaces import Node as NodeInterface
from ..scalars import JSON, Long, global_id
from . import aggregates, filters, ordering, pages, reveals
from .classes import Classified
from .fields import Declared, DeclaredField
from .telling import told

if TYPE_CHECKING:
    from linli.schema.context import Info

C = TypeVar("C", bound=type)

_PYTHON_TYPES: Sequence[tuple[type, Any]] = (
    (columns.UUIDField, strawberry.ID),
    (columns.CharField, str),
    (columns.TextField, str),
    (columns.BooleanField, bool),
    (columns.BigIntField, Long),
    (columns.IntField, int),
    (columns.DatetimeField, datetime),
    (columns.DateField, date),
    (columns.JSONField, JSON),
)


class Node:
    """What is known of a declared type: model, fields, and the types made from them."""

    registry: dict[str, Node] = {}  # noqa: RUF012  filled as plugins' modules are read
    declared: list[Node] = []  # noqa: RUF012  all of them, also where two have one name

    def __init__(self, cls: type, model: type[Model], name: str, order: tuple[str, ...]) -> None:
        self.cls, self.model, self.name, self.order = cls, model, name, order
        self.fields: dict[str, DeclaredField] = {}
        self._completed = False

    @cached_property
    def filter(self) -> type:
        """The filter input; usable as a type at once, filled by `complete`."""
        return filters.filter_type(self)

    @cached_property
    def order_input(self) -> type | None:
        """The order input."""
        return ordering.order_type(self)

    @cached_property
    def connection(self) -> type:
        """The connection type."""
        return pages.connection_type(self)

    def graphql_name(self, name: str) -> str:
        return self.fields[name].graphql_name or to_camel_case(name)

    def python_name(self, graphql: str) -> str:
        return next(name for name in self.fields if self.graphql_name(name) == graphql)

    def related(self, name: str) -> Node:
        """The declared type at the other end of a relation or connection."""
        return target_of(self.fields[name], f"{self.name}.{name}")

    def column_of(self, name: str) -> Any:
        """The model's column behind a field."""
        source = self.fields[name].declared.source or name
        known = self.model._meta.fields_map
        if source not in known:
            raise LookupError(f"{self.name}.{name}: {self.model.__name__} has no column {source!r}")
        return known[source]

    def stands_on_column(self, name: str) -> bool:
        """Whether a field is a column or foreign key of the model, and so something to filter by."""
        return (self.fields[name].declared.source or name) in self.model._meta.fields_map

    def stands_on_key(self, name: str) -> bool:
        """Whether a relation is a foreign key, which a filter may follow, and not found in another way."""
        return (self.fields[name].declared.source or name) in self.model._meta.fk_fields

    def python_type(self, name: str) -> Any:
        """The type of a column's values, without null."""
        declared = self.fields[name].declared
        if declared.type is not None:
            return declared.type
        model_column = self.column_of(name)
        return next(python for kind, python in _PYTHON_TYPES if isinstance(model_column, kind))

    def orderable(self) -> Iterator[str]:
        """The fields that a list can be ordered by."""
        return (name for name, field in self.fields.items() if field.declared.orderable)

    def order_column(self, name: str) -> str:
        """The column that orders by a field: its companion key where the model keeps one."""
        source = self.fields[name].declared.source or name
        companion = f"{source}_key"
        return companion if companion in self.model._meta.fields_map else source

    def complete(self) -> None:
        """Give every field its type and way of resolving, once all declared types are known."""
        if self._completed:
            return
        self._completed = True
        for name, field in self.fields.items():
            if field.declared.kind == "column":
                of = self.python_type(name)
                field.type_annotation = StrawberryAnnotation(Optional[of] if self.column_of(name).null else of)
            else:
                complete(field, f"{self.name}.{name}")
            if self.stands_on_column(name) and (found := class_of(self.column_of(name))) is not None:
                field.directives = [Classified(is_=found)]
            _RESOLVERS.get(field.declared.kind, _resolve_itself)(self, name, field)
        filters.complete(self)


def target_of(field: DeclaredField, where: str) -> Node:
    """The declared type that a field leads to."""
    target = field.declared.target
    if target not in Node.registry:
        raise LookupError(f"{where}: no declared type is called {target!r}")
    return Node.registry[target]


def complete(field: DeclaredField, where: str) -> None:
    """Give a field that stands on no column its type, and a page its arguments."""
    declared = field.declared
    of: Any = declared.type
    if (led_to := _led_to(of)) is not None:
        field.description = told(declared.description, led_to.model)
    if declared.target is not None:
        target = target_of(field, where)
        if declared.guarded:
            field.description = told(declared.description, target.model)
        shapes = {"connection": target.connection, "page": target.connection, "list": list[target.cls]}  # type: ignore[name-defined]
        of = shapes.get(declared.kind, target.cls)
        if declared.kind == "aggregate":
            of = aggregates.complete(field, target, where)
        if declared.kind in ("connection", "page"):
            field.takes(**pages.arguments(target), **declared.options)
    nullable = declared.nullable is not False if declared.kind == "relation" else bool(declared.nullable)
    field.type_annotation = StrawberryAnnotation(Optional[of] if nullable else of)


def _led_to(type_: Any) -> Node | None:
    """The declared type that a computed field answers."""
    classes = {type_, *get_args(type_)}
    return next((node for node in Node.registry.values() if node.cls in classes), None)


def _resolve_column(node: Node, name: str, field: DeclaredField) -> None:
    declared = field.declared
    source = declared.source or name
    if source == "id":
        field.resolver = lambda row, _info: global_id(node.name, row.id)
    elif declared.read is not None:
        read = declared.read
        field.resolver = lambda row, _info: read(getattr(row, source))
    elif field.resolver is None and (hidden := _hidden(node.column_of(name))) is not _ALWAYS_SHOWN:
        field.resolver = _column_where_shown(node.model, source, hidden)


_ALWAYS_SHOWN = object()


def _hidden(model_column: Any) -> Any:
    """What stands for a value that the viewer may not see although the row is public: what the schema permits."""
    if model_column.null:
        return None
    return {} if isinstance(model_column, columns.JSONField) else _ALWAYS_SHOWN


def _column_where_shown(model: type[Model], source: str, hidden: Any) -> Callable[[Any, Info], Any]:
    async def ask(row: Any, info: Info) -> Any:
        return getattr(row, source) if await info.context.shows(model, row, source) else hidden

    def read(row: Any, info: Info) -> Any:
        context = info.context
        known = context.district.sight.shows(model, context.viewer, row, source)
        return getattr(row, source) if known else ask(row, info)

    read.declared = True  # type: ignore[attr-defined]
    return read


def plainly_shown(field: DeclaredField) -> bool:
    """Whether a column is shown as it is stored, where it is shown: its author gave it no resolver of its own."""
    own = field.declared.read is not None or field.resolver is not None
    return not own or getattr(field.resolver, "declared", False)


def _resolve_masked(node: Node, name: str, field: DeclaredField) -> None:
    declared = field.declared
    if declared.reveal is None:
        return
    field.takes(reveal=reveals.argument(declared.reveal))
    field.resolver = reveals.resolver(node.model, node.graphql_name(name), declared.source or name, declared)


def _resolve_relation(node: Node, name: str, field: DeclaredField) -> None:
    if field.declared.resolve is not None:
        return
    key = f"{field.declared.source or name}_id"
    target = node.related(name).model

    async def load(row: Model, info: Info) -> Model | None:
        id_ = getattr(row, key)
        return None if id_ is None else await info.context.loaders.by_id(target).load(id_)

    field.resolver = load


def _resolve_connection(node: Node, name: str, field: DeclaredField) -> None:
    target, by = node.related(name), field.declared.by
    field.resolver = lambda row, info, **given: pages.Page(info.context, target, Q(**{f"{by}": row.pk}), **given)


def _resolve_itself(_node: Node, _name: str, _field: DeclaredField) -> None:
    """All other fields came with their resolver."""


_RESOLVERS: dict[str, Callable[[Node, str, DeclaredField], None]] = {
    "column": _resolve_column,
    "masked": _resolve_masked,
    "relation": _resolve_relation,
    "connection": _resolve_connection,
}


def node(
    model: type[Model],
    description: str,
    *,
    name: str | None = None,
    order: tuple[str, ...] = (),
    also: tuple[type, ...] = (),
) -> Callable[[C], C]:
    """Declare a GraphQL type from a model.

    The class body says which columns, relations and connections it shows, in order; `order` are the columns by
    which its lists are ordered unless asked otherwise ("-" in front for descending); `also` are other classes whose
    instances stand for the type. The type implements `Node`.
    """

    def declare(cls: C) -> C:
        made = Node(cls, model, name or cls.__name__, order)
        own = {key: value for key, value in vars(cls).items() if isinstance(value, DeclaredField)}
        for key in own:
            delattr(cls, key)
        cls.is_type_of = classmethod(lambda _cls, row, _info: isinstance(row, (model, *also)))  # type: ignore[attr-defined]
        decorated: Any = strawberry.type(_implementing(cls), name=made.name, description=told(description, model))
        identity = DeclaredField(Declared(kind="column", description="The opaque id. 全局标识。", source="id"))
        definition = decorated.__strawberry_definition__
        definition.fields = [field for field in definition.fields if field.python_name != "id"]
        for key, field in {"id": identity, **own}.items():
            field.python_name, field.origin = key, decorated
            made.fields[key] = field
        definition.fields[:0] = made.fields.values()
        made.cls = decorated
        Node.registry[made.name] = made
        Node.declared.append(made)
        return cast("C", decorated)

    return declare


def _implementing(cls: type) -> type:
    return type(cls.__name__, (cls, NodeInterface), {"__module__": cls.__module__, "__doc__": cls.__doc__})
