"""Creating organisations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from ... import clock
from ...errors import FieldProblem, text
from ...records import events
from ...records.record import new_id
from .. import checks, new_nodes, paths, refusals, rows
from ..attributes import checked_attributes
from ..codes import code_problems
from ..credit_units import check_credit_code_free
from ..event_types import ORG, ORG_CREATED, OrgCreatedPayload, OrgValues
from ..kinds import Kinds, OrgKind
from ..locks import hold_code, hold_place_and_code, hold_tree
from ..models import OrgNode
from ..points import Point, point_problems
from ..queries import district_root
from ..unset import UNSET, Unset
from ..values import located, named, told


async def create_org(
    kinds: Kinds,
    *,
    kind: str,
    name: str,
    parent_id: UUID | None,
    code: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    location: Point | None = None,
    valid_from: datetime | Unset | None = UNSET,
    org_id: UUID | None = None,
) -> OrgNode:
    """Create an organisation under a parent; without one only the district's root, of which there is one.

    `valid_from` is now when it is not given, None for since ever, and never in the future. `org_id` is the client's
    UUIDv7. Raises ValidationError with every problem, NotFoundError for the parent, ConflictError for an id or a code
    in use, RejectedError (CREDIT_CODE_IN_USE).
    """
    start = clock.now() if valid_from is UNSET else checks.in_utc(valid_from)
    org_kind = kinds.org(kind)
    there = await _hold_and_find(parent_id, kind, code, org_id)
    parent = None if parent_id is None else there.parent(kinds, parent_id)
    draft = _Draft(org_kind, parent, name.strip(), code, location, start)
    kept, problems = checked_attributes(org_kind.attributes, attributes or {})
    checks.settle([*draft.problems(kinds), *problems])
    if parent is None:
        await _check_first_root()
    there.check_code(kind, code)
    await check_credit_code_free(kept)
    node = draft.node(there.free_id(org_id), kept)
    await _insert(node)
    return node


@dataclass(frozen=True)
class _There:
    """What a new organisation meets: the parent, who has the code, who has the id. Read under the locks."""

    nodes: Mapping[UUID, OrgNode]

    def parent(self, kinds: Kinds, parent_id: UUID) -> OrgNode:
        found = self.nodes.get(parent_id)
        if found is None or found.kind not in kinds.orgs:
            raise refusals.unknown_org("parentId")
        return found

    def check_code(self, kind: str, code: str | None) -> None:
        having = (one for one in self.nodes.values() if code is not None and (one.kind, one.code) == (kind, code))
        for other in having:
            if other.valid_to is None:
                raise refusals.code_in_use(other)

    def free_id(self, given: UUID | None) -> UUID:
        node_id = checks.client_id(given)
        if node_id is None:
            return new_id()
        if node_id in self.nodes:
            raise refusals.id_in_use(self.nodes[node_id])
        return node_id


_MET = "id = $1::uuid OR (kind = $2::text AND code = $3::text AND valid_to IS NULL) OR id = $4::uuid"


async def _hold_and_find(parent_id: UUID | None, kind: str, code: str | None, org_id: UUID | None) -> _There:
    """Keep the tree's shape and the code until the unit of work ends, and read in one statement what is asked of."""
    if parent_id is None:
        await hold_tree(alone=True)
        if code is not None:
            await hold_code(kind, code)
    else:
        await hold_place_and_code(kind, code)
    return _There({node.id: node for node in await rows.read(OrgNode, _MET, parent_id, kind, code, org_id)})


async def ensure_root(kinds: Kinds, *, name: str, code: str | None) -> OrgNode:
    """The district's root: the one that is there, or a new one of `kinds.root_kind`, valid since ever."""
    await hold_tree(alone=True)
    root = await district_root()
    return root or await create_org(kinds, kind=kinds.root_kind, name=name, code=code, parent_id=None, valid_from=None)


async def check_code_free(kind: str, code: str | None) -> None:
    """Refuse a code that a valid node of this kind has, and keep others from taking it meanwhile."""
    if code is None:
        return
    await hold_code(kind, code)
    other = await OrgNode.filter(kind=kind, code=code, valid_to=None).first()
    if other is not None:
        raise refusals.code_in_use(other)


def draft_problems(
    kinds: Kinds, kind: OrgKind, parent: OrgNode | None, *, name: str, code: str | None, start: datetime | None
) -> Iterator[FieldProblem]:
    """What stands against a new organisation, but for what others hold; nothing is written."""
    return _Draft(kind, parent, name.strip(), code, None, start).problems(kinds)


@dataclass(frozen=True)
class _Draft:
    kind: OrgKind
    parent: OrgNode | None
    name: str
    code: str | None
    location: Point | None
    start: datetime | None

    def problems(self, kinds: Kinds) -> Iterator[FieldProblem]:
        yield from checks.name_problems(self.name)
        yield from checks.parent_problems(kinds, self.kind, self.parent.kind if self.parent else None)
        yield from checks.ended_problems(self.parent)
        if self.code is not None:
            yield from code_problems(self.kind, self.code, *_above(kinds, self.parent))
        if self.location is not None:
            yield from point_problems(self.location)
        yield from checks.past_problems("validFrom", self.start, clock.now())
        yield from checks.depth_problems(self.parent.depth + 1 if self.parent else 0)

    def node(self, node_id: UUID, attributes: dict[str, Any]) -> OrgNode:
        path = paths.child_path(self.parent.path if self.parent else "", node_id)
        return OrgNode(
            id=node_id,
            kind=self.kind.code,
            code=self.code,
            parent_id=self.parent.id if self.parent else None,
            path=path,
            depth=paths.depth(path),
            attributes=attributes,
            valid_from=self.start,
            **named(self.name),
            **located(self.location),
        )


def _above(kinds: Kinds, parent: OrgNode | None) -> tuple[OrgKind | None, str | None]:
    return (kinds.orgs.get(parent.kind), parent.code) if parent else (None, None)


async def _check_first_root() -> None:
    root = await district_root()
    if root is not None:
        message = text("The district has its root, {found}, already: name a parent", found=root.code or root.name)
        checks.settle([FieldProblem("parentId", "ROOT_EXISTS", message)])


async def _insert(node: OrgNode) -> None:
    try:
        await new_nodes.insert(node)
    except IntegrityError as error:  # somebody took the id, or its path, in the same moment
        raise refusals.id_in_use() from error
    payload = OrgCreatedPayload(
        kind=node.kind,
        parent_id=node.parent_id,
        valid_from=node.valid_from,
        values=told(node, OrgValues.model_fields),
    )
    await events.append(ORG_CREATED, ORG, node.id, payload, org_id=node.id)
