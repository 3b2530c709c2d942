"""What core and each plugin add to a district's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from .declare.fields import DeclaredField

if TYPE_CHECKING:
    from .ledgers import Ledger
    from .searching import Searchable

C = TypeVar("C", bound=type)


@dataclass(frozen=True, kw_only=True)
class GraphQL:
    """A plugin's part of the schema.

    `query`, `mutation` and `subscription` are classes whose fields become root fields; `extend` maps the name of an
    object type of core or of a dependency to a class whose fields it gets; `types` are those that no field leads to;
    `error_codes` the codes that the plugin's refusals carry; `search` the kinds of records that `search` finds;
    `ledgers` what the plugin's records are exported as.
    """

    query: type | None = None
    mutation: type | None = None
    subscription: type | None = None
    extend: Mapping[str, type] = field(default_factory=dict)
    types: Sequence[type] = ()
    error_codes: Sequence[str] = ()
    search: Sequence[Searchable] = ()
    ledgers: Sequence[Ledger] = ()

    @property
    def roots(self) -> Mapping[str, type]:
        """The classes of root fields by the root type that gets them."""
        given = {"Query": self.query, "Mutation": self.mutation, "Subscription": self.subscription}
        return {name: cls for name, cls in given.items() if cls is not None}


def fields_of(cls: type) -> list[StrawberryField]:
    """The fields that a class of root fields or extensions holds, in order."""
    definition: StrawberryObjectDefinition | None = cls.__dict__.get("__strawberry_definition__")
    if definition is None:
        raise TypeError(f"{cls.__module__}.{cls.__qualname__}: decorate it with @fields")
    return definition.fields


def fields(description: str) -> Callable[[C], C]:
    """Decorate a class that holds fields of a type that stands on no model: a root, an extension, a view.

    Types are completed when a schema is composed, since fields name the types they lead to.
    """

    def decorate(cls: C) -> C:
        own = {key: value for key, value in vars(cls).items() if isinstance(value, DeclaredField)}
        for key in own:
            delattr(cls, key)
        strawberry.type(cls, description=description)
        for key, made in own.items():
            made.python_name = key
            fields_of(cls).append(made)
        LOOSE.append(cls)
        return cls

    return decorate


LOOSE: list[type] = []
"""Every class decorated with `fields` in this process."""
