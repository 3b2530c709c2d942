"""Merging and splitting organisations: what is asked, what stands against it, and how the tree changes. 撤并与拆分。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from uuid import UUID

from ... import clock
from ...errors import FieldProblem, NotFoundError, text
from ...records.record import new_id
from .. import checks, refusals, states
from ..core_kinds import SUCCEEDED_BY
from ..kinds import Kinds
from ..locks import hold_tree
from ..models import OrgNode
from ..nodes import known_node, node_to_change
from ..subtrees import deepest
from .creation import create_org, draft_problems
from .endings import close_org
from .moves import put_beneath
from .relations import create_relation

MOST_SOURCES, MOST_TARGETS, MOST_CHILDREN = 50, 20, 1000
NAMED_CHILDREN = 20


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
    checks.settle(_count_problems("sourceIds", len(source_ids), 1, MOST_SOURCES))
    checks.settle(_version_problems(source_ids, expected_versions))
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
    checks.settle(_count_problems("targets", len(targets), 2, MOST_TARGETS))
    checks.settle(_count_problems("children", len(children), 0, MOST_CHILDREN))
    (source,) = await _sources(kinds, [source_id], None if expected_version is None else [expected_version])
    beneath = await _children([source])
    checks.settle(_assignment_problems(beneath, children, heir, len(targets)))
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
    problems = [*_source_problems(plan), *checks.past_problems("at", plan.at, clock.now())]
    if len(set(plan.target_ids)) < len(plan.target_ids):
        problems.append(FieldProblem("targets", "DUPLICATE", text("The same organisation is named twice")))
    for path, id_ in zip(paths, plan.target_ids, strict=True):
        if id_ in plan.new:
            problems += await _new_problems(kinds, plan, plan.new[id_], path)
        else:
            existing[id_] = await _existing(kinds, id_, path)
            problems += _existing_problems(plan, existing[id_], path)
    problems += await _time_problems(plan)
    checks.settle(problems)
    judged = replace(plan, existing=existing)
    checks.settle(await _depth_problems(judged, paths))
    return judged


async def _existing(kinds: Kinds, id_: UUID, path: str) -> OrgNode:
    try:
        return await known_node(kinds, id_, f"{path}.id")
    except NotFoundError as error:
        raise refusals.unknown_org(f"{path}.id") from error


def _count_problems(path: str, found: int, least: int, most: int) -> Iterator[FieldProblem]:
    if not least <= found <= most:
        message = text("{found} is out of range: {least} to {most}", found=found, least=least, most=most)
        yield FieldProblem(path, "OUT_OF_RANGE", message)


def _version_problems(ids: Sequence[UUID], versions: Sequence[int] | None) -> Iterator[FieldProblem]:
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            yield FieldProblem(f"sourceIds.{place}", "DUPLICATE", text("The same organisation is named twice"))
    if versions is not None and len(versions) != len(ids):
        message = text("Give one version for each source, in their order")
        yield FieldProblem("expectedVersions", "DIFFERS", message)


def _source_problems(plan: Succession) -> Iterator[FieldProblem]:
    first = plan.sources[0]
    name = "sourceIds.{}" if plan.merges else "sourceId"
    for place, source in enumerate(plan.sources):
        if source.kind != first.kind:
            message = text("{found} is another kind than {expected}", found=source.kind, expected=first.kind)
            yield FieldProblem(name.format(place), "KINDS_DIFFER", message)
        above = [one.path for one in plan.sources if one.id not in (source.id, source.parent_id)]
        if source.path.startswith(tuple(above)):
            message = text("It stands beneath another source, and not right beneath it")
            yield FieldProblem(name.format(place), "NESTED", message)


def _assignment_problems(
    beneath: Sequence[OrgNode], children: Sequence[tuple[UUID, int]], heir: int | None, targets: int
) -> Iterator[FieldProblem]:
    known, named = {child.id for child in beneath}, Counter(child for child, _ in children)
    if heir is not None and not 0 <= heir < targets:
        yield from _count_problems("heir", heir, 0, targets - 1)
    for place, (child, target) in enumerate(children):
        if child not in known:
            message = text("It does not stand right beneath the source")
            yield FieldProblem(f"children.{place}.childId", "NOT_A_CHILD", message)
        elif named[child] > 1:
            message = text("The same organisation is named twice")
            yield FieldProblem(f"children.{place}.childId", "DUPLICATE", message)
        yield from _count_problems(f"children.{place}.target", target, 0, targets - 1)
    left = [child.code or child.name for child in beneath if child.id not in named]
    if left and heir is None:
        shown = ", ".join(left[:NAMED_CHILDREN])
        message = text(
            "{count} organisations go nowhere, {found}: name a target for each", count=len(left), found=shown
        )
        yield FieldProblem("children", "UNASSIGNED", message)


async def _new_problems(kinds: Kinds, plan: Succession, new: NewOrg, path: str) -> list[FieldProblem]:
    parent = await known_node(kinds, new.parent_id, f"{path}.parentId")
    kind = kinds.org(new.kind, path=f"{path}.kind")
    given = {"name": new.name, "code": new.code, "start": plan.at}
    found = [
        replace(problem, path=f"{path}.{problem.path}" if problem.path != "validFrom" else "at")
        for problem in draft_problems(kinds, kind, parent, **given)  # type: ignore[arg-type]  # by name
        if problem.code != "FUTURE"
    ]
    found += _kind_problems(plan, new.kind, f"{path}.kind")
    found += _place_problems(plan, parent, f"{path}.parentId")
    if new.code is not None:
        others = OrgNode.filter(kind=new.kind, code=new.code, valid_to=None).exclude(id__in=plan.source_ids)
        same = [one for one in plan.new.values() if (one.kind, one.code) == (new.kind, new.code)]
        if (other := await others.first()) is not None:
            raise refusals.code_in_use(other)
        if len(same) > 1:
            found.append(FieldProblem(f"{path}.code", "DUPLICATE", text("Two successors have the same code")))
    return found


def _existing_problems(plan: Succession, node: OrgNode, path: str) -> list[FieldProblem]:
    found = _kind_problems(plan, node.kind, f"{path}.id")
    if node.valid_to is not None:
        found.append(FieldProblem(f"{path}.id", "ORG_ENDED", text("The organisation has ended before")))
    if node.id in plan.source_ids:
        found.append(FieldProblem(f"{path}.id", "TARGET_IS_SOURCE", text("A source does not succeed itself")))
        return found
    return [*found, *_place_problems(plan, node, f"{path}.id")]


def _kind_problems(plan: Succession, found: str, path: str) -> list[FieldProblem]:
    expected = plan.sources[0].kind
    if found == expected:
        return []
    message = text("{found} is another kind than {expected}", found=found, expected=expected)
    return [FieldProblem(path, "KINDS_DIFFER", message)]


def _place_problems(plan: Succession, node: OrgNode, path: str) -> list[FieldProblem]:
    """Whether the tree would lose its way to the root, or a successor be there before what it stands under."""
    found = []
    ends = tuple(source.path for source in plan.sources)
    if node.path.startswith(ends):
        message = text("It is a source, which ends, or stands beneath one")
        found.append(FieldProblem(path, "BENEATH_SOURCE", message))
    if node.valid_from is not None and node.valid_from > plan.at:
        message = text("It is valid only from {start} on", start=node.valid_from.isoformat())
        found.append(FieldProblem(path, "STARTS_LATER", message))
    return found


async def _time_problems(plan: Succession) -> list[FieldProblem]:
    """What is touched has no later state: history is written forwards."""
    touched: Iterable[OrgNode] = chain(plan.sources, plan.moved)
    latest = [since for node in touched if (since := await states.since(node.id)) is not None and since > plan.at]
    return [refusals.end_before_start("at", plan.at, max(latest))] if latest else []


async def _depth_problems(plan: Succession, paths: Sequence[str]) -> list[FieldProblem]:
    above = {id_: node.depth for id_, node in plan.existing.items()}
    for id_, new in plan.new.items():
        above[id_] = (await OrgNode.get(id=new.parent_id)).depth + 1
    found: list[FieldProblem] = []
    for child in plan.moved:
        target = plan.children[child.id]
        lowest = await deepest(child.path) + above[target] + 1 - child.depth
        place = paths[plan.target_ids.index(target)]
        found += [replace(problem, path=place) for problem in checks.depth_problems(lowest)]
    return found
