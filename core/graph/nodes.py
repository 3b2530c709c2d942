"""Reading a node in order to change it, and writing the change under its version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from .. import clock
from .kinds import Kinds
from .models import OrgNode
from .refusals import ended, stale, unknown_org


async def node_to_change(kinds: Kinds, node_id: UUID, expected_version: int | None) -> OrgNode:
    """The node, kept from others until the unit of work ends.

    Raises NotFoundError, InvalidTransitionError for one that has ended, ConflictError for another version.
    """
    node = await OrgNode.filter(id=node_id).select_for_update().first()
    if node is None or node.kind not in kinds.orgs:
        raise unknown_org()
    if node.valid_to is not None:
        raise ended()
    if expected_version is not None and expected_version != node.version:
        raise stale(node, expected_version)
    return node


async def known_node(kinds: Kinds, node_id: UUID, path: str) -> OrgNode:
    """A node that another record refers to; NotFoundError at `path`."""
    node = await OrgNode.get_or_none(id=node_id)
    if node is None or node.kind not in kinds.orgs:
        raise unknown_org(path)
    return node


async def write(node: OrgNode, **changes: Any) -> None:
    """Write changed columns and count the version; ConflictError when somebody was faster."""
    read = node.version
    changes |= {"version": read + 1, "updated_at": clock.now()}
    if not await OrgNode.filter(id=node.id, version=read).update(**changes):
        raise stale(await OrgNode.get(id=node.id), read)
    node.update_from_dict(changes)
