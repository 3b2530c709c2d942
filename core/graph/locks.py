"""Locks on the shape of the graph, held to the end of the unit of work.

Rules that look at several nodes (no cycles, one node per code, no end above valid children) need that nobody changes
the others meanwhile. SQLite has one writer, and so these locks already.
"""

from __future__ import annotations

from ..records.unit_of_work import current_unit
from .sql import fetch

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1::text || '.' || current_schema(), 0))"
_LOCK_BOTH = (
    "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text || '.' || current_schema(), 0)), "
    "pg_advisory_xact_lock(hashtextextended($2::text || '.' || current_schema(), 0))"
)
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text || '.' || current_schema(), 0))"


TREE = "linli.tree"


def _of_code(kind: str, code: str) -> str:
    return f"linli.code.{kind}.{code}"


async def hold_tree(*, alone: bool) -> None:
    """Keep the tree's shape: `alone` for whoever changes where existing nodes stand or whether they are valid."""
    await _hold(TREE, shared=not alone)


async def hold_place_and_code(kind: str, code: str | None) -> None:
    """Keep the tree's shape, and others from giving this code to a node of this kind: the two in this order."""
    if code is None:
        await hold_tree(alone=False)
    elif current_unit().store.dialect == "postgres":
        await fetch(_LOCK_BOTH, TREE, _of_code(kind, code))


async def hold_code(kind: str, code: str) -> None:
    """Keep others from giving this code to a node of this kind."""
    await _hold(_of_code(kind, code), shared=False)


async def hold_relations(kind: str) -> None:
    """Keep others from adding relations of this kind."""
    await _hold(f"linli.relations.{kind}", shared=False)


async def _hold(name: str, *, shared: bool) -> None:
    if current_unit().store.dialect == "postgres":
        await fetch(_LOCK_SHARED if shared else _LOCK, name)
