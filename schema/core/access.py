"""The viewer, accounts, grants and sessions in GraphQL."""

from __future__ import annotations

from typing import Optional

import strawberry

from linli.core.access import models
from linli.core.access.second_factor import active
from linli.core.access.sessions import lasting
from linli.core.graph.models import OrgNode
from linli.core.graph.spans import valid_now
from linli.core.people.models import Person as PersonModel

from ..context import Info
from ..contributions import fields
from ..declare import column, computed, listed, masked, node, relation
from ..declare.sizes import Fixed
from .history import history
from .people import Person

MOST_SESSIONS = 100


@node(models.Account, "Who signs in. 账号。", order=("username",))
class Account:
    """An account."""

    username = column("User name. 用户名。", filterable=False)
    person = relation("The person behind it. 人员。", "Person")
    person_confirmed = column(
        "False while somebody other than who made it must confirm the person. 人员是否已经他人确认。", filterable=False
    )
    version = column("Counts its changes. 版本。", filterable=False)
    created_at = column("When it was made. 创建时间。")
    history = history()


def _delegated(row: models.Grant, _info: Info) -> bool:
    return row.delegated_from_id is not None


def _allowed(row: models.Grant, info: Info) -> list[str]:
    return sorted(info.context.district.roles[row.role])


@node(models.Grant, "A role given at a node and everything beneath it. 授权。", order=("created_at",))
class Grant:
    """A grant."""

    role = column("The role. 角色。")
    org = relation("Where it counts, with all beneath. 组织。", "OrgNode")
    account = relation("To whom. 账号。", "Account")
    valid_from = column("Counts from; null means since ever. 起始时间。")
    valid_to = column("Counts until, exclusive. 终止时间。")
    delegated_from = relation(
        "The grant of somebody else whose role it is; null where the viewer may not see that. 委托来源。", "Grant"
    )
    delegated = computed("Whether it is somebody else's role, for a time. 是否为委托。", _delegated, bool)
    permissions = computed("What the role allows here. 角色包含的权限。", _allowed, list[str])
    version = column("Counts its changes. 版本。", filterable=False)
    history = history()


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


def _network(row: models.AccountSession, _info: Info) -> str:
    return row.network


def _is_current(row: models.AccountSession, info: Info) -> bool:
    return row.id == info.context.viewer.session_id


@node(models.AccountSession, "What an account began by signing in. 会话。", order=("created_at",))
class AccountSession:
    """A session, seen by its account alone."""

    provider = column("How the account showed who it is. 登录方式。", filterable=False)
    started_at = column("When it began. 开始时间。", source="created_at", filterable=False)
    last_used_at = column("When its tokens were last renewed. 最近续期时间。", filterable=False)
    expires_at = column("When it is over in any case. 失效时间。", filterable=False)
    ended_at = column("When it was ended; null while it lasts. 结束时间。", filterable=False)
    network = masked("The network it came from, coarse. 来源网段。", _network, nullable=False)
    agent = column("Program and system, without versions. 程序与系统。", filterable=False)
    second_factor = column("Whether it began with a second factor. 是否经二次验证。", filterable=False)
    current = computed("Whether this request belongs to it. 是否当前会话。", _is_current, bool)
    version = column("Counts its changes. 版本。", filterable=False)


@node(models.Identity, "By whom somebody is known to a provider. 身份。", order=("created_at",))
class Identity:
    """An identity, seen by its account alone; never with its subject."""

    provider = column("The provider's name. 身份提供方。", filterable=False)
    bound_at = column("When it was bound. 绑定时间。", source="created_at", filterable=False)
    unbound_at = column("When it was unbound; null while it counts. 解绑时间。", filterable=False)
    version = column("Counts its changes. 版本。", filterable=False)


async def _identities(_root: object, info: Info) -> list[models.Identity]:
    mine = models.Identity.filter(account_id=info.context.viewer.account_id, unbound_at=None)
    return list(await mine.order_by("created_at", "id").limit(MOST_SESSIONS))


@strawberry.type(description="How one's own second factor stands. 二次验证状态。")
class SecondFactorStatus:
    """Whether there is one, and whether this request may use what needs it."""

    enabled: bool = strawberry.field(description="A login asks for it. 已启用。")
    shown: bool = strawberry.field(description="This session began with it. 本会话已验证。")
    missing: bool = strawberry.field(
        description="Roles of this account sleep until it is shown. 有角色因未验证而不生效。"
    )


async def _second_factor(_root: object, info: Info) -> SecondFactorStatus:
    viewer, roles = info.context.viewer, info.context.district.settings.second_factor_roles
    assert viewer.account_id is not None, "the public is no viewer"
    session = await models.AccountSession.get_or_none(id=viewer.session_id) if viewer.session_id else None
    shown = session is not None and session.second_factor
    given = models.Grant.filter(valid_now(), account_id=viewer.account_id, role__in=list(roles))
    return SecondFactorStatus(
        enabled=await active(viewer.account_id) is not None,
        shown=shown,
        missing=session is not None and not shown and await given.exists(),
    )


async def _sessions(_root: object, info: Info) -> list[models.AccountSession]:
    mine = lasting(info.context.district.settings)
    found = models.AccountSession.filter(mine, account_id=info.context.viewer.account_id)
    return list(await found.order_by("-last_used_at", "-id").limit(MOST_SESSIONS))


@fields("Who is asking. 当前用户。")
class Viewer:
    """The account behind the request."""

    account = computed("The account. 账号。", _account, Account)
    person = computed("The person behind it. 人员。", _person, Optional[Person])
    grants = listed("The roles that count now. 当前有效授权。", "Grant", _grants)
    second_factor = computed("One's own second factor. 二次验证。", _second_factor, SecondFactorStatus)
    identities = listed("One's own identities at providers. 已绑定的身份。", "Identity", _identities)
    sessions = listed(
        "One's own sessions that last, the latest 100. 有效会话。", "AccountSession", _sessions, size=Fixed(100)
    )
    permissions = computed(
        "Permissions at a node; without one those held anywhere. 权限列表。",
        _permissions,
        list[str],
        at=(Optional[strawberry.ID], "The node. 组织。"),
    )
