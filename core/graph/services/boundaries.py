"""Drawing the outline of an organisation's place, and taking it away. 组织边界。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ... import clock
from ...errors import FieldProblem, ValidationError, text
from ...records import events
from ...records.record import new_id
from .. import sql
from ..checks import in_utc, past_problems, settle
from ..event_types import ORG, ORG_BOUNDARY_SET, OrgBoundaryPayload
from ..kinds import Kinds
from ..models import OrgBoundary, OrgBoundaryCell, OrgNode
from ..nodes import node_to_change, write
from ..outlines.areas import square_metres
from ..outlines.cells import cells_of
from ..outlines.shapes import Shape, packed
from ..points import Crs
from ..unset import UNSET, Unset

_WITHOUT_CELLS = "DELETE FROM core_org_boundary_cell WHERE boundary_id = $1::uuid"


@dataclass(frozen=True)
class Outline:
    """A checked shape with what is kept of it; made before the unit of work, since it takes a while. 轮廓。"""

    columns: dict[str, Any]
    cells: Sequence[int]

    @classmethod
    def of(cls, shape: Shape, crs: Crs) -> Outline:
        """What is kept of a shape that was given in a datum."""
        box = shape.box
        columns = {
            "shape": packed(shape),
            "west": box.west,
            "south": box.south,
            "east": box.east,
            "north": box.north,
            "positions": shape.positions,
            "area": square_metres(shape),
            "crs": crs.value,
        }
        return cls(columns, cells_of(box))


async def set_boundary(
    kinds: Kinds,
    node_id: UUID,
    outline: Outline | None,
    *,
    valid_from: datetime | Unset | None = UNSET,
    expected_version: int | None = None,
) -> OrgNode:
    """Let an organisation have this outline from an instant on, now where none is given; None takes it away.

    What it had before stays in the past; an outline that began at the same instant is corrected. Raises NotFoundError,
    InvalidTransitionError for one that has ended, ConflictError, ValidationError for an instant in the future (FUTURE)
    or before the last change of the outline (BEFORE_LAST_CHANGE). Changes nothing when nothing differs.
    """
    node = await node_to_change(kinds, node_id, expected_version)
    spans = await OrgBoundary.filter(node_id=node.id).order_by("valid_from", "id")
    last = next((span for span in spans if span.valid_to is None), None)
    if _same(last, outline, valid_from):
        return node
    at = _instant(spans, last, valid_from)
    await _close(last, at)
    if outline is not None:
        await _open(node, outline, at)
    await write(node)
    await events.append(ORG_BOUNDARY_SET, ORG, node.id, _told(node, outline, at), org_id=node.id)
    return node


def _same(last: OrgBoundary | None, outline: Outline | None, valid_from: datetime | Unset | None) -> bool:
    """Whether the outline is there already, from that instant or an earlier one on."""
    if last is None or outline is None:
        return last is None and outline is None
    given = in_utc(valid_from) if isinstance(valid_from, datetime) else None
    before = last.valid_from is None or valid_from is UNSET or (given is not None and last.valid_from <= given)
    return before and last.shape == outline.columns["shape"]


def _instant(
    spans: Sequence[OrgBoundary], last: OrgBoundary | None, valid_from: datetime | Unset | None
) -> datetime | None:
    """From when on it is; not before the last change, which would leave two outlines for one instant."""
    ends = [span.valid_to for span in spans if span.valid_to is not None]
    changes = ends if last is None or last.valid_from is None else [*ends, last.valid_from]
    latest = max(changes, default=None)
    if isinstance(valid_from, Unset):
        now = clock.now()
        return now if latest is None else max(now, latest)  # a clock that was set back
    at = in_utc(valid_from)
    settle(past_problems("validFrom", at, clock.now()))
    if latest is not None and (at is None or at < latest):
        told = text("The outline last changed on {found}: an earlier one cannot follow", found=latest.isoformat())
        raise ValidationError(FieldProblem("validFrom", "BEFORE_LAST_CHANGE", told))
    return at


async def _close(last: OrgBoundary | None, at: datetime | None) -> None:
    """End the span that lasts; one that began at that instant held at none, and is found no more."""
    if last is None:
        return
    if last.valid_from == at:
        await sql.execute(_WITHOUT_CELLS, last.id)
        await OrgBoundary.filter(id=last.id).delete()
    else:
        await OrgBoundary.filter(id=last.id).update(valid_to=at)


async def _open(node: OrgNode, outline: Outline, at: datetime | None) -> None:
    span = await OrgBoundary.create(id=new_id(), node_id=node.id, valid_from=at, **outline.columns)
    await OrgBoundaryCell.bulk_create(OrgBoundaryCell(boundary_id=span.id, cell=cell) for cell in outline.cells)


def _told(node: OrgNode, outline: Outline | None, at: datetime | None) -> OrgBoundaryPayload:
    kept = outline.columns if outline is not None else {}
    return OrgBoundaryPayload(
        kind=node.kind,
        valid_from=at,
        positions=kept.get("positions", 0),
        area=kept.get("area"),
        box=[kept[side] for side in ("west", "south", "east", "north")] if kept else [],
    )
