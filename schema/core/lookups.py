"""Finding the records that an input names, as far as the viewer may know of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from tortoise.models import Model

from linli.core.access.rows_seen import sees
from linli.core.errors import ForbiddenError, NotFoundError, invalid, text
from linli.core.graph import rows
from linli.core.graph.models import OrgNode
from linli.core.people.merged import hold
from linli.core.people.models import Person

from ..context import Context
from ..inputs import UNSET

M = TypeVar("M", bound=Model)


async def seen(context: Context, model: type[M], value: str, argument: str) -> M:
    """The record that a global id names; NotFoundError when there is none that the viewer sees."""
    id_ = context.required_id(value, context.schema.type_name(model), argument)
    if model is Person:
        id_ = await hold(id_)
    found: Any = await _seen_node(context, id_) if model is OrgNode else await _seen(context, model, id_)
    if found is None:
        raise NotFoundError(text("There is no such record, or you may not see it"), path=(argument,))
    return cast(M, found)


async def _seen(context: Context, model: type[M], id_: UUID) -> M | None:
    return await model.filter(context.sees(model), id=id_).first()


async def _seen_node(context: Context, id_: UUID) -> OrgNode | None:
    """Nearly every mutation names one: it is read by a statement that is not built anew, and judged in memory."""
    for node in await rows.read(OrgNode, "id = $1::uuid", id_):
        seen = sees(context.district.sight, context.viewer, node, {"": node.path})
        return await _seen(context, OrgNode, id_) if seen is None else node if seen else None
    return None


async def node_for(context: Context, value: str, argument: str, permission: str) -> OrgNode:
    """The organisation that an id names, where the viewer holds `permission`; else NOT_FOUND or FORBIDDEN."""
    node = await seen(context, OrgNode, value, argument)
    context.viewer.require(permission, node.path)
    return node


async def person_for(context: Context, value: str, argument: str, permission: str) -> Person:
    """The person that an id names, where the viewer holds `permission` at the person's home or employer."""
    person = await seen(context, Person, value, argument)
    if not await may_at_place(context, person, permission):
        raise ForbiddenError(text("You may not do this here"), details={"permission": permission})
    return person


async def may_at_place(context: Context, person: Person, permission: str) -> bool:
    """Whether the viewer holds `permission` at the person's home or employer, or at the root."""
    if context.viewer.everywhere(permission):
        return True
    places = [person.registered_residence_id, person.habitual_residence_id, person.employer_id]
    nodes = await OrgNode.filter(id__in=[place for place in places if place is not None])
    return any(context.viewer.may(permission, node.path) for node in nodes)


def instant(given: Any, now: datetime) -> datetime | None:
    """A start that was given; now where it was left out, since ever where it is null."""
    return now if given is UNSET else given


def some(given: Any, argument: str) -> Any:
    """A value that may be left out but not taken away."""
    if given is None:
        raise invalid(argument, "NULL", "This cannot be taken away")
    return given
