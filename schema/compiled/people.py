"""People who were merged: whoever looks for one of them finds the one that is kept."""

from __future__ import annotations

from typing import Any

from tortoise.expressions import Q, Subquery

from linli.core.people.models import Person

from ..context import Context


def kept(context: Context, id_: Any) -> Q:
    """The row that stands in the place of one that was merged, as `loaders.by_id` finds it."""
    merged: Any = Subquery(Person.filter(id=id_, merged_into__isnull=False).values("merged_into"))
    return Q(Q(id__in=merged), context.sees(Person))


def merged_twice(id_: Any) -> Q:
    """The row, where the one that stands in its place was merged too: that chain is left to the loaders."""
    merged: Any = Subquery(Person.filter(merged_into__isnull=False).values("id"))
    return Q(id=id_, merged_into__in=merged)
