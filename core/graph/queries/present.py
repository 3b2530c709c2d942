"""The present: what is valid now, by index ranges on the path."""

from __future__ import annotations

from collections.abc import Collection

from tortoise.queryset import QuerySet

from ..models import OrgNode
from ..paths import ancestor_paths, subtree_range


async def district_root() -> OrgNode | None:
    """The node above all others; None in a district that `linli migrate` has not finished."""
    return await OrgNode.filter(parent_id=None, valid_to=None).first()


def ancestors(node: OrgNode) -> QuerySet[OrgNode]:
    """The nodes above, from the root down."""
    return OrgNode.filter(path__in=ancestor_paths(node.path)).order_by("depth")


def children(node: OrgNode) -> QuerySet[OrgNode]:
    """The valid nodes directly beneath, by name."""
    return OrgNode.filter(parent_id=node.id, valid_to=None).order_by("name_key", "id")


def descendants(node: OrgNode) -> QuerySet[OrgNode]:
    """All valid nodes beneath, each after its parent."""
    low, high = subtree_range(node.path)
    return OrgNode.filter(path__gt=low, path__lt=high, valid_to=None).order_by("path")


async def org_by_code(code: str, kinds: Collection[str]) -> OrgNode | None:
    """The valid node of one of these kinds that has the code; of several the highest."""
    return await OrgNode.filter(code=code, kind__in=list(kinds), valid_to=None).order_by("depth", "id").first()


async def org_by_reference(reference: str, kinds: Collection[str]) -> OrgNode | None:
    """The valid node that `[KIND:]CODE` names, as commands take it."""
    kind, _, code = reference.rpartition(":")
    return await org_by_code(code, [kind] if kind and kind in kinds else [] if kind else kinds)
