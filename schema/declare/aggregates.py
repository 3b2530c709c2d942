"""Aggregates: how many rows there are beneath a node, in all and by dimensions, small personal counts withheld."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from tortoise.expressions import Case, Q, When

from linli.core.graph.beneath import within as in_zones
from linli.core.graph.models import OrgNode
from linli.core.graph.paths import SEGMENT, depth
from linli.core.graph.queries import counted_as_of
from linli.core.graph.successions import Zone
from linli.core.privacy.suppression import Place
from linli.core.records import visible
from linli.core.records.conditions import where

from .batches import Group, Table
from .classes import Classified
from .dimensions import Counts, Dimension
from .filters import Conditions
from .pages import output

if TYPE_CHECKING:
    from linli.core.access.searches import Search
    from linli.schema.context import Context, Info

    from .fields import DeclaredField
    from .node import Node

MANY_PLACES = 500

_TYPES: dict[str, tuple[Counts, type]] = {}
_LINES: dict[Any, type] = {}


@dataclass(frozen=True)
class Line:
    """How many rows have a value; None where that is withheld."""

    key: Any
    value: int | None

    @property
    def suppressed(self) -> bool:
        return self.value is None


class Tally:
    """The rows of one aggregate, counted when a field first asks; what is asked together is sent together.

    With a `path` they are those beneath the node there, by the look-up `at`, in its `zones`: what it succeeded counts
    there too. A tally of the `past` knows no places of today.
    """

    def __init__(
        self,
        context: Context,
        node: Node,
        within: Q,
        at: str | None = None,
        path: str = "",
        *,
        zones: Sequence[Zone] = (),
        past: bool = False,
        searches: Sequence[Search] = (),
    ) -> None:
        self._context, self._node, self._at, self._path = context, node, at, path
        self._zones, self._past, self._searches = zones, past, searches
        self._within = Q(within, context.sees(node.model))

    async def total(self) -> int:
        """All of them."""
        query = self._node.model.filter(self._within).values("id")
        ((_, _, found),) = await self._counted(Table(query))
        return found

    async def lines(self, dimension: Dimension) -> list[Line]:
        """All values of a dimension with their counts, at last those that have none of them."""
        values = dimension.values(self._context)
        keys = [*(key for key, _ in values), *([None] if dimension.rest else [])]
        protected = dimension.protected(self._node)
        if protected and self._past:
            if not any(depth(path) == 0 for path in self._open(dimension)):
                # two trees of one day told apart what neither of them tells: only whoever reads all of it counts
                return [Line(key, None) for key in keys]
            protected = False
        groups = await self._counted(self._table(dimension, [rows for _, rows in values], protected))
        tables = _by_place(groups, len(keys), self._zones)
        if protected:
            counted = await _shown(_place(self._path, tables, len(keys), self._open(dimension)), len(tables))
        else:
            counted = tuple(tables.get("", [0] * len(keys)))
        return [Line(key, value) for key, value in zip(keys, counted, strict=True)]

    async def _counted(self, table: Table) -> Sequence[Group]:
        await self._context.loaders.recorded(self._searches)
        return await self._context.batches.table(table)

    def _table(self, dimension: Dimension, values: Sequence[Q], places: bool) -> Table:
        query = self._node.model.filter(Q(self._within, *self._shown(dimension)))
        query = query.annotate(value=Case(*(When(rows, then=str(number)) for number, rows in enumerate(values))))
        if places:
            return Table(query.values(place=f"{self._at}__path", value="value"), ("place", "value"))
        return Table(query.values(value="value"), ("value",))

    def _shown(self, dimension: Dimension) -> list[Q]:
        """Only rows of which the viewer sees the columns: of those that a plugin makes public perhaps not all."""
        sight, model = self._context.district.sight, self._node.model
        regions = (sight.showing(model, self._context.viewer, column) for column in dimension.columns)
        return [region for region in regions if region is not None]

    def _open(self, dimension: Dimension) -> tuple[str, ...]:
        """The paths beneath which the viewer may see these values in full, and so may count them."""
        permission = visible.of(self._node.model).at.get(self._at or "")
        if dimension.reveal is None or permission is None:
            return ()
        return self._context.viewer.subtrees_of_both(permission, dimension.reveal)


async def _shown(place: Place, size: int) -> Sequence[int | None]:
    """What is shown of a place; a district with thousands of places takes half a second, in which others go on."""
    return await asyncio.to_thread(lambda: place.shown) if size > MANY_PLACES else place.shown


def _by_place(groups: Sequence[Group], size: int, zones: Sequence[Zone]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0] * size)
    for place, value, count in groups:
        found[_in_place(place, zones)][size - 1 if value is None else int(value)] += count
    return dict(found)


def _in_place(path: str | None, zones: Sequence[Zone]) -> str:
    """Where a place stands in the tree of today: what was succeeded stands beneath its successor."""
    if not path or not zones:
        return path or ""
    zone = max((zone for zone in zones if path.startswith(zone.path)), key=lambda zone: len(zone.path))
    return zone.shown + path[len(zone.path) :]


def _place(top: str, tables: Mapping[str, Sequence[int]], size: int, opened: tuple[str, ...]) -> Place:
    """The tables of a subtree as the tree that it is."""
    beneath_: dict[str, set[str]] = defaultdict(set)
    for path in tables:
        for end in range(len(top), len(path), SEGMENT):
            beneath_[path[:end]].add(path[: end + SEGMENT])

    def made(path: str) -> Place:
        parts = tuple(made(part) for part in sorted(beneath_[path]))
        return Place(tuple(tables.get(path, (0,) * size)), parts, open=path.startswith(opened))

    return made(top)


def complete(field: DeclaredField, target: Node, where_: str) -> type:
    """Give the field its way of resolving and its filter; the type of its answers."""
    declared = field.declared
    asked: Counts = declared.options["counts"]
    protected = [name for name, dimension in asked.dimensions(target) if dimension.protected(target)]
    if (declared.source is None) == (declared.by is None):
        raise LookupError(f"{where_}: say either `beneath` or `by`")
    if protected and declared.by is not None:
        told = f"{where_}: {', '.join(protected)} tells about persons; small counts are withheld only `beneath` a node"
        raise LookupError(told)
    if not protected:
        field.takes(filter=(Optional[target.filter], "Conditions on the rows that count. 筛选。"))
    field.resolver = _beneath(target, declared.source) if declared.source is not None else _of(target, declared.by)
    return _type(asked, target, where_)


def _of(target: Node, by: str | None) -> Callable[..., Tally]:
    def resolve(row: Any, info: Info, filter: dict[str, Any] | None = None) -> Tally:  # noqa: A002
        conditions = Conditions(info.context)
        within = Q(where(f"{by}_id", row.pk), conditions.of(target, filter or {}))
        return Tally(info.context, target, within, searches=conditions.searches)

    return resolve


def _beneath(target: Node, at: str) -> Callable[..., Awaitable[Tally]]:
    async def resolve(row: Any, info: Info, filter: dict[str, Any] | None = None) -> Tally:  # noqa: A002
        context = info.context
        past = not isinstance(row, OrgNode)
        node = await context.loaders.by_id(OrgNode).load(row.id) if past else row
        conditions = Conditions(context)
        given = conditions.of(target, filter or {})
        if node is None:  # as it was once, and not seen today
            return Tally(context, target, where("id__in", []), at)
        if past:
            within = Q(await _counted_then(node, row.at, at), given)
            return Tally(context, target, within, at, past=True, searches=conditions.searches)
        zones = (await context.loaders.successions()).zones(node.path)
        within = Q(in_zones(at, zones), given)
        return Tally(context, target, within, at, node.path, zones=zones, searches=conditions.searches)

    return resolve


async def _counted_then(node: OrgNode, instant: datetime, at: str) -> Q:
    """The rows that count at a node as the tree stood at an instant; at the root all that have a place."""
    if node.parent_id is None:
        return where(f"{at}_id__isnull", value=False)
    return where(f"{at}_id__in", sorted(await counted_as_of(node.id, instant)))


def _type(asked: Counts, target: Node, where_: str) -> type:
    name = f"{target.name}Counts"
    known, made = _TYPES.get(name) or (asked, _counts_type(name, asked, target))
    if known is not asked:
        raise LookupError(f"{where_}: {name} is declared by other `counts`; all aggregates of one type share them")
    _TYPES[name] = known, made
    return made


def _counts_type(name: str, asked: Counts, target: Node) -> type:
    fields: dict[str, tuple[Any, str, Any]] = {
        "total": (int, "How many the viewer sees here. 总数。", lambda tally, _info: tally.total())
    }
    dimensions = dict(asked.dimensions(target))
    for key, dimension in dimensions.items():
        lines = list[_line(dimension.type)]  # type: ignore[misc, valid-type]  # made at run time
        fields[key] = (lines, _told(dimension, target), _reader(dimension))
    made = output(name, f"How many {target.name} there are, by several dimensions. 汇总统计。", fields)
    for field in made.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        if field.python_name in dimensions:
            field.directives = [Classified(is_=dimensions[field.python_name].field_class(target))]
    return made


def _told(dimension: Dimension, target: Node) -> str:
    if not dimension.protected(target):
        return dimension.description
    shown = f" but with {dimension.reveal}" if dimension.reveal else ""
    chinese = f"，持有 {dimension.reveal} 者除外" if dimension.reveal else ""
    return f"{dimension.description} Counts below 5 are withheld{shown}. 小于 5 的数不予显示{chinese}。"


def _reader(dimension: Dimension) -> Callable[[Tally, Info], Awaitable[list[Line]]]:
    return lambda tally, _info: tally.lines(dimension)


def _line(of: Any) -> type:
    if of not in _LINES:
        definition = getattr(of, "__strawberry_definition__", None)
        name = definition.name if definition is not None else {"bool": "Boolean"}.get(of.__name__, of.__name__)
        title = name[0].upper() + name[1:]
        _LINES[of] = output(
            f"{title}Count",
            f"How many have a value of {title}. 分类统计。",
            {
                "key": (Optional[of], "The value; null for rows that have none of the values. 取值。", None),
                "value": (Optional[int], "How many; null where that is withheld. 数量。", None),
                "suppressed": (bool, "Withheld: it, or another that follows from it, is below 5. 已抑制。", None),
            },
        )
    return _LINES[of]
