"""Where the rows of a ledger stand, and the groups that they fall into: each row into exactly one. 台账分组。"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from linli.core.errors import text
from linli.core.graph.beneath import Beneath
from linli.core.graph.core_kinds import COVERS
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.graph.paths import depth, subtree_range, topmost
from linli.core.graph.spans import valid_at, valid_now
from linli.core.languages import translate
from linli.core.records.conditions import Unindexed, where

from ..core.labels import in_language
from ..declare.node import Node
from .declarations import ByKind, ByPlace, Ledger
from .paths import choices, steps

if TYPE_CHECKING:
    from ..context import Context
    from .asking import Asked


@dataclass(frozen=True)
class Group:
    """Some of the rows, and what they are called; None where all are one group."""

    title: str | None
    within: Q


def there(ledger: Ledger, under: OrgNode, as_of: datetime | None) -> Q:
    """The rows that stand at an organisation or beneath it, valid now or at an instant where the ledger is dated."""
    found = _beneath(ledger.place, [under.path])
    dated = [valid_now() if as_of is None else valid_at(as_of)] if ledger.dated else []
    return Q(found, *dated, *(where(lookup, value) for lookup, value in ledger.only.items()))


def _beneath(place: str, paths: Sequence[str]) -> Q:
    if place and depth(paths[0]) == 0:
        return where(f"{place}_id__isnull", value=False)
    return Beneath(place, topmost(paths))


async def groups(context: Context, asked: Asked) -> Sequence[Group]:
    """The groups in their order, empty ones too where they are places; what falls into none comes last."""
    if asked.group is None:
        return [Group(None, Q())]
    if isinstance(asked.group, ByKind):
        return await _by_kind(context, asked, asked.group)
    return await _by_place(context, asked, asked.group)


async def _by_place(context: Context, asked: Asked, by: ByPlace) -> Sequence[Group]:
    low, high = subtree_range(asked.under.path)
    seen = OrgNode.filter(context.sees(OrgNode), valid_now(), kind__in=by.kinds, path__gte=low, path__lt=high)
    nodes = sorted(await seen, key=lambda node: (node.code is None, node.code or "", node.name_key, node.id))
    outer = set(topmost(node.path for node in nodes))
    nodes = [node for node in nodes if node.path in outer]
    covered = await _covered(nodes, low, high)
    place = asked.ledger.place
    found = [Group(node.name, _beneath(place, [node.path, *covered[node.path]])) for node in nodes]
    taken = topmost([*outer, *(path for paths in covered.values() for path in paths)])
    if asked.under.path in taken:
        return found
    rest = Unindexed(~Beneath(place, taken)) if taken else Q()
    return [*found, Group(_others(context) if found else None, rest)]


def _others(context: Context) -> str:
    return translate(text("Elsewhere"), context.language)


async def _covered(nodes: Sequence[OrgNode], low: str, high: str) -> dict[str, list[str]]:
    """The compounds that each of these grids covers and that lie beneath none of them: each with the first one."""
    found: dict[str, list[str]] = defaultdict(list)
    sources = tuple(node.path for node in nodes)
    rows = OrgRelation.filter(valid_now(), kind=COVERS, target__path__gte=low, target__path__lt=high)
    pairs: Any = await rows.order_by("created_at", "id").values_list("source__path", "target__path")
    taken: set[str] = set()
    for node in nodes:
        for source, target in pairs:
            if source.startswith(node.path) and target not in taken and not target.startswith(sources):
                taken.add(target)
                found[node.path].append(target)
    return found


async def _by_kind(context: Context, asked: Asked, by: ByKind) -> Sequence[Group]:
    """One for each value that there is among the rows that the viewer sees."""
    step = steps(Node.registry[asked.ledger.type], by.field)[-1]
    query: Any = asked.node.model.filter(asked.within, context.sees(asked.node.model))
    values: set[str] = set(await query.distinct().values_list(step.source, flat=True))
    known = choices(context, step)
    order = [*(one for one in known if one in values), *sorted(str(one) for one in values - known.keys())]
    return [Group(in_language(known.get(one, one), context.language), where(step.source, one)) for one in order]
