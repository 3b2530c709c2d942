"""The viewer, accounts and grants in GraphQL."""

from __future__ import annotations

from typing import Optional

import strawberry

from linli.core.access import models
from linli.core.graph.models import OrgNode
from linli.core.people.models import Person as PersonModel

from ..context import Info
from ..contributions import fields
from ..declare import column, computed, listed, node, relation
from .people import Person


@node(models.Account, "Who signs in. 账号。", order=("username",))
class Account:
    """An account."""

    username = column("User name. 用户名。", filterable=False)
    person = relation("The person behind it. 人员。", "Person")
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was made. 创建时间。")


@node(models.Grant, "A role given at a node and everything beneath it. 授权。", order=("created_at",))
class Grant:
    """A grant."""

    role = column("The role. 角色。")
    org = relation("Where it counts, with all beneath. 组织。", "OrgNode")
    account = relation("To whom. 账号。", "Account")
    valid_from = column("Counts from; null means since ever. 起始时间。")
    valid_to = column("Counts until, exclusive. 终止时间。")
    version = column("Counts its changes. 版本。", filterable=False)


async def _account(_root: object, info: Info) -> models.Account:
    return await models.Account.get(id=info.context.viewer.account_id)


async def _person(_root: object, info: Info) -> PersonModel | None:
    person_id = info.context.viewer.person_id
    return None if person_id is None else await PersonModel.get_or_none(id=person_id)


async def _grants(_root: object, info: Info) -> list[models.Grant]:
    ids = [grant.id for grant in info.context.viewer.grants]
    return list(await models.Grant.filter(id__in=ids).order_by("created_at", "id"))


async def _permissions(_root: object, info: Info, at: str | None = None) -> list[str]:
    viewer = info.context.viewer
    if at is None:
        return sorted({name for grant in viewer.grants for name in grant.permissions})
    wanted = info.context.local_id(at, "OrgNode")
    found = None if wanted is None else await info.context.loaders.by_id(OrgNode).load(wanted)
    return [] if found is None else sorted(viewer.permissions_at(found.path))


@fields("Who is asking. 当前用户。")
class Viewer:
    """The account behind the request."""

    account = computed("The account. 账号。", _account, Account)
    person = computed("The person behind it. 人员。", _person, Optional[Person])
    grants = listed("The roles that count now. 当前有效授权。", "Grant", _grants)
    permissions = computed(
        "Permissions at a node; without one those held anywhere. 权限列表。",
        _permissions,
        list[str],
        at=(Optional[strawberry.ID], "The node. 组织。"),
    )
