"""The materialised path: a node's ancestry as text, one segment per level, so that a subtree is one index range."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

SEGMENT = 13
"""Characters of one segment, its slash included."""

DEEPEST = 29
"""The greatest depth: the root has depth 0 and a path holds at most 400 characters."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"  # base32hex of RFC 4648, which sorts like the number it writes
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def segment(node_id: UUID) -> str:
    """A node's own part of its path: the low 60 bits of its id in base32hex, then a slash."""
    bits = node_id.int
    return (
        _PAIRS[bits >> 50 & 1023]
        + _PAIRS[bits >> 40 & 1023]
        + _PAIRS[bits >> 30 & 1023]
        + _PAIRS[bits >> 20 & 1023]
        + _PAIRS[bits >> 10 & 1023]
        + _PAIRS[bits & 1023]
        + "/"
    )


def child_path(parent_path: str, node_id: UUID) -> str:
    """The path of a node under the node that has `parent_path`; "" for a root."""
    return parent_path + segment(node_id)


def depth(path: str) -> int:
    """How many ancestors a path names; 0 for a root."""
    return len(path) // SEGMENT - 1


def ancestor_paths(path: str) -> list[str]:
    """The paths of all ancestors, from the root down, without the node itself."""
    return [path[:end] for end in range(SEGMENT, len(path), SEGMENT)]


def is_beneath(path: str, ancestor: str) -> bool:
    """Whether `path` is the ancestor's own or one of its descendants'."""
    return path.startswith(ancestor)


def subtree_range(path: str) -> tuple[str, str]:
    """(low, high) such that `low <= path < high` holds for exactly the node and its descendants."""
    return path, path[:-1] + "0"  # "0" is the character after "/"


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Of these paths the ones that lie beneath no other."""
    found: list[str] = []
    for path in sorted(paths):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return tuple(found)
