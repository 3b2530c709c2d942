"""People and posts in GraphQL: personal values are masked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tortoise.expressions import Q

from linli.core.graph.models import OrgNode
from linli.core.people import models
from linli.core.records.masks import mask_id_number, mask_name, mask_phone

from ..context import Info
from ..declare import column, masked, node, page, relation
from ..declare.node import Node
from ..declare.pages import Page
from .organisations import valid_now


def _places(row: models.Person) -> Iterable[Any]:
    return (row.registered_residence_id, row.habitual_residence_id, row.employer_id)


async def holds(info: Info, permission: str, row: models.Person) -> bool:
    """Whether the viewer holds `permission` where the person lives or works, or is the person."""
    viewer = info.context.viewer
    if viewer.person_id == row.id:
        return True
    if not viewer.subtrees(permission) or await info.context.loaders.by_id(models.Person).load(row.id) is None:
        return False
    load = info.context.loaders.by_id(OrgNode).load_many
    nodes = await load([place for place in _places(row) if place is not None])
    return any(place is not None and viewer.may(permission, place.path) for place in nodes)


async def _name(row: models.Person, info: Info) -> str:
    return row.name if await holds(info, "core.person.name", row) else mask_name(row.name)


def _phone(row: models.Person, _info: Info) -> str | None:
    return None if row.phone is None else mask_phone(row.phone)


def _id_number(row: models.Person, _info: Info) -> str | None:
    return None if row.id_number is None else mask_id_number(row.id_number)


def _birth_date(row: models.Person, info: Info) -> date | None:
    return row.birth_date if info.context.viewer.person_id == row.id and row.id_number is None else None


def _own_only(name: str) -> Any:
    def read(row: models.Person, info: Info) -> str | None:
        value: str | None = getattr(row, name)
        return value if info.context.viewer.person_id == row.id else None

    return read


def _posts(row: models.Person, info: Info, **given: Any) -> Page:
    return Page(info.context, Node.registry["Post"], Q(Q(person_id=row.id), valid_now()), **given)


@node(models.Person, "A person; personal values are masked by class. 人员。", order=("created_at",))
class Person:
    """A natural person as this viewer may see them."""

    name = masked("Name; in full for staff of the place, else the family name. 姓名。", _name, nullable=False)
    birth_date = masked("Date of birth; masked with the id number. 出生日期。", _birth_date, type=date, nullable=True)
    gender = masked("Gender; for the person alone. 性别。", _own_only("gender"), nullable=True)
    id_number = masked("Citizen id, masked. 公民身份号码（脱敏）。", _id_number, nullable=True)
    phone = masked("Phone, masked. 电话（脱敏）。", _phone, nullable=True)
    party_status = masked("Party status; for the person alone. 政治面貌。", _own_only("party_status"), nullable=True)
    registered_residence = relation("Where the person is registered. 户籍地。", "OrgNode")
    habitual_residence = relation("Where the person lives. 常住地。", "OrgNode")
    employer = relation("Where the person works. 工作单位。", "OrgNode")
    posts = page("Posts held now. 任职。", "Post", _posts)
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
