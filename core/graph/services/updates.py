"""Changing what an organisation is called and how it is described."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from ... import clock
from ...errors import FieldProblem
from ...records import events
from .. import checks, states
from ..attributes import checked_attributes
from ..codes import code_problems
from ..credit_units import check_credit_code_free
from ..event_types import ORG, ORG_UPDATED, OrgUpdatedPayload, OrgValues
from ..kinds import Kinds
from ..locks import hold_tree
from ..models import OrgNode
from ..nodes import node_to_change, write
from ..points import Point, point_problems
from ..unset import UNSET, Unset
from ..values import located, named, told
from .creation import check_code_free


async def update_org(
    kinds: Kinds,
    node_id: UUID,
    *,
    name: str | Unset = UNSET,
    code: str | Unset | None = UNSET,
    attributes: Mapping[str, Any] | Unset = UNSET,
    location: Point | Unset | None = UNSET,
    expected_version: int | None = None,
) -> OrgNode:
    """Change what is given, and keep what was in the history; attributes are replaced as a whole.

    Raises ValidationError with every problem, NotFoundError, InvalidTransitionError for one that has ended,
    ConflictError for a stale version or a code in use, RejectedError (CREDIT_CODE_IN_USE). Changes
    nothing when nothing differs.
    """
    await hold_tree(alone=False)
    node = await node_to_change(kinds, node_id, expected_version)
    wanted: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    if name is not UNSET:
        problems += checks.name_problems(name.strip())
        wanted |= {"name": name.strip()}
    if code is not UNSET and code != node.code:
        problems += await _code_problems(kinds, node, code)
        wanted |= {"code": code}
    if attributes is not UNSET:
        wanted["attributes"], wrong = checked_attributes(kinds.org(node.kind).attributes, attributes)
        problems += wrong
    if location is not UNSET:
        problems += _point_problems(location)
        wanted |= {"location": location}
    checks.settle(problems)
    return await _update(node, wanted)


async def _update(node: OrgNode, wanted: dict[str, Any]) -> OrgNode:
    if "name" in wanted:
        wanted |= named(wanted["name"])
    if "location" in wanted:
        wanted |= located(wanted.pop("location"))
    changes = {column: value for column, value in wanted.items() if getattr(node, column) != value}
    if not changes:
        return node
    if "code" in changes:
        await check_code_free(node.kind, changes["code"])
    if "attributes" in changes:
        await check_credit_code_free(changes["attributes"], node.id)
    changed = [column for column in OrgValues.model_fields if column in changes]
    before = told(node, changed)
    await write(node, **changes)
    await states.change([node.id], clock.now())
    payload = OrgUpdatedPayload(kind=node.kind, changed=changed, before=before, after=told(node, changed))
    await events.append(ORG_UPDATED, ORG, node.id, payload, org_id=node.id)
    return node


async def _code_problems(kinds: Kinds, node: OrgNode, code: str | None) -> list[FieldProblem]:
    if code is None:
        return []
    parent = await OrgNode.get_or_none(id=node.parent_id) if node.parent_id else None
    parent_kind = kinds.orgs.get(parent.kind) if parent else None
    return list(code_problems(kinds.org(node.kind), code, parent_kind, parent.code if parent else None))


def _point_problems(location: Point | None) -> Iterator[FieldProblem]:
    if location is not None:
        yield from point_problems(location)
