"""The ways in which a type gets a field from its model."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

if TYPE_CHECKING:
    from linli.schema.context import Info

    from .dimensions import Counts
    from .sizes import Size

Resolve = Callable[..., Any]


@dataclass(frozen=True)
class Declared:
    """What a field is: the declaration that executors, filters and orders read."""

    kind: str
    description: str
    source: str | None = None
    target: str | None = None
    by: str | None = None
    type: Any = None
    filterable: bool = True
    orderable: bool = False
    nullable: bool | None = None
    guarded: bool = True
    reveal: str | None = None
    shown_by: str | None = None
    read: Callable[[Any], Any] | None = None
    resolve: Resolve | None = None
    recorded: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    size: Size | None = None


class DeclaredField(StrawberryField):
    """A Strawberry field that knows its declaration and resolves by it, without a function of its own."""

    def __init__(self, declared: Declared, **kwargs: Any) -> None:
        super().__init__(description=declared.description, **kwargs)
        self.declared = declared
        self.resolver: Resolve | None = declared.resolve

    @property
    def is_basic_field(self) -> bool:
        return self.resolver is None

    def get_result(self, source: Any, info: Info | None, args: list[Any], kwargs: Any) -> Awaitable[Any] | Any:
        if self.resolver is None:
            return getattr(source, self.declared.source or self.python_name)
        return self.resolver(source, info, **kwargs)

    def takes(self, **arguments: tuple[Any, str]) -> None:
        """Give the field its arguments: python name -> (type, description)."""
        self.arguments = [
            StrawberryArgument(
                python_name=name,
                graphql_name=to_camel_case(name.rstrip("_")),
                type_annotation=StrawberryAnnotation(annotation),
                description=description,
            )
            for name, (annotation, description) in arguments.items()
        ]

    def __copy__(self) -> Self:
        twin = type(self)(
            self.declared,
            python_name=self.python_name,
            graphql_name=self.graphql_name,
            type_annotation=self.type_annotation,
            origin=self.origin,
            deprecation_reason=self.deprecation_reason,
            is_subscription=self.is_subscription,
        )
        twin.resolver = self.resolver
        twin.description = self.description
        twin.directives = self.directives
        twin.arguments = [copy.copy(argument) for argument in self.arguments]
        return twin


def column(
    description: str,
    *,
    source: str | None = None,
    type: Any = None,  # noqa: A002  the word of the field
    filterable: bool = True,
    orderable: bool = False,
    read: Callable[[Any], Any] | None = None,
) -> Any:
    """A column of the model, by default the one of the field's own name.

    `type` replaces the type that follows from the column (an enum for a text column); `read` turns the stored value
    into what is shown; `orderable` adds it to the type's orders, by `source` + "_key" where the model has such a
    companion; PERSONAL and SENSITIVE columns are never filterable here.
    """
    return DeclaredField(
        Declared(
            kind="column",
            description=description,
            source=source,
            type=type,
            filterable=filterable,
            orderable=orderable,
            read=read,
        )
    )


def masked(
    description: str,
    resolve: Resolve,
    *,
    source: str | None = None,
    type: Any = str,  # noqa: A002  the word of the field
    nullable: bool = True,
    reveal: str | None = None,
    shown_by: str | None = None,
) -> Any:
    """A personal column: `resolve(row, info)` answers what this viewer may see of it, nobody's own value but in full.

    `reveal` names the permission to see it in full: the field then takes the argument `reveal`, may be null, writes
    down each time who saw it and what for, and can be filtered by where the permission is held. `shown_by` names a
    permission under which `resolve` shows it in full without; holders filter by it too.
    """
    return DeclaredField(
        Declared(
            kind="masked",
            description=description,
            source=source,
            type=type,
            nullable=nullable or reveal is not None,
            filterable=reveal is not None,
            reveal=reveal,
            shown_by=shown_by,
            resolve=resolve,
        )
    )


def relation(
    description: str,
    target: str,
    *,
    source: str | None = None,
    nullable: bool | None = None,
    resolve: Resolve | None = None,
) -> Any:
    """The record that a foreign key points to; null where the viewer may not see it.

    `nullable=False` promises that whoever sees the one may see the other; `resolve` finds it in another way.
    """
    return DeclaredField(
        Declared(
            kind="relation",
            description=description,
            target=target,
            source=source,
            nullable=nullable,
            resolve=resolve,
        )
    )


def connection(description: str, target: str, *, by: str, **options: Any) -> Any:
    """The records whose column `by` points here, as a page with filter, order, cursors and total."""
    return DeclaredField(Declared(kind="connection", description=description, target=target, by=by, options=options))


def page(description: str, target: str, resolve: Resolve, *, guarded: bool = True, **options: tuple[Any, str]) -> Any:
    """A connection whose rows `resolve(row, info, **arguments)` finds; `options` are arguments beside the usual.

    Not `guarded` are rows that are shown with the record they belong to, and not by their own declaration.
    """
    declared = Declared(
        kind="page", description=description, target=target, resolve=resolve, guarded=guarded, options=options
    )
    return DeclaredField(declared)


def listed(description: str, target: str, resolve: Resolve, *, size: Size | None = None) -> Any:
    """A short list of records that `resolve(row, info)` finds, bounded by its nature; `size` says by how many.

    Costs are reckoned with 20 where it is not said.
    """
    return DeclaredField(Declared(kind="list", description=description, target=target, resolve=resolve, size=size))


def aggregate(description: str, counts: Counts, *, beneath: str | None = None, by: str | None = None) -> Any:
    """How many rows there are here that the viewer sees, in all and by dimensions: see `counts` of `dimensions`.

    `beneath`, for a field of OrgNode, is the look-up from a row to the node where it belongs, and all beneath a node
    count; `by`, for a field of another type, is the column that points here. It takes the filter of the rows' lists,
    unless a dimension is personal: then what filters leave out would tell what is withheld.
    """
    return DeclaredField(
        Declared(
            kind="aggregate",
            description=description,
            target=counts.target,
            source=beneath,
            by=by,
            options={"counts": counts},
        )
    )


def computed(
    description: str,
    resolve: Resolve,
    type: Any,  # noqa: A002
    *,
    recorded: bool = False,
    size: Size | None = None,
    **arguments: tuple[Any, str],
) -> Any:
    """A field that Python computes from the row: `resolve(row, info, **arguments)`.

    `recorded` says that it is written down when somebody reads it, `size` how long a list is.
    """
    declared = Declared(
        kind="computed", description=description, type=type, resolve=resolve, recorded=recorded, size=size
    )
    made = DeclaredField(declared)
    made.takes(**arguments)
    return made
