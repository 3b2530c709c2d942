"""Merging and splitting organisations: what is asked, what stands against it, and how the tree changes. 撤并与拆分。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from ... import clock
from ...errors import FieldProblem, text
from ...records.record import new_id
from .. import checks, refusals
from ..core_kinds import SUCCEEDED_BY
from ..kinds import Kinds
from ..locks import hold_tree
from ..models import OrgNode
from ..nodes import known_node, node_to_change
from . import succession_problems as problems_of
from .creation import create_org
from .endings import close_org
from .moves import put_beneath
from .relations import create_relation

MOST_SOURCES, MOST_TARGETS, MOST_CHILDREN = 50, 20, 1000


@dataclass(frozen=True)
class NewOrg:
    """A successor that is to be made."""

    kind: str
    name: str
    parent_id: UUID
    code: str | None = None


Wanted = UUID | NewOrg
"""A successor: one that is there, or a new one."""


@dataclass(frozen=True)
class Succession:
    """What a merge or a split is to do: judged, and not done yet. 承继方案。

    `target_ids` are those of new ones too. `children` says which successor each organisation right beneath a source
    goes to. `heir_id` takes what names no part: the one successor of a merge, or the one that was said.
    """

    merges: bool
    at: datetime
    sources: tuple[OrgNode, ...]
    target_ids: tuple[UUID, ...]
    existing: Mapping[UUID, OrgNode]
    new: Mapping[UUID, NewOrg]
    heir_id: UUID | None
    children: Mapping[UUID, UUID]
    moved: tuple[OrgNode, ...] = field(default=())

    @property
    def source_ids(self) -> list[UUID]:
        """The ids of those that end."""
        return [source.id for source in self.sources]


async def plan_merge(
    kinds: Kinds,
    source_ids: Sequence[UUID],
    target: Wanted,
    *,
    at: datetime | None = None,
    expected_versions: Sequence[int] | None = None,
) -> Succession:
    """Judge a merge of organisations into one of their kind, which is there or is made; nothing is written.

    `at` is now or an instant not before the last change of what it touches. Needs a unit of work, and keeps the tree
    until its end. Raises ValidationError with every problem, NotFoundError, RejectedError (ROOT), ConflictError for a
    stale version or a code in use, InvalidTransitionError for a source that has ended.
    """
    await hold_tree(alone=True)
    checks.settle(problems_of.count_problems("sourceIds", len(source_ids), 1, MOST_SOURCES))
    checks.settle(problems_of.version_problems(source_ids, expected_versions))
    sources = await _sources(kinds, source_ids, expected_versions)
    children = await _children(sources)
    made = _succession(sources, [target], at, merges=True, heir=0)
    made = replace(made, children={child.id: made.target_ids[0] for child in children}, moved=tuple(children))
    return await _judged(kinds, made, ["target"])


async def plan_split(
    kinds: Kinds,
    source_id: UUID,
    targets: Sequence[Wanted],
    children: Sequence[tuple[UUID, int]],
    *,
    heir: int | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> Succession:
    """Judge a split of an organisation into several of its kind; like `plan_merge`.

    `children` gives each organisation right beneath it to one of the targets, by their places; those that are not
    named go to the `heir`.
    """
    await hold_tree(alone=True)
    checks.settle(problems_of.count_problems("targets", len(targets), 2, MOST_TARGETS))
    checks.settle(problems_of.count_problems("children", len(children), 0, MOST_CHILDREN))
    (source,) = await _sources(kinds, [source_id], None if expected_version is None else [expected_version])
    beneath = await _children([source])
    checks.settle(problems_of.assignment_problems(beneath, children, heir, len(targets)))
    made = _succession([source], targets, at, merges=False, heir=heir)
    assigned = {child: made.target_ids[place] for child, place in children}
    to_heir = {child.id: made.heir_id for child in beneath if child.id not in assigned and made.heir_id is not None}
    made = replace(made, children=assigned | to_heir, moved=tuple(beneath))
    return await _judged(kinds, made, [f"targets.{place}" for place in range(len(targets))])


async def carry_out(kinds: Kinds, plan: Succession) -> list[OrgNode]:
    """Do what was judged in the same unit of work: the sources end, the successors are there, children stand beneath
    them, and SUCCEEDED_BY says so; the successors in their order."""
    for source in plan.sources:
        await close_org(source, plan.at)
    targets = {id_: plan.existing.get(id_) or await _made(kinds, id_, plan) for id_ in plan.target_ids}
    for child in plan.moved:
        await put_beneath(child, targets[plan.children[child.id]], plan.at)
    for source in plan.sources:
        for target_id in plan.target_ids:
            await create_relation(
                kinds,
                kind=SUCCEEDED_BY,
                source_id=source.id,
                target_id=target_id,
                valid_from=plan.at,
                attributes={"heir": True} if not plan.merges and target_id == plan.heir_id else {},
            )
    return list(targets.values())


async def _made(kinds: Kinds, id_: UUID, plan: Succession) -> OrgNode:
    new = plan.new[id_]
    return await create_org(
        kinds,
        kind=new.kind,
        name=new.name,
        code=new.code,
        parent_id=new.parent_id,
        valid_from=plan.at,
        org_id=id_,
    )


async def _sources(kinds: Kinds, ids: Sequence[UUID], versions: Sequence[int] | None) -> list[OrgNode]:
    expected = versions if versions is not None else [None] * len(ids)
    sources = [await node_to_change(kinds, id_, version) for id_, version in zip(ids, expected, strict=True)]
    if any(source.parent_id is None for source in sources):
        raise refusals.root_stays()
    return sources


async def _children(sources: Sequence[OrgNode]) -> list[OrgNode]:
    """What stands right beneath the sources and does not end with them."""
    ids = [source.id for source in sources]
    found = OrgNode.filter(parent_id__in=ids, valid_to=None).exclude(id__in=ids)
    return list(await found.select_for_update().order_by("code", "id"))


def _succession(
    sources: Sequence[OrgNode], targets: Sequence[Wanted], at: datetime | None, *, merges: bool, heir: int | None
) -> Succession:
    ids = tuple(target if isinstance(target, UUID) else new_id() for target in targets)
    return Succession(
        merges=merges,
        at=checks.in_utc(at or clock.now()),
        sources=tuple(sources),
        target_ids=ids,
        existing={},
        new={id_: target for id_, target in zip(ids, targets, strict=True) if isinstance(target, NewOrg)},
        heir_id=None if heir is None else ids[heir],
        children={},
    )


async def _judged(kinds: Kinds, plan: Succession, paths: Sequence[str]) -> Succession:
    """The plan with the successors that are there; raises what stands against it."""
    existing: dict[UUID, OrgNode] = {}
    problems = [*problems_of.source_problems(plan), *checks.past_problems("at", plan.at, clock.now())]
    if len(set(plan.target_ids)) < len(plan.target_ids):
        problems.append(FieldProblem("targets", "DUPLICATE", text("The same organisation is named twice")))
    for path, id_ in zip(paths, plan.target_ids, strict=True):
        if id_ in plan.new:
            problems += await problems_of.new_problems(kinds, plan, plan.new[id_], path)
        else:
            existing[id_] = await known_node(kinds, id_, f"{path}.id")
            problems += problems_of.existing_problems(plan, existing[id_], path)
    problems += await problems_of.time_problems(plan)
    checks.settle(problems)
    judged = replace(plan, existing=existing)
    checks.settle(await problems_of.depth_problems(judged, paths))
    return judged
