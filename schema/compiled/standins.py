"""Stand-ins: what a resolver is asked with, once, to learn which list or record it would read."""

from __future__ import annotations

import inspect
from collections.abc import Generator
from contextvars import Context as Variables
from dataclasses import dataclass, field
from typing import Any, NoReturn
from uuid import UUID

from tortoise import fields as columns
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.graph.models import OrgNode
from linli.core.graph.paths import DEEPEST, SEGMENT
from linli.core.records import visible
from linli.core.records.conditions import Unindexed

from ..context import Context
from ..declare.node import Node
from .tokens import NotCompilableError, Reference, Tokens


class Row:
    """The rows of one subquery of a statement, by its alias; `needs` are the columns that are read of them."""

    def __init__(self, node: Node, number: int, tokens: Tokens) -> None:
        self.node, self.number, self.alias = node, number, f"t{number}"
        self.needs: set[str] = {"id"}
        self.holed = False
        """Whether Python computes a field of it, and so needs all columns."""
        self.told = False
        """Whether the text of the object under way holds the columns already."""
        self._tokens = tokens

    def column(self, name: str) -> str:
        """The SQL of a column, which from now on is read."""
        self.needs.add(name)
        return f'{self.alias}."{self.node.model._meta.fields_db_projection[name]}"'

    def reference(self, name: str) -> Reference:
        """What stands for an id of it. Raises NotCompilableError for any other value."""
        column = self.node.model._meta.fields_map.get(name)
        if not isinstance(column, columns.UUIDField):
            raise NotCompilableError(f"{self.node.name}: a resolver reads {name} of its row")
        return self._tokens.reference(self.column(name), nullable=column.null)

    def range(self) -> tuple[str, str]:
        """What stands for the ends of the range of paths beneath a node: see `subtree_range`."""
        path = self.column("path")
        return self._tokens.text_of(path), self._tokens.text_of(f"(substr({path}, 1, length({path}) - 1) || '0')")

    def beginnings(self) -> list[str]:
        """What stands for the paths of all ancestors, and for its own."""
        path = self.column("path")
        return [self._tokens.text_of(f"substr({path}, 1, {SEGMENT * level})") for level in range(1, DEEPEST + 1)]


def row_of(node: Any) -> Row:
    """The rows that a stand-in stands for. Raises NotCompilableError for any other record."""
    if type(node) is not StandIn:
        raise NotCompilableError("a resolver asks for what lies beneath another record")
    found: Row = object.__getattribute__(node, "_row")
    return found


class StandIn:
    """A record of which only ids can be asked, and these only to look for others by them."""

    __slots__ = ("_row",)

    def __init__(self, row: Row) -> None:
        object.__setattr__(self, "_row", row)

    @property  # type: ignore[misc]  # it passes for a record of its model
    def __class__(self) -> Any:
        return row_of(self).node.model

    def __getattr__(self, name: str) -> Reference:
        return row_of(self).reference("id" if name == "pk" else name)


@dataclass(frozen=True)
class Lookup:
    """One record: those of `model` that fulfil a condition, of several the first in an order."""

    model: type[Model]
    condition: Q
    id: Any = None
    order: tuple[str, ...] = field(default=())

    def __await__(self) -> Generator[Any, Any, Lookup]:
        return self
        yield  # type: ignore[unreachable]  # makes a generator of it

    def __bool__(self) -> NoReturn:
        raise NotCompilableError("a resolver looks whether a record is there")

    def __getattr__(self, name: str) -> NoReturn:
        raise NotCompilableError(f"a resolver reads {name} of a record that it looked up")


@dataclass(frozen=True)
class Few(Lookup):
    """The records that fulfil a condition, all of them, in an order."""


class _Loader:
    def __init__(self, context: Context, model: type[Model]) -> None:
        self._context, self._model = context, model

    def load(self, id_: Any) -> Lookup:
        return Lookup(self._model, Q(Q(id=id_), self._context.sees(self._model)), id_)


class _Loaders:
    """Of the loaders those alone that look for a record by its id."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def by_id(self, model: type[Model]) -> _Loader:
        return _Loader(self._context, model)

    def first(self, model: type[Model], condition: Q, *order: str) -> Lookup:
        return Lookup(model, condition, order=order)

    def all(self, model: type[Model], condition: Q, *order: str) -> Few:
        return Few(model, condition, order=order)

    def __getattr__(self, name: str) -> NoReturn:
        raise NotCompilableError(f"a resolver uses the loader {name}")


class Probe(Context):
    """A context in which nothing is read."""

    def __post_init__(self) -> None:
        self.loaders: Any = _Loaders(self)
        self.denied = []
        self.instant = None
        self.positions = 0

    async def shows(self, model: type[Model], row: Any, column: str) -> bool:
        raise NotCompilableError(f"a resolver asks whether {column} is shown")

    def local_id(self, value: str, type_name: str) -> UUID | None:
        """An id to look for others by: whose it is differs from one who asks alike to the next."""
        found = super().local_id(value, type_name)
        return None if found is None else Reference(int=found.int)

    def beneath(self, node: OrgNode) -> Q:
        low, high = row_of(node).range()
        return Q(path__gt=low, path__lt=high)

    def above(self, node: OrgNode) -> Q:
        row = row_of(node)
        return Q(Q(path__in=row.beginnings()), ~Q(id=row.reference("id")))

    def sees_beneath(self, node: OrgNode) -> Q:
        """As everywhere: that what is held elsewhere plays no part makes no difference but for the time it takes."""
        viewer, sight = self.viewer, self.district.sight
        everywhere = viewer.everywhere(visible.of(OrgNode).at[""])
        return sight.known(OrgNode) if everywhere else Unindexed(sight.condition(OrgNode, viewer))

    def __getattr__(self, name: str) -> NoReturn:
        raise NotCompilableError(f"a resolver uses {name} of its context")


@dataclass(frozen=True)
class ProbeInfo:
    """What a resolver gets for its `info`."""

    context: Probe

    def __getattr__(self, name: str) -> NoReturn:
        raise NotCompilableError(f"a resolver reads info.{name}")


def outcome(result: Any) -> Any:
    """What a resolver answers; it must not wait for anything, since nothing is read here."""
    if not inspect.iscoroutine(result):
        return result
    try:
        result.send(None)
    except StopIteration as done:
        return done.value
    result.close()
    raise NotCompilableError("a resolver reads before it answers")


def apart(work: Any) -> Any:
    """Do `work` where no district is entered: whatever would read is refused."""
    return Variables().run(work)
