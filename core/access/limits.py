"""What no plugin and no configuration may give a role (architecture: access; 三员分立 of GB/T 22239-2019)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .permissions import Permission

GRANT = "core.grant.write"
SUPERVISING = frozenset({GRANT, "core.audit.read"})
"""Whoever holds one of these watches over those who manage accounts."""
GRANTING_ROLE = "security-admin"
ADMINISTRATOR = "district-admin"
THREE_ADMINS = frozenset({"system-admin", GRANTING_ROLE, "auditor"})
"""With `three_admins` one person holds at most one of these. 系统管理员、安全管理员、审计管理员。"""


def withheld(role: str, permission: Permission, *, three_admins: bool = False) -> str | None:
    """Why a role may never hold a permission, in English; None where it may."""
    if role == ADMINISTRATOR and permission.judges:
        return f"{ADMINISTRATOR} manages and does not judge"
    if role == ADMINISTRATOR and permission.reveals:
        return f"{ADMINISTRATOR} sees masked values only"
    if three_admins and permission.name == GRANT and role != GRANTING_ROLE:
        return f"with three_admins only {GRANTING_ROLE} grants"
    return None


def withheld_of(
    roles: Iterable[str], permissions: Iterable[Permission], *, three_admins: bool
) -> Mapping[str, Mapping[str, str]]:
    """For each role the permissions that it may never hold, each with the reason."""
    known = tuple(permissions)
    found = {
        role: {one.name: why for one in known if (why := withheld(role, one, three_admins=three_admins)) is not None}
        for role in roles
    }
    return {role: names for role, names in found.items() if names}
