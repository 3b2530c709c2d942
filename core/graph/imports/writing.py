"""Writing an import in the open unit of work, many rows per statement."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any
from uuid import UUID

from ... import clock
from ...records import events
from ...records.bulk import insert, refresh_statistics
from ...records.record import new_id
from ...records.store import current_store
from .. import paths, sql, states
from ..event_types import ORG, ORGS_IMPORTED, OrgsImportedPayload
from ..names import keys
from ..subtrees import rewrite_paths
from ..values import located
from .places import Place
from .plan import Plan
from .report import Progress, Stage
from .rows import Row

BATCH = 5000
MANY = 1000

_GIVEN = ("longitude", "latitude", "location_given", "valid_from")
NODE_COLUMNS = (
    *("id", "version", "created_at", "updated_at", "kind", "code", "name", "name_key", "name_initials"),
    *("parent_id", "path", "depth", "attributes", *_GIVEN),
)
STATE_COLUMNS = ("id", "node_id", "parent_id", "code", "name", "attributes", *_GIVEN)
_of_state = itemgetter(*(NODE_COLUMNS.index(name) for name in ("id", *STATE_COLUMNS[2:])))

_RENAME = "UPDATE core_org_node SET name = $2::text, name_key = $3::text, name_initials = $4::text WHERE id = $1::uuid"
_LOCATE = (
    "UPDATE core_org_node SET longitude = $2::bigint, latitude = $3::bigint, location_given = $4::jsonb "
    "WHERE id = $1::uuid"
)
_REPARENT = "UPDATE core_org_node SET parent_id = $2::uuid WHERE id = $1::uuid"
_PATH = "SELECT path FROM core_org_node WHERE id = $1::uuid"
_COUNT = "UPDATE core_org_node SET version = version + 1, updated_at = $2::timestamptz WHERE id = $1::uuid"
_END = (
    "UPDATE core_org_node SET valid_to = CASE WHEN valid_from > $2::timestamptz THEN valid_from "
    "ELSE $2::timestamptz END WHERE id = $1::uuid"
)


class Writer:
    """Carries out a plan. It is made before the transaction begins, and with it all that takes long to compute."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan, self._progress = plan, progress
        self._now = clock.now()
        self._new_key: Callable[[], Any] = _text_id if current_store().dialect == "sqlite" else new_id
        self._nodes = [self._node(row) for row in plan.added]
        self._done, self._total = 0, len(plan.added) + len(plan.changed) + len(plan.gone)

    async def write(self) -> None:
        """Write everything, and tell of it in one event. What is moved may go under what is added, so that is first."""
        self._done = 0
        for start in range(0, len(self._nodes), BATCH):
            nodes = self._nodes[start : start + BATCH]
            await insert("core_org_node", NODE_COLUMNS, nodes)
            await insert("core_org_state", STATE_COLUMNS, [(self._new_key(), *_of_state(node)) for node in nodes])
            self._tell_progress(len(nodes))
        for row in self._plan.moved:
            await self._move(_placed(row))
        await self._change()
        await self._end()
        await self._tell()
        if len(self._nodes) >= MANY:
            await refresh_statistics("core_org_node", "core_org_state")

    def _node(self, row: Row) -> tuple[Any, ...]:
        place = _placed(row)
        path = self._plan.layout.path(place)
        return (
            *(place.id, 1, self._now, self._now, row.kind, row.code, row.name, *keys(row.name)),
            *(_parent_id(place), path, paths.depth(path), "{}", *_position(row), row.valid_from),
        )

    async def _move(self, place: Place) -> None:
        """Parents come before children here, so that no later step takes a place away from where it belongs."""
        (row,) = await sql.fetch(_PATH, place.id)
        await rewrite_paths(row["path"], self._plan.layout.path(place))

    async def _change(self) -> None:
        plan, ids = self._plan, [place.id for place in self._plan.changed]
        await sql.execute_many(_RENAME, [(_placed(row).id, row.name, *keys(row.name)) for row in plan.renamed])
        await sql.execute_many(_LOCATE, [(_placed(row).id, *_position(row)) for row in plan.located])
        await sql.execute_many(_REPARENT, [(place.id, _parent_id(place)) for place in map(_placed, plan.moved)])
        await sql.execute_many(_COUNT, [(node_id, self._now) for node_id in ids])
        await states.change(ids, self._now)
        self._tell_progress(len(ids))

    async def _end(self) -> None:
        ids = [place.id for place in self._plan.gone]
        await sql.execute_many(_END, [(node_id, self._now) for node_id in ids])
        await sql.execute_many(_COUNT, [(node_id, self._now) for node_id in ids])
        await states.end(ids, self._now)
        self._tell_progress(len(ids))

    async def _tell(self) -> None:
        plan, root = self._plan, self._plan.places.root
        assert root is not None
        payload = OrgsImportedPayload(
            rows=plan.rows,
            added=len(plan.added),
            renamed=len(plan.renamed),
            moved=len(plan.moved),
            located=len(plan.located),
            gone=len(plan.gone),
            scope=plan.scope.code if plan.scope else None,
        )
        root_id = UUID(str(root.id))
        await events.append(ORGS_IMPORTED, ORG, root_id, payload, org_id=root_id)

    def _tell_progress(self, rows: int) -> None:
        self._done += rows
        if rows:
            self._progress(Stage.WRITING, self._done, self._total)


def _placed(row: Row) -> Place:
    assert row.place is not None, "rows are written after they were placed"
    return row.place


def _parent_id(place: Place) -> Any:
    return place.wanted.id if place.wanted else None


def _text_id() -> str:
    return str(new_id())


def _position(row: Row) -> tuple[int | None, int | None, str | None]:
    if row.point is None:
        return None, None, None
    columns = located(row.point)
    return columns["longitude"], columns["latitude"], sql.json_text(columns["location_given"])
