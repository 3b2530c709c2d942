"""Moving an organisation, with everything beneath it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ... import clock
from ...records import events
from .. import checks, event_types, paths, refusals, states
from ..kinds import Kinds
from ..locks import hold_tree
from ..models import OrgNode
from ..nodes import known_node, node_to_change, write
from ..subtrees import deepest, rewrite_paths


async def move_org(kinds: Kinds, node_id: UUID, parent_id: UUID, *, expected_version: int | None = None) -> OrgNode:
    """Put an organisation under another parent; its descendants stay beneath it.

    The code stays, whatever the new parent's: national codes follow a reorganisation years later. Raises RejectedError
    (CYCLE when the parent stands beneath it, ROOT), ValidationError (PARENT_KIND, PARENT_ENDED, TOO_DEEP),
    NotFoundError, InvalidTransitionError, ConflictError. Changes nothing when the parent is the present one.
    """
    await hold_tree(alone=True)
    node = await node_to_change(kinds, node_id, expected_version)
    if node.parent_id is None:
        raise refusals.root_stays()
    parent = await known_node(kinds, parent_id, "parentId")
    if parent.id == node.parent_id:
        return node
    if paths.is_beneath(parent.path, node.path):
        raise refusals.cycle()
    lowest = await deepest(node.path) + parent.depth + 1 - node.depth
    checks.settle(
        [
            *checks.parent_problems(kinds, kinds.org(node.kind), parent.kind),
            *checks.ended_problems(parent),
            *checks.depth_problems(lowest),
        ]
    )
    return await put_beneath(node, parent, clock.now())


async def put_beneath(node: OrgNode, parent: OrgNode, at: datetime) -> OrgNode:
    """Write where a node stands from an instant on, and tell of it; what stands against that was asked before."""
    before, path = node.parent_id, paths.child_path(parent.path, node.id)
    await rewrite_paths(node.path, path)
    await write(node, parent_id=parent.id, path=path, depth=parent.depth + 1)
    await states.change([node.id], at)
    payload = event_types.OrgMovedPayload(kind=node.kind, from_parent_id=before, to_parent_id=parent.id)
    await events.append(event_types.ORG_MOVED, event_types.ORG, node.id, payload, org_id=node.id)
    return node
