"""What a client that keeps copies has to renew or forget since it asked last. 增量同步。"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Optional
from uuid import UUID

import orjson
import strawberry
from tortoise.expressions import Q

from linli.core.access.viewer import Viewer
from linli.core.errors import invalid
from linli.core.feed.told import head
from linli.core.graph.beneath import Beneath
from linli.core.graph.models import OrgNode
from linli.core.records.models import AUDIT_TYPES, Event

from ..context import Context, Info
from ..contributions import fields
from ..declare import computed
from ..declare.node import Node
from ..declare.pages import DEFAULT_PAGE, PageInfo, output
from ..enums import enum
from ..interfaces import Node as NodeInterface
from ..problems import unauthenticated
from ..scalars import MAX_SAFE, Long, global_id
from .event_stream import place_of

BATCH = 1000
BATCHES = 5
"""How many events one request looks at, as a multiple of `BATCH`: what none of concerns a client goes by quickly."""


@enum(
    "What a client does with its copy. 变更类别。",
    UPSERT="Keep it as it is now. 新增或更新。",
    TOMBSTONE="Forget it: it is gone, or not the viewer's to see any more. 删除。",
)
class ChangeKind(StrEnum):
    """What to do with a copy."""

    UPSERT = "UPSERT"
    TOMBSTONE = "TOMBSTONE"


@dataclass(frozen=True)
class Changed:
    """A record that changed; `node` is None where the viewer does not see it now."""

    sequence: int
    type: str
    record_id: UUID
    node: Any

    @property
    def id(self) -> str:
        """As clients know it."""
        return global_id(self.type, self.record_id)

    @property
    def kind(self) -> ChangeKind:
        """What to do about it."""
        return ChangeKind.TOMBSTONE if self.node is None else ChangeKind.UPSERT


@dataclass(frozen=True)
class Cursor:
    """Up to which event everything was told, and to whom: by a digest of what the viewer may."""

    sequence: int
    rights: str

    @property
    def text(self) -> str:
        """As clients keep it."""
        return base64.urlsafe_b64encode(orjson.dumps(["changes", self.sequence, self.rights])).decode()

    @staticmethod
    def read(given: str) -> Cursor:
        """What a client kept. Raises ValidationError."""
        try:
            name, sequence, rights = orjson.loads(base64.urlsafe_b64decode(given))
            if name == "changes" and type(sequence) is int and 0 <= sequence <= MAX_SAFE and isinstance(rights, str):
                return Cursor(sequence, rights)
        except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError):
            pass
        raise invalid("after", "INVALID_CURSOR", "This cursor does not belong to this list in this order")


@dataclass(frozen=True)
class Changes:
    """A page of them."""

    nodes: Sequence[Changed]
    start: Cursor
    end: Cursor
    more: bool = False
    reset: bool = False

    def page_info(self) -> PageInfo:
        """Where it stands."""
        return PageInfo(
            has_next_page=self.more,
            has_previous_page=self.start.sequence > 0,
            start_cursor=self.start.text,
            end_cursor=self.end.text,
        )


Change = output(
    "Change",
    "A record that changed, was made, or is gone. 变更。",
    {
        "sequence": (Long, "Of the newest event about it in this page. 序号。", None),
        "kind": (ChangeKind, "What to do with a copy. 变更类别。", None),
        "type": (str, "Its type in this API. 类型。", None),
        "id": (strawberry.ID, "Its id. 标识。", None),
        "node": (Optional[NodeInterface], "The record as it is now; null for a tombstone. 记录。", None),
    },
)
ChangeConnection = output(
    "ChangeConnection",
    "What changed, in order; each record once in a page. 变更列表。",
    {
        "nodes": (list[Change], "What changed. 变更。", None),  # type: ignore[valid-type]
        "page_info": (
            PageInfo,
            "Keep `endCursor`, also of an empty page, and ask with it as `after`. 分页信息。",
            lambda page, _: page.page_info(),
        ),
        "reset": (
            bool,
            "What the viewer may see is not what it was at `after`: forget all copies and begin anew without it. "
            "权限已变化，须重新同步。",
            None,
        ),
    },
)


async def changes(
    _root: Any,
    info: Info,
    after: str | None = None,
    types: list[str] | None = None,
    under: str | None = None,
    first: int | None = None,
) -> Changes:
    """What changed since. Where nothing did, this costs one look at the end of an index."""
    context = info.context
    if context.viewer.anonymous:
        raise unauthenticated()
    most = context.district.settings.limits.page_size
    if first is not None and not 0 <= first <= most:
        raise invalid("first", "OUT_OF_RANGE", "Between 0 and {limit}", limit=most)
    names, rights = _names(context, types), _rights(context.viewer)
    start = Cursor(0, rights) if after is None else Cursor.read(after)
    newest = await head()
    if start.rights != rights or start.sequence > newest:
        return Changes((), start, Cursor(0, rights), reset=True)
    if first == 0 and after is None:
        return Changes((), start, Cursor(newest, rights))
    if start.sequence == newest:
        return Changes((), start, start)
    place = None if under is None else await OrgNode.get(id=await place_of(context, under))
    within = Q(context.district.sight.known(Event), subject_type__in=list(names), sequence__lte=newest)
    within &= ~Q(type__in=AUDIT_TYPES)
    reading = _Reading(within if place is None else Q(within, Beneath("org", (place.path,))))
    await reading.read(start.sequence, newest, DEFAULT_PAGE if first is None else first)
    found = [one for one in await _shown(context, reading.newest) if one is not None]
    return Changes(found, start, Cursor(reading.end, rights), more=reading.end < newest)


class _Reading:
    """Collects the records that events are about, until they are enough."""

    def __init__(self, within: Q) -> None:
        self._within = within
        self.newest: dict[tuple[str, UUID], int] = {}
        self.end = 0

    async def read(self, after: int, until: int, size: int) -> None:
        """Read from one sequence to another, for so many records at most; `end` is how far it came."""
        self.end = after
        for _ in range(BATCHES):
            found = await Event.filter(self._within, sequence__gt=self.end).order_by("sequence").limit(BATCH)
            for event in found:
                assert event.sequence is not None, "only sealed events are read"
                key = event.subject_type, event.subject_id
                if key not in self.newest and len(self.newest) == size:
                    return
                self.newest[key] = self.end = event.sequence
            if len(found) < BATCH:
                self.end = until
                return


async def _shown(context: Context, newest: Mapping[tuple[str, UUID], int]) -> list[Changed | None]:
    """Each as the viewer sees it now; None for what it never saw and does not see."""
    nodes: dict[tuple[str, UUID], Any] = {}
    for name in {type_ for type_, _ in newest}:
        ids = [id_ for type_, id_ in newest if type_ == name]
        rows = await context.loaders.by_id(Node.registry[name].model).load_many(ids)
        # who was merged into another is loaded as that one: the copy of the first is to be forgotten
        nodes |= {(name, id_): row for id_, row in zip(ids, rows, strict=True) if row is not None and row.pk == id_}
    known = await _told_of(context, [id_ for name, id_ in newest if (name, id_) not in nodes])
    order = sorted(newest, key=newest.__getitem__)
    return [Changed(newest[key], *key, nodes.get(key)) if key in nodes or key[1] in known else None for key in order]


async def _told_of(context: Context, ids: Collection[UUID]) -> set[UUID]:
    """Which of these the viewer knows to exist: an event about them is there for it to see."""
    if not ids:
        return set()
    seen = Event.filter(context.sees(Event), subject_id__in=list(ids), sequence__isnull=False)
    return set(await seen.distinct().values_list("subject_id", flat=True))  # type: ignore[arg-type]  # flat


def _names(context: Context, types: list[str] | None) -> Collection[str]:
    """The types to follow, of those that this schema has. Raises ValidationError."""
    known = {name for name in Node.registry if context.schema.declared(name) is not None}
    unknown = sorted(set(types or ()) - known)
    if unknown:
        raise invalid("types", "UNKNOWN", "There is no type {type} of records", type=unknown[0])
    return known if types is None else set(types)


def _rights(viewer: Viewer) -> str:
    """What tells the rights of one time from those of another."""
    held = sorted((str(grant.id), grant.role, *sorted(grant.permissions), *grant.paths) for grant in viewer.grants)
    others = sorted(str(person) for person in viewer.acts.everybody)
    told = orjson.dumps([str(viewer.account_id), str(viewer.person_id), held, others])
    return hashlib.sha256(told).hexdigest()[:16]


@fields("What changed. 增量同步。")
class ChangeQuery:
    """A root field."""

    changes = computed(
        "What changed since one asked last, for clients that keep copies and no connection: records that the viewer "
        "sees, and tombstones of those that it saw. Needs a token. 增量同步，须登录。",
        changes,
        ChangeConnection,
        after=(Optional[str], "`endCursor` of the page before; without it from the beginning. 上次的游标。"),
        types=(Optional[list[str]], "Only records of these types, such as OrgNode. 类型。"),
        under=(Optional[strawberry.ID], "Only what happened at this organisation or beneath. 所属组织。"),
        first=(
            Optional[int],
            "How many records, 20 where not said, 200 at most; 0 without `after` answers the cursor of now. 条数。",
        ),
    )
