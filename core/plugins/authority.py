"""The roles and permissions that core and some of the installed plugins make together. 角色与权限词汇。"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ..access.limits import withheld_of
from ..access.permissions import CORE_PERMISSIONS, Permission
from ..access.roles import CORE_ROLES, ROLES, RoleContribution
from ..config.role_checks import Authority
from .calls import call_now
from .registry import Registry


def permissions_of(registry: Registry, plugins: Collection[str]) -> tuple[Permission, ...]:
    """The permissions of core and of these plugins."""
    return (*CORE_PERMISSIONS, *answers(registry, "linli_permissions", plugins))


def roles_of(registry: Registry, plugins: Collection[str]) -> tuple[RoleContribution, ...]:
    """What core and these plugins contribute to the roles."""
    return (*CORE_ROLES, *answers(registry, "linli_roles", plugins))


def authority_of(registry: Registry, plugins: Collection[str], *, three_admins: bool) -> Authority:
    """What a configuration may make roles of, where these plugins are on."""
    permissions = permissions_of(registry, plugins)
    roles = dict.fromkeys([*ROLES, *(one.role for one in roles_of(registry, plugins))])
    names = [one.name for one in permissions]
    return Authority(tuple(roles), names, withheld_of(roles, permissions, three_admins=three_admins))


def answers(registry: Registry, hook: str, plugins: Collection[str]) -> Iterator[Any]:
    """What these plugins list in answer to a hook without arguments."""
    for implementation in registry.chain(hook):
        if implementation.plugin in plugins:
            answer: Any = call_now(implementation, {})
            yield from answer or ()
