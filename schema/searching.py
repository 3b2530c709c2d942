"""Searching for records of several kinds by what somebody begins to type; core and plugins declare the kinds. 检索。"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import strawberry
from tortoise.expressions import Q
from tortoise.models import Model

from linli.core.graph.models import OrgNode
from linli.core.graph.names import search_ranges
from linli.core.records.conditions import Unindexed, where

from .context import Context
from .enums import enum
from .interfaces import Node


@enum(
    "By what a record was found. 匹配依据。",
    CODE="Its code begins so. 代码。",
    NAME="Its name begins so. 名称。",
    PINYIN="The pinyin of its name begins so. 拼音。",
    INITIALS="The initials of its name's pinyin begin so. 拼音首字母。",
    PHONE="It is the whole phone. 电话。",
    ID_NUMBER="It is the whole id number. 公民身份号码。",
    PHONE_TAIL="The phone ends so. 电话尾号。",
    ID_NUMBER_TAIL="The id number ends so. 公民身份号码尾号。",
)
class SearchReason(StrEnum):
    """In the order in which results come."""

    CODE = "CODE"
    NAME = "NAME"
    PINYIN = "PINYIN"
    INITIALS = "INITIALS"
    PHONE = "PHONE"
    ID_NUMBER = "ID_NUMBER"
    PHONE_TAIL = "PHONE_TAIL"
    ID_NUMBER_TAIL = "ID_NUMBER_TAIL"


@strawberry.enum(description="What can be searched for. 检索类型。")
class SearchKind(StrEnum):
    """What core and the district's plugins declare; a schema fills it in."""


@strawberry.type(description="A record that was found. 检索结果。")
class SearchHit:
    """One record, once."""

    kind: SearchKind = strawberry.field(description="What it is. 类型。")
    reason: SearchReason = strawberry.field(description="By what it was found. 匹配依据。")
    record: Node = strawberry.field(description="The record. 记录。")


@dataclass(frozen=True)
class Found:
    """A record, and by what it was found; `exact` where all of that was typed."""

    record: Model
    reason: SearchReason
    exact: bool


Find = Callable[[Context, str, OrgNode | None, int], Awaitable[Sequence[Found]]]


@dataclass(frozen=True)
class Searchable:
    """A kind of records that `search` finds.

    `code` is its value in SearchKind, `description` "English. 中文。"; `find(context, text, under, count)` answers
    those that the viewer may see, beneath `under` where that is given, the best `count` of them first.
    """

    code: str
    description: str
    find: Find


_REASONS = {
    "code": SearchReason.CODE,
    "name": SearchReason.NAME,
    "name_key": SearchReason.PINYIN,
    "name_initials": SearchReason.INITIALS,
}


async def found_by_name(
    model: type[Model], text: str, narrowed: Q, count: int, *, code: bool = False, leads: bool = False
) -> list[Found]:
    """The rows whose name, pinyin or initials begin with a text, and with `code` whose code does.

    Each way is one range of an index in its order, tried until there are `count` rows; `narrowed` is what else they
    must be. Where that `leads`, it finds few rows by an index of its own, and names are tried on those. Of these
    columns a model has those that it has.
    """
    low, high = text, text + "\U0010ffff"
    ranges = [("code", low, high)] if code else []
    ranges += [one for one in search_ranges(text) if one[0] in model._meta.fields_map]
    found: dict[Any, Found] = {}
    for column, first, last in ranges:
        named = Q(where(f"{column}__gte", first), where(f"{column}__lt", last))
        within = Q(Unindexed(named) if leads else named, narrowed)
        rows = await model.filter(within).order_by(column, "id").limit(count + len(found))
        for row in rows:
            exact = text in (getattr(row, "name", None), getattr(row, "code", None))
            found.setdefault(row.pk, Found(row, _REASONS[column], exact))
        if len(found) >= count:
            break
    return list(found.values())[:count]
