"""Merges of people in GraphQL: who was held to be one, and what came of it. 人员合并。"""

from __future__ import annotations

from typing import Any

import strawberry

from linli.core.access.viewer import Viewer
from linli.core.errors import ForbiddenError, text
from linli.core.graph.models import OrgNode
from linli.core.people import models as people
from linli.core.people.merge_models import MergeState
from linli.core.people.merge_models import PersonMerge as Row

from ..context import Info
from ..contributions import fields
from ..declare import column, computed, every, masked, node, relation
from ..enums import enum
from ..scalars import global_id
from .history import history

MERGE = "core.person.merge"

enum(
    "Where a merge of two people stands. 合并状态。",
    PROPOSED="Somebody else must confirm it. 待确认。",
    MERGED="The two are one. 已合并。",
    REFUSED="The two are not one. 不予合并。",
    UNDONE="They are two again. 已撤销。",
)(MergeState)


def _merged_id(row: Row, _info: Info) -> str:
    return global_id("Person", row.merged_id)


def _words(name: str) -> Any:
    async def read(row: Row, info: Info) -> str | None:
        said: str | None = getattr(row, name)
        if said is None:
            return None
        place = await OrgNode.get(id=row.org_id)
        return said if info.context.viewer.may(MERGE, place.path) else None

    return read


@node(Row, "That two people are one, proposed or decided. 人员合并。", order=("created_at",))
class PersonMerge:
    """Who, and where it stands."""

    kept = relation("Who stays. 保留的人员。", "Person")
    merged = relation("Who was entered a second time; once merged, the one who stays. 被合并的人员。", "Person")
    merged_id = computed("The id of the second record, which stays good. 被合并人员的标识。", _merged_id, strawberry.ID)
    org = relation("Where it is decided. 受理地。", "OrgNode")
    state = column("Where it stands. 状态。", type=MergeState)
    reason = masked("Why they are one; for those who decide. 理由。", _words("reason"), nullable=True)
    answer = masked("Why they are not; for those who decide. 不予合并的理由。", _words("answer"), nullable=True)
    created_at = column("When it was proposed. 提出时间。", orderable=True)
    decided_at = column("When it was confirmed or refused. 办结时间。")
    undone_at = column("When it was undone. 撤销时间。")
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


async def places_of(rows: list[people.Person]) -> list[OrgNode]:
    """Where these people live and work; the root for one who belongs nowhere."""
    ids = {one for row in rows for one in _ids(row)}
    nowhere = any(not _ids(row) for row in rows)
    root = [await OrgNode.get(parent_id=None, valid_to=None)] if nowhere else []
    return [*await OrgNode.filter(id__in=list(ids)), *root] if ids else root


def _ids(row: people.Person) -> list[Any]:
    known = (row.registered_residence_id, row.habitual_residence_id, row.employer_id)
    return [place for place in known if place is not None]


def may_merge(viewer: Viewer, places: list[OrgNode]) -> bool:
    """Whether the viewer decides on merges at each of these places."""
    return all(viewer.may(MERGE, place.path) for place in places)


async def require_merge(viewer: Viewer, *rows: people.Person) -> None:
    """Raise ForbiddenError unless the viewer decides on merges at every place of all of them."""
    if not may_merge(viewer, await places_of(list(rows))):
        raise ForbiddenError(text("You may not do this here"), details={"permission": MERGE})


@fields("Merges of people. 人员合并。")
class MergeQuery:
    """What `Query` gets."""

    person_merges = every("Merges of people, proposed and decided. 人员合并列表。", "PersonMerge")
