"""Everything that the graph refuses, each with its code, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..errors import (
    ConflictError,
    FieldProblem,
    InvalidTransitionError,
    NotFoundError,
    OverlappingError,
    RejectedError,
    text,
)
from .models import OrgNode, OrgRelation


def unknown_org(path: str = "id") -> NotFoundError:
    """There is no such organisation, or its kind is switched off."""
    return NotFoundError(text("There is no such organisation"), path=(path,))


def unknown_relation() -> NotFoundError:
    """There is no such relation, or its kind is switched off."""
    return NotFoundError(text("There is no such relation"), path=("id",))


def stale(current: OrgNode | OrgRelation, expected: int) -> ConflictError:
    """Somebody changed the record since the caller read it."""
    message = text("Version {expected} was expected, {found} is stored", expected=expected, found=current.version)
    return ConflictError(message, current=current, path=("expectedVersion",))


def id_in_use(current: OrgNode | OrgRelation | None = None) -> ConflictError:
    """The client's id belongs to a record already."""
    return ConflictError(text("This id is in use"), current=current, path=("id",))


def code_in_use(current: OrgNode) -> ConflictError:
    """A valid organisation of this kind has the code."""
    message = text("The code {code} is in use by another {kind}", code=current.code, kind=current.kind)
    return ConflictError(message, current=current, path=("code",))


def ended(path: str = "id") -> InvalidTransitionError:
    """What has ended is changed no more."""
    return InvalidTransitionError(text("It has ended and is changed no more"), path=(path,))


def cycle(path: str = "parentId") -> RejectedError:
    """A node would stand beneath itself, or a relation lead back to its source."""
    return RejectedError(text("This would lead back to where it starts"), code="CYCLE", path=(path,))


def root_stays() -> RejectedError:
    """The root is neither moved nor ended."""
    return RejectedError(text("The root of the district is neither moved nor ended"), code="ROOT", path=("id",))


def has_children(count: int, codes: Sequence[str]) -> RejectedError:
    """A node with valid children is not ended; the first of them are named."""
    return RejectedError(
        text("{count} valid organisations stand directly beneath it: end or move them first", count=count),
        code="HAS_CHILDREN",
        path=("id",),
        details={"count": count, "children": list(codes)},
    )


def already_related(relation: OrgRelation) -> OverlappingError:
    """The same two are related in the same way during a part of this time."""
    return OverlappingError(
        text("The two are related in this way already"), path=("targetId",), details={"relation": str(relation.id)}
    )


def only_one(relation: OrgRelation, path: str) -> OverlappingError:
    """The kind's cardinality allows one relation at this end at a time."""
    return OverlappingError(
        text("Only one relation of this kind may be valid here at a time"),
        path=(path,),
        details={"relation": str(relation.id)},
    )


def future(path: str, found: datetime) -> FieldProblem:
    """What happens to an organisation is recorded when it happens, not before."""
    return FieldProblem(path, "FUTURE", text("{found} is in the future", found=found.isoformat()))


def end_before_start(path: str, found: datetime, start: datetime | None) -> FieldProblem:
    """An end lies before the start, or before the last change."""
    since = start.isoformat() if start else ""
    message = text("The end {found} lies before the start {start}", found=found.isoformat(), start=since)
    return FieldProblem(path, "END_BEFORE_START", message)
