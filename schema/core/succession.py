"""Merging and splitting organisations in GraphQL, with what hangs on them. 撤并与拆分。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from tortoise.models import Model

from linli.core.errors import NotFoundError, text
from linli.core.graph import models, services
from linli.core.graph.event_types import SuccessionPayload
from linli.core.graph.services import NewOrg, Succession, Wanted
from linli.core.languages import translate
from linli.core.records import events
from linli.core.records.models import Event
from linli.core.records.requests import Outcome
from linli.core.records.unit_of_work import transact
from linli.core.succession import changing
from linli.core.succession.open_things import Fate, Found

from ..context import Context, Info
from ..contributions import fields
from ..declare.node import Node as Declared
from ..enums import enum
from ..inputs import MutationInput, optional, required, value
from ..interfaces import Node
from ..mutations import mutation
from ..words import OrgKind
from .lookups import node_for
from .organisations import OrgNode

WRITE = "core.org.write"
SAMPLES = 5

enum(
    "What becomes of records of an organisation that is merged or split. 处理方式。",
    MOVED="It ends, and the same begins at the successor. 终止后在承继方新建。",
    ENDED="It ends. 终止。",
    KEPT="It stays with its history. 保留原记录。",
    REFUSED="It keeps the change from happening. 阻止变更。",
)(Fate)


@strawberry.type(description="Records of one kind that hang on what is merged or split. 受影响的业务数据。")
class SuccessionRecords:
    """How many, and what becomes of them."""

    plugin: str = strawberry.field(description="Whose records; `core` for the platform's own. 所属插件。")
    what: str = strawberry.field(description="What kind of records. 数据类型。")
    fate: Fate = strawberry.field(description="What becomes of them. 处理方式。")
    reason: str | None = strawberry.field(
        description="Why; null for a request that was carried out before. 原因；重复请求时为空。"
    )
    count: int | None = strawberry.field(
        description="How many the viewer may see; null for a request that was carried out before. 可见数量。"
    )
    samples: list[Node] = strawberry.field(description="The first of them that the viewer may see. 示例。")


@strawberry.type(description="A merge or a split, planned or carried out. 组织撤并或拆分。")
class OrgSuccession:
    """What ends, what succeeds it, and what becomes of what hangs on it."""

    id: strawberry.Private[UUID | None]
    dry_run: bool = strawberry.field(description="Whether nothing was changed. 是否仅预演。")
    at: datetime = strawberry.field(description="Since when. 生效时间。")
    sources: list[OrgNode] = strawberry.field(description="What ends. 被撤销的组织。")
    targets: list[OrgNode] = strawberry.field(
        description="What succeeds them; a dry run names those that are there already. 承继组织。"
    )
    moved: list[OrgNode] = strawberry.field(description="What stood right beneath them and moves. 划转的下级组织。")
    records: list[SuccessionRecords] = strawberry.field(description="What hangs on them. 受影响的业务数据。")


@strawberry.input(description="A successor: one that is there by its id, or a new one. 承继组织。")
class OrgTargetInput:
    """Either the id, or what a new one is."""

    id: strawberry.ID | None = optional("One that is there. 已有组织。")
    kind: OrgKind | None = optional("Of a new one: that of what it succeeds, also where not said. 类型。")
    code: str | None = optional("Of a new one; that of a source is free again. 代码。")
    name: str | None = optional("Of a new one. 名称。")
    parent_id: strawberry.ID | None = optional("Of a new one: under what. 上级。")


@strawberry.input(description="Organisations to merge into one. 撤并。")
class MergeOrgsInput(MutationInput):
    """Which, into what, since when."""

    source_ids: list[strawberry.ID] = required("What ends, all of one kind; 50 at most. 被撤并的组织。")
    target: OrgTargetInput = required("What succeeds them. 承继组织。")
    at: datetime | None = optional("Since when; now where not said, never in the future. 生效时间。")
    dry_run: bool | None = optional("Only tell what would happen. 仅预演。")
    expected_versions: list[int] | None = optional("Of the sources, in their order. 期望版本。")


@strawberry.input(description="To which successor an organisation goes. 下级归属。")
class ChildAssignmentInput:
    """Which, and where."""

    child_id: strawberry.ID = required("One right beneath the source. 下级组织。")
    target: int = required("The place of its successor in `targets`, from 0. 承继组织序号。")


@strawberry.input(description="An organisation to split into several. 拆分。")
class SplitOrgInput(MutationInput):
    """Which, into what, and who takes what."""

    source_id: strawberry.ID = required("What ends. 被拆分的组织。")
    targets: list[OrgTargetInput] = required("What succeeds it; 2 to 20, of its kind. 承继组织。")
    children: list[ChildAssignmentInput] = required("Where what stands right beneath it goes. 下级归属。")
    heir: int | None = optional(
        "The place of the successor that takes what names no part: other children, relations. 主要承继方序号。"
    )
    at: datetime | None = optional("Since when; now where not said, never in the future. 生效时间。")
    dry_run: bool | None = optional("Only tell what would happen. 仅预演。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


async def _again(info: Info, given: Any, outcome: Outcome) -> OrgSuccession:
    """What was carried out before, from its event; a dry run is done once more."""
    if outcome.id is None:
        work = _merge if isinstance(given, MergeOrgsInput) else _split
        return await transact(lambda _unit: work(info, given), info.context.viewer.account_id)
    event = await Event.get(id=outcome.id)
    told = (await events.payloads([event], info.context.district.event_types))[event.id]
    assert isinstance(told, SuccessionPayload), "the outcome of a succession is its event"
    records = [
        SuccessionRecords(plugin=it.plugin, what=it.what, fate=Fate(it.fate), reason=None, count=None, samples=[])
        for it in told.records
    ]
    return OrgSuccession(
        id=event.id,
        dry_run=False,
        at=told.at,
        sources=await _seen(info.context, told.source_ids),
        targets=await _seen(info.context, told.target_ids),
        moved=await _seen(info.context, told.moved_ids),
        records=records,
    )


async def _seen(context: Context, ids: Sequence[UUID]) -> list[Any]:
    found = {node.id: node for node in await models.OrgNode.filter(context.sees(models.OrgNode), id__in=list(ids))}
    return [found[id_] for id_ in ids if id_ in found]


@mutation(
    "Merge organisations into one; what hung on them stays with its history. 撤并组织。",
    OrgSuccession,
    permission=WRITE,
    again=_again,
)
async def merge_orgs(info: Info, input: MergeOrgsInput) -> OrgSuccession:  # noqa: A002
    """Judge it, tell what hangs on it, and do it unless that is a dry run."""
    return await _merge(info, input)


@mutation(
    "Split an organisation into several; what hung on it stays with its history. 拆分组织。",
    OrgSuccession,
    permission=WRITE,
    again=_again,
)
async def split_org(info: Info, input: SplitOrgInput) -> OrgSuccession:  # noqa: A002
    """Judge it, tell what hangs on it, and do it unless that is a dry run."""
    return await _split(info, input)


async def _merge(info: Info, given: MergeOrgsInput) -> OrgSuccession:
    context = info.context
    named = given.source_ids[: services.MOST_SOURCES + 1]
    sources = [await node_for(context, id_, f"sourceIds.{place}", WRITE) for place, id_ in enumerate(named)]
    plan = await services.plan_merge(
        context.district.kinds,
        [source.id for source in sources],
        await _wanted(context, given.target, "target", sources),
        at=value(given.at),
        expected_versions=value(given.expected_versions),
    )
    return await _carried_out(context, plan, dry_run=bool(value(given.dry_run)))


async def _split(info: Info, given: SplitOrgInput) -> OrgSuccession:
    context = info.context
    source = await node_for(context, given.source_id, "sourceId", WRITE)
    targets = given.targets[: services.MOST_TARGETS + 1]
    wanted = [await _wanted(context, one, f"targets.{place}", [source]) for place, one in enumerate(targets)]
    children = [
        ((await node_for(context, one.child_id, f"children.{place}.childId", WRITE)).id, one.target)
        for place, one in enumerate(given.children[: services.MOST_CHILDREN + 1])
    ]
    plan = await services.plan_split(
        context.district.kinds,
        source.id,
        wanted,
        children,
        heir=value(given.heir),
        at=value(given.at),
        expected_version=value(given.expected_version),
    )
    return await _carried_out(context, plan, dry_run=bool(value(given.dry_run)))


async def _wanted(context: Context, given: OrgTargetInput, path: str, sources: Sequence[models.OrgNode]) -> Wanted:
    """The successor that an input names, where the viewer may change it or what it is to stand under."""
    id_, parent_id = value(given.id), value(given.parent_id)
    if id_ is not None:
        return (await node_for(context, id_, f"{path}.id", WRITE)).id
    if parent_id is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=(f"{path}.parentId",))
    parent = await node_for(context, parent_id, f"{path}.parentId", WRITE)
    kind = value(given.kind) or (sources[0].kind if sources else "")
    return NewOrg(kind=str(kind), name=value(given.name) or "", parent_id=parent.id, code=value(given.code))


async def _carried_out(context: Context, plan: Succession, *, dry_run: bool) -> OrgSuccession:
    found = await changing.open_things(context.district, plan)
    records = [await _told(context, one) for one in found]
    targets: list[Any] = list(plan.existing.values())
    event = None
    if not dry_run:
        targets, event = await changing.change_orgs(context.district, plan, found)
    return OrgSuccession(
        id=None if event is None else event.id,
        dry_run=dry_run,
        at=plan.at,
        sources=list(plan.sources),  # type: ignore[arg-type]  # rows, which the type's fields read
        targets=targets,
        moved=list(plan.moved),  # type: ignore[arg-type]  # rows, which the type's fields read
        records=records,
    )


async def _told(context: Context, found: Found) -> SuccessionRecords:
    thing = found.thing
    model: type[Model] = thing.model
    seen = model.filter(thing.rows, context.sees(model))
    samples: list[Any] = []
    if any(node.model is model and context.schema.declared(node.name) for node in Declared.registry.values()):
        samples = list(await seen.order_by("id").limit(SAMPLES))
    return SuccessionRecords(
        plugin=found.plugin,
        what=found.what,
        fate=thing.fate,
        reason=translate(thing.reason, context.language),
        count=await seen.count(),
        samples=samples,
    )


@fields("Merging and splitting organisations. 组织撤并与拆分。")
class SuccessionMutation:
    """Root fields."""

    merge_orgs = merge_orgs
    split_org = split_org
