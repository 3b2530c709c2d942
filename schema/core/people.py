"""People and posts in GraphQL: personal values are masked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from linli.core.access.tied import tied_at, tied_rows
from linli.core.graph.models import OrgNode
from linli.core.graph.spans import valid_now
from linli.core.people import models
from linli.core.records import visible
from linli.core.records.conditions import where
from linli.core.records.encrypted import Encrypted
from linli.core.records.masks import mask_id_number, mask_name, mask_phone

from ..context import Context, Info
from ..declare import column, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from .provenance import provenance

REVEAL = "core.person.reveal"
SEES_NAMES = "core.person.name"


def _places(row: models.Person) -> Iterable[Any]:
    return (row.registered_residence_id, row.habitual_residence_id, row.employer_id)


async def holds(info: Info, permission: str, row: models.Person) -> bool:
    """Whether the viewer holds `permission` where the person lives, works or holds a home, or is the person or the
    guardian."""
    viewer = info.context.viewer
    if viewer.owns(row.id):
        return True
    if not viewer.subtrees(permission) or await info.context.loaders.by_id(models.Person).load(row.id) is None:
        return False
    if _holds_wherever_seen(info, permission):
        return True
    load = info.context.loaders.by_id(OrgNode).load_many
    nodes = await load([place for place in _places(row) if place is not None])
    if any(place is not None and viewer.may(permission, place.path) for place in nodes):
        return True
    return await info.context.loaders.of(_held_where_tied).load((permission, row.id))


async def _held_where_tied(context: Context, asked: list[tuple[str, UUID]]) -> list[bool]:
    """Whether the viewer holds a permission where somebody holds a home."""
    found: set[tuple[str, UUID]] = set()
    for permission in {one for one, _ in asked}:
        ids = [id_ for one, id_ in asked if one == permission]
        for tied, paths in context.district.sight.tied(models.Person, context.viewer, permission):
            held = Q(tied_at(tied, paths), where(f"{tied.key}__in", ids))
            rows: Any = await tied_rows(tied, held).values_list(tied.key, flat=True)
            found |= {(permission, id_) for id_ in rows}
    return [one in found for one in asked]


def _holds_wherever_seen(info: Info, permission: str) -> bool:
    """Whether whoever shows a person to the viewer gives this permission there too, so that no place need be read."""
    viewer, sight = info.context.viewer, info.context.district.sight
    if viewer.everywhere(permission):
        return True
    declared = visible.of(models.Person)
    shown_by = {*declared.at.values(), *(one.permission for one in declared.tied)}
    return not sight.public_rows.get(models.Person) and all(viewer.covers(permission, one) for one in shown_by)


def _is_own(row: models.Person, info: Info) -> bool:
    return info.context.viewer.owns(row.id)


async def _name(row: models.Person, info: Info) -> str:
    return row.name if await holds(info, SEES_NAMES, row) else mask_name(row.name)


def _encrypted(name: str, mask: Callable[[str], str]) -> Callable[[models.Person, Info], str | None]:
    def read(row: models.Person, info: Info) -> str | None:
        kept: Encrypted | None = getattr(row, name)
        if kept is None:
            return None
        return kept.decrypt() if _is_own(row, info) else mask(kept.decrypt())

    return read


def _own_only(name: str) -> Callable[[models.Person, Info], Any]:
    return lambda row, info: getattr(row, name) if _is_own(row, info) else None


def _personal(description: str, resolve: Callable[[models.Person, Info], Any], **more: Any) -> Any:
    return masked(description, resolve, reveal=REVEAL, **more)


def _posts(row: models.Person, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["Post"], Q(Q(person_id=row.id), valid_now()), **given)


@node(models.Person, "A person; personal values are masked by class. 人员。", order=("created_at",))
class Person:
    """A natural person as this viewer may see them."""

    name = _personal("Name; in full for staff of the place, else the family name. 姓名。", _name, shown_by=SEES_NAMES)
    birth_date = _personal("Date of birth; masked with the id number. 出生日期。", _own_only("birth_date"), type=date)
    gender = _personal("Gender; null where masked. 性别。", _own_only("gender"))
    id_number = _personal("Citizen id, masked. 公民身份号码（脱敏）。", _encrypted("id_number", mask_id_number))
    phone = _personal("Phone, masked. 电话（脱敏）。", _encrypted("phone", mask_phone))
    party_status = _personal("Party status; null where masked. 政治面貌。", _own_only("party_status"))
    registered_residence = relation("Where the person is registered. 户籍地。", "OrgNode")
    habitual_residence = relation("Where the person lives. 常住地。", "OrgNode")
    employer = relation("Where the person works. 工作单位。", "OrgNode")
    posts = page("Posts held now. 任职。", "Post", _posts)
    provenance = provenance()
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was entered. 创建时间。", orderable=True)
    updated_at = column("When it last changed. 更新时间。", orderable=True)


@node(models.Post, "A post that a person holds at an organisation. 任职。", order=("created_at",))
class Post:
    """Who holds which post where, and when."""

    person = relation("Who. 人员。", "Person")
    org = relation("Where. 组织。", "OrgNode")
    kind = column("Which post. 职务。")
    valid_from = column("Held from; null means since ever. 起始时间。")
    valid_to = column("Held until, exclusive. 终止时间。")
    version = column("Counts its changes. 版本。", filterable=False)
