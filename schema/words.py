"""Enums whose values are the district's: kinds, roles and codes that its plugins register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import strawberry

from .errors import CORE_CODES, ErrorCode

if TYPE_CHECKING:
    from linli.core.districts import District

    from .contributions import GraphQL


@strawberry.enum(description="Kinds of organisations. 组织类型。")
class OrgKind(StrEnum):
    """What the district's plugins register; a schema fills it in."""


@strawberry.enum(description="Kinds of relations. 组织关系类型。")
class RelationKind(StrEnum):
    """What the district's plugins register; a schema fills it in."""


@strawberry.enum(description="Kinds of facilities and devices. 设施设备类型。")
class ThingKind(StrEnum):
    """What the district's plugins register; a schema fills it in."""


Words = Callable[["District", Any], Iterable[tuple[str, str]]]


def _org_kinds(district: District, _: Any) -> Iterable[tuple[str, str]]:
    return ((kind.code, f"{kind.title_en}. {kind.title_zh}。") for kind in district.kinds.orgs.values())


def _relation_kinds(district: District, _: Any) -> Iterable[tuple[str, str]]:
    return ((kind.code, f"{kind.title_en}. {kind.title_zh}。") for kind in district.kinds.relations.values())


def _thing_kinds(district: District, _: Any) -> Iterable[tuple[str, str]]:
    return ((kind.code, f"{kind.title_en}. {kind.title_zh}。") for kind in district.thing_kinds.by_code.values())


def _codes(_: District, contributions: Iterable[tuple[str, GraphQL]]) -> Iterable[tuple[str, str]]:
    yield from ((code, f"{code.replace('_', ' ').capitalize()}. 核心错误代码。") for code in CORE_CODES)
    for plugin, part in contributions:
        yield from (
            (code, f"{code.replace('_', ' ').capitalize()} ({plugin}). 插件错误代码。") for code in part.error_codes
        )


WORDS: Mapping[type, Words] = {
    OrgKind: _org_kinds,
    RelationKind: _relation_kinds,
    ThingKind: _thing_kinds,
    ErrorCode: _codes,
}
