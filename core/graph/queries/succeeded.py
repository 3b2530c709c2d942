"""The successions of a district as they count at an instant, and the nodes that stand in the place of ended ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from ... import clock
from .. import sql
from ..core_kinds import SUCCEEDED_BY
from ..models import OrgNode
from ..spans import VALID_AT
from ..successions import Step, Successions
from .as_of import descendants_as_of

_AT = "$2::timestamptz"
_STEPS = (
    "SELECT r.attributes, old.id AS old, old.path AS old_path, new.id AS new, new.path AS new_path "  # noqa: S608  ours
    "FROM core_org_relation AS r JOIN core_org_node AS old ON old.id = r.source_id "
    "JOIN core_org_node AS new ON new.id = r.target_id "
    f"WHERE r.kind = $1::text AND old.valid_to <= {_AT} AND {VALID_AT.format(row='r', at=_AT)} ORDER BY r.id"
)


async def successions(instant: datetime | None = None) -> Successions:
    """What succeeded organisations that have ended, now or as it was at an instant; few rows in any district."""
    rows = await sql.fetch(_STEPS, SUCCEEDED_BY, instant or clock.now())
    return Successions([_step(row) for row in rows])


async def heirs_of(nodes: Collection[OrgNode], instant: datetime | None = None) -> dict[UUID, OrgNode]:
    """The nodes by their ids, each ended one replaced by its heir; one without an heir stays itself."""
    at = instant or clock.now()
    found = {node.id: node for node in nodes}
    ended = [node.id for node in nodes if node.valid_to is not None and node.valid_to <= at]
    if not ended:
        return found
    known = await successions(at)
    heirs = {id_: heir for id_ in ended if (heir := known.heir(id_)) not in (None, id_)}
    by_id = {node.id: node for node in await OrgNode.filter(id__in=list({one for one in heirs.values() if one}))}
    return found | {id_: by_id[heir] for id_, heir in heirs.items() if heir is not None}


async def successors_of(nodes: Collection[OrgNode], instant: datetime | None = None) -> dict[UUID, list[OrgNode]]:
    """The nodes by their ids, each ended one replaced by all that succeeded it."""
    at = instant or clock.now()
    ended = [node.id for node in nodes if node.valid_to is not None and node.valid_to <= at]
    if not ended:
        return {node.id: [node] for node in nodes}
    known = await successions(at)
    wanted = {id_: known.successors(id_) for id_ in ended}
    by_id = {node.id: node for node in await OrgNode.filter(id__in=list(frozenset().union(*wanted.values())))}
    return {node.id: [by_id[one] for one in sorted(wanted[node.id])] if node.id in wanted else [node] for node in nodes}


async def counted_as_of(node_id: UUID, instant: datetime) -> set[UUID]:
    """The organisations of which the rows count at a node as it was at an instant, its own among them.

    What stood beneath it then; what had ended by then and been succeeded by one of those, or had stood there last; and
    what has come out of those since.
    """
    beneath = [node_id, *(org.id for org in await descendants_as_of(node_id, instant))]
    ended = await OrgNode.filter(valid_to__lte=instant).values_list("id", "parent_id")
    begun = await OrgNode.filter(valid_from__gt=instant).values_list("id", "parent_id")
    origins = (await successions()).origins()
    return (await successions(instant)).counted(beneath, dict(ended), dict(begun), origins)


def _step(row: Mapping[str, Any]) -> Step:
    given = row["attributes"]
    attributes = orjson.loads(given) if isinstance(given, str | bytes) else given
    heir = bool(attributes.get("heir"))
    return Step(_id(row["old"]), row["old_path"], _id(row["new"]), row["new_path"], heir)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
