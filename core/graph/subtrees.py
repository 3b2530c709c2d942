"""Subtrees as index ranges on the path: how deep one reaches, and what happens to its paths when it is moved."""

from __future__ import annotations

from . import paths, sql

_REWRITE = (
    "UPDATE core_org_node SET path = $1::text || substr(path, $2::int), depth = depth + $3::int "
    "WHERE path >= $4::text AND path < $5::text"
)
_DEEPEST = "SELECT max(depth) AS deepest FROM core_org_node WHERE path >= $1::text AND path < $2::text"


async def deepest(path: str) -> int:
    """The greatest depth in a subtree."""
    (row,) = await sql.fetch(_DEEPEST, *paths.subtree_range(path))
    return int(row["deepest"])


async def rewrite_paths(old: str, new: str) -> None:
    """Give a subtree's nodes, its top and those that have ended included, their paths and depths under `new`."""
    shift = paths.depth(new) - paths.depth(old)
    await sql.execute(_REWRITE, new, len(old) + 1, shift, *paths.subtree_range(old))
