"""Roles: named sets of permissions, put together from what core and plugins contribute. 角色。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ROLES = (
    "system-admin",
    "security-admin",
    "auditor",
    "district-admin",
    "district-official",
    "street-official",
    "community-secretary",
    "community-staff",
    "grid-leader",
    "grid-officer",
    "department",
    "unit-admin",
    "unit-staff",
    "property-staff",
    "centre-staff",
    "assessor",
    "inspector",
    "volunteer",
    "resident",
)

STAFF = (
    "grid-officer",
    "grid-leader",
    "community-staff",
    "community-secretary",
    "street-official",
    "district-official",
    "district-admin",
)


@dataclass(frozen=True)
class RoleContribution:
    """What holders of a role may do, in the eyes of one plugin; contributions to one role add up."""

    role: str
    permissions: tuple[str, ...]


_READ = ("core.org.read", "core.person.read", "core.person.name", "core.post.read")
_ADMIN = (
    "core.staff.read",
    "core.org.write",
    "core.person.write",
    "core.post.write",
    "core.account.write",
    "core.grant.write",
    "core.calendar.write",
)

CORE_ROLES = (
    *(RoleContribution(role, _READ) for role in STAFF),
    RoleContribution("district-admin", _ADMIN),
    RoleContribution("unit-staff", ("core.org.read",)),
    RoleContribution("unit-admin", ("core.org.read", "core.staff.read", "core.person.name", "core.post.read")),
    RoleContribution("auditor", ("core.audit.read", "core.org.read", "core.person.read", "core.post.read")),
)


def compose(contributions: Iterable[RoleContribution]) -> Mapping[str, frozenset[str]]:
    """Roles by name with all that is contributed to them."""
    roles: dict[str, frozenset[str]] = {role: frozenset() for role in ROLES}
    for contribution in contributions:
        roles[contribution.role] = roles.get(contribution.role, frozenset()).union(contribution.permissions)
    return roles
