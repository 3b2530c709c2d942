"""Ending organisations: nothing is deleted, validity ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ... import clock
from ...records import events
from .. import checks, refusals, states
from ..event_types import ORG, ORG_ENDED, OrgEndedPayload
from ..kinds import Kinds
from ..locks import hold_tree
from ..models import OrgNode
from ..nodes import node_to_change, write
from ..unset import UNSET, Unset

NAMED_CHILDREN = 20


async def end_org(
    kinds: Kinds, node_id: UUID, *, at: datetime | Unset = UNSET, expected_version: int | None = None
) -> OrgNode:
    """End an organisation's validity, now or at a past instant not before its last change; its row stays.

    Relations count only while both ends are valid, so they need no end of their own. Raises RejectedError
    (HAS_CHILDREN, naming the first of them; ROOT), ValidationError (FUTURE, END_BEFORE_START), NotFoundError,
    InvalidTransitionError, ConflictError.
    """
    await hold_tree(alone=True)
    node = await node_to_change(kinds, node_id, expected_version)
    if node.parent_id is None:
        raise refusals.root_stays()
    end = checks.in_utc(clock.now() if at is UNSET else at)
    checks.settle(checks.past_problems("at", end, clock.now()))
    since = await states.since(node.id)
    if since is not None and end < since:
        checks.settle([refusals.end_before_start("at", end, since)])
    await _check_childless(kinds, node)
    await close_org(node, end)
    return node


async def close_org(node: OrgNode, end: datetime) -> None:
    """Write the end of a node and tell of it; what stands against that was asked before."""
    await write(node, valid_to=end)
    await states.end([node.id], end)
    payload = OrgEndedPayload(kind=node.kind, valid_to=end)
    await events.append(ORG_ENDED, ORG, node.id, payload, org_id=node.id)


async def _check_childless(kinds: Kinds, node: OrgNode) -> None:
    children = OrgNode.filter(parent_id=node.id, valid_to=None)
    count = await children.count()
    if count:
        shown = await children.filter(kind__in=list(kinds.orgs)).order_by("code", "id").limit(NAMED_CHILDREN)
        raise refusals.has_children(count, [child.code or child.name for child in shown])
