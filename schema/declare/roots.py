"""Root fields that nearly every type has: one record by its id, and all that the viewer may see. 通用查询入口。"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

import strawberry
from tortoise.expressions import Q

from .fields import computed, page
from .node import Node
from .pages import Page

if TYPE_CHECKING:
    from tortoise.models import Model

    from linli.schema.context import Info


def record(description: str, type: type) -> Any:  # noqa: A002  the word of the field
    """A field with the argument `id`: the record of a declared type; null where there is none that the viewer sees."""
    target = type.__name__

    async def find(_root: Any, info: Info, id: str) -> Model | None:  # noqa: A002  the argument's name in the API
        wanted = info.context.local_id(id, target)
        if wanted is None:
            return None
        found: Model | None = await info.context.loaders.by_id(Node.registry[target].model).load(wanted)
        return found

    return computed(description, find, Optional[type], id=(strawberry.ID, "The id. 标识。"))


def every(description: str, target: str) -> Any:
    """A page of all records of a declared type that the viewer sees."""

    def found(_root: Any, info: Info, **given: Any) -> Page:
        return Page(info.context, Node.registry[target], Q(), **given)

    return page(description, target, found)
