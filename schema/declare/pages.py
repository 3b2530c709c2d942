"""Pages: connections with cursors both ways, offsets for page-numbered tables, totals counted on request."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Optional

import strawberry
from strawberry.annotation import StrawberryAnnotation
from tortoise.expressions import Q

from linli.core.errors import invalid
from linli.core.records.conditions import Unindexed
from linli.core.records.store import current_store

from . import ordering
from .fields import Declared, DeclaredField
from .filters import Conditions

if TYPE_CHECKING:
    from tortoise.models import Model
    from tortoise.queryset import QuerySet

    from linli.schema.context import Context

    from .node import Node

DEFAULT_PAGE = 20
MAX_PAGE = 200
MAX_OFFSET = 10_000

MANY = 500
"""From so many rows on, reading a list in its order until the page is full is quicker than sorting all of it; and a
table of fewer is read whole sooner than what leads to some of its rows."""


@strawberry.type(description="Where a page stands in its list. 分页信息。")
class PageInfo:
    """Relay's page info."""

    has_next_page: bool = strawberry.field(description="More follows. 有下一页。")
    has_previous_page: bool = strawberry.field(description="More precedes. 有上一页。")
    start_cursor: str | None = strawberry.field(description="The first row's cursor. 首行游标。")
    end_cursor: str | None = strawberry.field(description="The last row's cursor. 末行游标。")


@dataclass(frozen=True)
class Edge:
    """A row and its cursor."""

    cursor: str
    node: Any


@dataclass
class Slice:
    """Which part of a list is asked for."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None
    offset: int | None = None

    def check(self, most: int = MAX_PAGE) -> None:
        """Raise ValidationError for a size over `most` or an offset over its limit, or both ways at once."""
        for name, limit in (("first", most), ("last", most), ("offset", MAX_OFFSET)):
            given = getattr(self, name)
            if given is not None and not 0 <= given <= limit:
                raise invalid(name, "OUT_OF_RANGE", "Between 0 and {limit}", limit=limit)
        if self.first is not None and self.last is not None:
            raise invalid("last", "FIRST_AND_LAST", "Ask for the first or for the last, not for both")
        if self.offset and (self.after or self.before or self.last):
            raise invalid("offset", "OFFSET_AND_CURSOR", "An offset goes with `first` alone")

    @property
    def backwards(self) -> bool:
        return self.last is not None

    @property
    def size(self) -> int:
        if self.last is not None:
            return self.last
        return DEFAULT_PAGE if self.first is None else self.first


class Page:
    """A page of rows that one viewer sees, fetched when a field first asks."""

    def __init__(
        self,
        context: Context,
        node: Node,
        within: Q,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002  the argument's name in the API
        order_by: Sequence[dict[str, Any]] | None = None,
        seen: Q | None = None,
        wide: bool = False,
        **part: Any,
    ) -> None:
        """`within` are the rows of the list; `seen` replaces the condition under which the viewer sees one.

        `wide` says that `within` may be most of the table (a whole list, a subtree) and not what hangs on one record
        by a key: then SQLite, which cannot know, is told how to read it.
        """
        self._context, self.node = context, node
        self.wide = wide or not within
        self.part = Slice(**part)
        self.part.check(context.district.settings.limits.page_size)
        self.order = ordering.keys(node, order_by, within)
        conditions = Conditions(context)
        self._as_declared = seen is None
        visible = context.district.sight.condition(node.model, context.viewer) if seen is None else seen
        self._within = Q(within, visible if self.wide else Unindexed(visible), conditions.of(node, filter or {}))
        self.searches = conditions.searches
        self._after = self._decoded("after")
        self._before = self._decoded("before")
        self._fetched: tuple[list[Model], bool] | None = None
        self._fetching = asyncio.Lock()  # `nodes` and `pageInfo` are resolved at once: the second waits for the first

    def _decoded(self, argument: str) -> list[Any] | None:
        cursor = getattr(self.part, argument)
        return None if cursor is None else ordering.decode(self.order, cursor, argument, self.node)

    @cached_property
    def counted(self) -> QuerySet[Model]:
        """All rows of the list."""
        return self.node.model.filter(self._within)

    async def total(self) -> int:
        """How many rows there are on all pages."""
        await self._context.loaders.recorded(self.searches)
        return await self._context.batches.count(self.counted)

    async def _fetch(self) -> tuple[list[Model], bool]:
        async with self._fetching:
            if self._fetched is None:
                self._fetched = await self._select()
            return self._fetched

    async def _narrows(self) -> bool:
        """Whether the conditions are tried on the rows as they come, and no index leads to those that fulfil them."""
        if not self.wide:
            return False
        return await self._context.batches.small(self.node.model, MANY) or await self._in_order()

    async def _in_order(self) -> bool:
        """Whether SQLite is to read the list in its order, since sorting what belongs to it would take longer."""
        if current_store().dialect != "sqlite":
            return False
        return await self._context.batches.count(self.counted.limit(MANY)) == MANY

    def listed(self, *, narrowed: bool) -> QuerySet[Model]:
        """The rows from which this page takes the first, before they are put in order.

        `narrowed` says to SQLite that the conditions are tried on the rows as they come.
        """
        query = self.node.model.filter(Unindexed(self._within) if narrowed else self._within)
        query = query.annotate(**ordering.computed_columns(self.order, self.node.model))
        if self._after is not None:
            query = query.filter(ordering.beyond(self.order, self._after, backwards=False))
        if self._before is not None:
            query = query.filter(ordering.beyond(self.order, self._before, backwards=True))
        return query

    async def _select(self) -> tuple[list[Model], bool]:
        await self._context.loaders.recorded(self.searches)
        model, part = self.node.model, self.part
        query = self.listed(narrowed=await self._narrows())
        query = query.offset(part.offset or 0).limit(part.size + 1)
        rows = await self._context.batches.rows(query, self.node, self.order, backwards=part.backwards)
        more = len(rows) > part.size
        rows = rows[: part.size]
        if self._as_declared:
            self._context.loaders.by_id(model).prime_many({row.pk: row for row in rows})
        return (rows[::-1] if part.backwards else rows), more

    async def nodes(self) -> list[Model]:
        """The rows of this page."""
        return (await self._fetch())[0]

    async def edges(self) -> list[Edge]:
        """The rows of this page with their cursors."""
        return [Edge(ordering.encode(self.order, row), row) for row in await self.nodes()]

    async def page_info(self) -> PageInfo:
        """Where this page stands."""
        rows, more = await self._fetch()
        part = self.part
        return PageInfo(
            has_next_page=part.before is not None if part.backwards else more,
            has_previous_page=more if part.backwards else part.after is not None or bool(part.offset),
            start_cursor=ordering.encode(self.order, rows[0]) if rows else None,
            end_cursor=ordering.encode(self.order, rows[-1]) if rows else None,
        )


def arguments(node: Node) -> dict[str, tuple[Any, str]]:
    """The arguments that every list takes."""
    taken: dict[str, tuple[Any, str]] = {
        "first": (Optional[int], "How many from the front, 20 where not said, 200 at most. 前几条。"),
        "after": (Optional[str], "Only what follows this cursor. 游标之后。"),
        "last": (Optional[int], "How many from the end, 200 at most. 后几条。"),
        "before": (Optional[str], "Only what precedes this cursor. 游标之前。"),
        "offset": (Optional[int], "How many to skip, 10,000 at most. 跳过条数。"),
        "filter": (Optional[node.filter], "Conditions. 筛选。"),
    }
    if node.order_input is not None:
        taken["order_by"] = (Optional[list[node.order_input]], "Order, the id last. 排序。")  # type: ignore[name-defined]
    return taken


def output(name: str, description: str, fields: dict[str, tuple[Any, str, Any]]) -> type:
    """An output type: name -> (type, description, what answers it; None reads the attribute of that name)."""
    made = types.new_class(name)
    strawberry.type(made, name=name, description=description)
    for field, (annotation, text, resolve) in fields.items():
        declared = Declared(kind="computed", description=text, type=annotation, resolve=resolve)
        made.__strawberry_definition__.fields.append(  # type: ignore[attr-defined]
            DeclaredField(declared, python_name=field, type_annotation=StrawberryAnnotation(annotation), origin=made)
        )
    return made


def connection_type(node: Node) -> type:
    """The connection of a declared type, Relay's shape with `nodes` and `totalCount`."""
    edge = output(
        f"{node.name}Edge",
        f"A {node.name} and its cursor. 边。",
        {
            "cursor": (str, "The row's cursor. 游标。", None),
            "node": (node.cls, "The row. 记录。", None),
        },
    )
    return output(
        f"{node.name}Connection",
        f"A page of {node.name}. 分页列表。",
        {
            "edges": (list[edge], "The rows with their cursors. 边。", lambda page, _: page.edges()),  # type: ignore[valid-type]
            "nodes": (list[node.cls], "The rows. 记录。", lambda page, _: page.nodes()),  # type: ignore[name-defined]
            "page_info": (PageInfo, "Where the page stands. 分页信息。", lambda page, _: page.page_info()),
            "total_count": (int, "How many rows on all pages. 总数。", lambda page, _: page.total()),
        },
    )
