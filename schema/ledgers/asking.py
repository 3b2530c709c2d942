"""What somebody asks of a ledger, understood: which rows, which columns, grouped how. 台账查询。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from strawberry.utils.str_converters import to_camel_case
from tortoise.expressions import Q

from linli.core import clock
from linli.core.access.reveals import purpose_problem
from linli.core.access.searches import Search
from linli.core.calendar.ages import born_by
from linli.core.calendar.zones import local_date
from linli.core.config.findings import nearest
from linli.core.errors import FieldProblem, ForbiddenError, ValidationError, invalid, text
from linli.core.graph.models import OrgNode
from linli.core.records.conditions import where

from ..declare import personal
from ..declare.filters import Conditions
from ..declare.node import Node
from .declarations import AgeFrom, ByKind, ByPlace, Column, Ledger, OneOf
from .paths import choices, revealing, steps
from .places import there

if TYPE_CHECKING:
    from ..context import Context

OLDEST = 150
MAX_VALUES = 50


@dataclass(frozen=True)
class Asked:
    """A question to a ledger. `within` are its rows, before who may see them."""

    ledger: Ledger
    node: Node
    under: OrgNode
    within: Q
    columns: Sequence[Column]
    group: ByPlace | ByKind | None
    as_of: datetime | None = None
    purpose: str | None = None
    searches: Sequence[Search] = ()
    filters: tuple[str, ...] = ()

    @property
    def headings(self) -> Sequence[str]:
        """The keys of its columns, in order."""
        return [column.key for column in self.columns]


def find(context: Context, code: str) -> Ledger:
    """The ledger of this code; ValidationError UNKNOWN with the nearest one."""
    known = context.schema.ledgers
    if code not in known:
        raise unknown("code", code, known)
    return known[code]


def unknown(path: str, found: str, known: Sequence[str] | Mapping[str, Any]) -> ValidationError:
    """That there is no such thing, with the nearest one or all there are."""
    near = nearest(found, list(known))
    if near is not None:
        return invalid(path, "UNKNOWN", 'There is no {found}; did you mean "{near}"?', found=found, near=near)
    listed = ", ".join(known) or "-"
    return invalid(path, "UNKNOWN", "There is no {found}; there are: {allowed}", found=found, allowed=listed)


async def understood(
    context: Context,
    ledger: Ledger,
    under: OrgNode,
    *,
    columns: Sequence[str] | None = None,
    filters: Mapping[str, Sequence[str]] | None = None,
    group: str | None = None,
    as_of: datetime | None = None,
    purpose: str | None = None,
) -> Asked:
    """What is asked, checked; nothing is read for it yet. Raises ValidationError, ForbiddenError."""
    if as_of is not None and not ledger.dated:
        raise invalid("asOf", "NOT_DATED", "This ledger shows the present alone")
    node, conditions = Node.registry[ledger.type], Conditions(context)
    narrowed = [_narrowed(context, conditions, ledger, key, values) for key, values in (filters or {}).items()]
    rows, searches = there(ledger, under, as_of), conditions.searches
    if ledger.rows is not None:
        rows, more = await ledger.rows(context, under, as_of)
        searches = [*searches, *more]
    return Asked(
        ledger,
        node,
        under,
        Q(rows, *narrowed),
        _columns(ledger, columns),
        _group(ledger, group),
        as_of,
        _purpose(context, ledger, under, purpose),
        searches,
        tuple(filters or ()),
    )


def _columns(ledger: Ledger, keys: Sequence[str] | None) -> Sequence[Column]:
    known = {column.key: column for column in ledger.columns}
    wanted = list(known) if keys is None else list(keys)
    for place, key in enumerate(wanted):
        if key not in known:
            raise unknown(f"columns.{place}", key, known)
    if not wanted or len(set(wanted)) < len(wanted):
        raise invalid("columns", "REPEATED", "Name each column once, and one at least")
    return [known[key] for key in wanted]


def _group(ledger: Ledger, key: str | None) -> ByPlace | ByKind | None:
    if key is None:
        return ledger.groups[0] if ledger.groups else None
    known = {one.key: one for one in ledger.groups}
    if key == "none":
        return None
    if key not in known:
        raise unknown("groupBy", key, [*known, "none"])
    return known[key]


def _purpose(context: Context, ledger: Ledger, under: OrgNode, purpose: str | None) -> str | None:
    """What values are shown in full for; refused to who holds a permission to reveal neither there nor beneath."""
    if purpose is None:
        return None
    problem = purpose_problem(purpose)
    if problem is not None:
        raise ValidationError(FieldProblem("purpose", problem.code, problem.message))
    needed = revealing(ledger)
    if needed and not any(map(context.viewer.near(under.path).subtrees, needed)):
        told = text("You may not see this in full here")
        raise ForbiddenError(told, path=("purpose",), details={"permission": needed[0]})
    return purpose.strip()


def _narrowed(context: Context, conditions: Conditions, ledger: Ledger, key: str, values: Sequence[str]) -> Q:
    node = Node.registry[ledger.type]
    known = {one.key: one for one in ledger.filters}
    if key not in known:
        raise unknown("filters", key, known)
    if not 1 <= len(values) <= MAX_VALUES:
        raise invalid(f"filters.{key}", "OUT_OF_RANGE", "At most {count} values in a list", count=MAX_VALUES)
    narrowing = known[key]
    if isinstance(narrowing, AgeFrom):
        return _aged(context, conditions, narrowing, values)
    allowed = choices(context, steps(node, narrowing.path)[-1])
    for value in values if allowed else ():
        if value not in allowed:
            raise unknown(f"filters.{key}", value, allowed)
    return conditions.of(node, _nested(narrowing, list(values)))


def _nested(narrowing: OneOf, values: list[str]) -> dict[str, Any]:
    """The filter as a client would write it."""
    *above, last = (to_camel_case(part) for part in narrowing.path.split("."))
    found: dict[str, Any] = {last: {"in": values}}
    for part in reversed(above):
        found = {part: found}
    return found


def _aged(context: Context, conditions: Conditions, narrowing: AgeFrom, values: Sequence[str]) -> Q:
    (given, *more) = values
    if more or not (given.isascii() and given.isdigit()) or int(given) > OLDEST:
        raise invalid(f"filters.{narrowing.key}", "OUT_OF_RANGE", "Between 0 and {limit}", limit=OLDEST)
    people, prefix = Node.registry["Person"], f"{narrowing.person}__" if narrowing.person else ""
    within = personal.region(context, people, "birth_date", prefix)
    latest = born_by(local_date(clock.now(), context.district.zone), int(given))
    conditions.searches += personal.searches(context, people, "birth_date", {"lte": latest})
    return Q(within, where(f"{prefix}birth_date__lte", latest))
