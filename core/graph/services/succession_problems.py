"""What stands against merging and splitting organisations: each yields every problem that it finds. 撤并条件。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from ...errors import FieldProblem, text
from .. import checks, refusals, states
from ..kinds import Kinds
from ..models import OrgNode
from ..nodes import known_node
from ..subtrees import deepest
from .creation import draft_problems

if TYPE_CHECKING:
    from .successions import NewOrg, Succession

NAMED_CHILDREN = 20


def count_problems(path: str, found: int, least: int, most: int) -> Iterator[FieldProblem]:
    if not least <= found <= most:
        message = text("{found} is out of range: {least} to {most}", found=found, least=least, most=most)
        yield FieldProblem(path, "OUT_OF_RANGE", message)


def version_problems(ids: Sequence[UUID], versions: Sequence[int] | None) -> Iterator[FieldProblem]:
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            yield FieldProblem(f"sourceIds.{place}", "DUPLICATE", text("The same organisation is named twice"))
    if versions is not None and len(versions) != len(ids):
        message = text("Give one version for each source, in their order")
        yield FieldProblem("expectedVersions", "DIFFERS", message)


def source_problems(plan: Succession) -> Iterator[FieldProblem]:
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


def assignment_problems(
    beneath: Sequence[OrgNode], children: Sequence[tuple[UUID, int]], heir: int | None, targets: int
) -> Iterator[FieldProblem]:
    known, named = {child.id for child in beneath}, Counter(child for child, _ in children)
    if heir is not None and not 0 <= heir < targets:
        yield from count_problems("heir", heir, 0, targets - 1)
    for place, (child, target) in enumerate(children):
        if child not in known:
            message = text("It does not stand right beneath the source")
            yield FieldProblem(f"children.{place}.childId", "NOT_A_CHILD", message)
        elif named[child] > 1:
            message = text("The same organisation is named twice")
            yield FieldProblem(f"children.{place}.childId", "DUPLICATE", message)
        yield from count_problems(f"children.{place}.target", target, 0, targets - 1)
    left = [child.code or child.name for child in beneath if child.id not in named]
    if left and heir is None:
        shown = ", ".join(left[:NAMED_CHILDREN])
        message = text(
            "{count} organisations go nowhere, {found}: name a target for each", count=len(left), found=shown
        )
        yield FieldProblem("children", "UNASSIGNED", message)


async def new_problems(kinds: Kinds, plan: Succession, new: NewOrg, path: str) -> list[FieldProblem]:
    parent = await known_node(kinds, new.parent_id, f"{path}.parentId")
    kind = kinds.org(new.kind, path=f"{path}.kind")
    drafted = draft_problems(kinds, kind, parent, name=new.name, code=new.code, start=plan.at)
    found = [
        replace(problem, path=f"{path}.{problem.path}" if problem.path != "validFrom" else "at")
        for problem in drafted
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


def existing_problems(plan: Succession, node: OrgNode, path: str) -> list[FieldProblem]:
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


async def time_problems(plan: Succession) -> list[FieldProblem]:
    """What is touched has no later state: history is written forwards."""
    touched: Iterable[OrgNode] = chain(plan.sources, plan.moved)
    latest = [since for node in touched if (since := await states.since(node.id)) is not None and since > plan.at]
    return [refusals.end_before_start("at", plan.at, max(latest))] if latest else []


async def depth_problems(plan: Succession, paths: Sequence[str]) -> list[FieldProblem]:
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
