"""Roles: named sets of permissions, put together from what core and plugins contribute. 角色。"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .limits import GRANT, GRANTING_ROLE

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


_READ = (
    "core.org.read",
    "core.person.read",
    "core.person.name",
    "core.person_relation.read",
    "core.post.read",
    "core.registry.read",
)
_REGISTER = ("core.registry.write", "core.registry.import")
_REVEAL = ("core.person.reveal",)
_ADMIN = (
    "core.staff.read",
    "core.org.write",
    "core.person.write",
    "core.post.write",
    "core.account.write",
    "core.grant.write",
    "core.calendar.write",
    "core.person_request.read",
    "core.person_request.create_for",
    "core.person_relation.write",
)
_DELIVERIES = ("core.delivery.read", "core.delivery.write", "core.webhook.manage")
_KIN = ("core.person_relation.confirm",)
_MERGE = ("core.person.merge",)
_DUTIES = ("core.person.export", "core.person.erase", "core.person_request.read")

CORE_ROLES = (
    *(RoleContribution(role, _READ) for role in STAFF),
    RoleContribution("district-admin", (*_ADMIN, *_DELIVERIES)),
    RoleContribution("district-official", _DUTIES),
    RoleContribution(
        "system-admin",
        ("core.org.read", "core.org.write", "core.account.write", "core.calendar.write", *_DELIVERIES),
    ),
    RoleContribution("security-admin", ("core.org.read", "core.grant.write")),
    *(RoleContribution(role, _REGISTER) for role in ("community-staff", "community-secretary", "district-admin")),
    RoleContribution("community-secretary", (*_REVEAL, *_KIN)),
    RoleContribution("street-official", (*_REVEAL, *_KIN)),
    *(RoleContribution(role, _MERGE) for role in ("community-secretary", "street-official", "district-official")),
    RoleContribution("community-staff", ("core.person_relation.write", "core.person_request.create_for", *_KIN)),
    RoleContribution("unit-staff", ("core.org.read",)),
    RoleContribution("unit-admin", ("core.org.read", "core.staff.read", "core.person.name", "core.post.read")),
    RoleContribution(
        "auditor",
        (
            *("core.audit.read", "core.org.read", "core.person.read", "core.consent.read", "core.post.read"),
            "core.registry.read",
        ),
    ),
)


class Adjustment(Protocol):
    """How a district's configuration changes a role."""

    @property
    def add(self) -> Collection[str]: ...
    @property
    def remove(self) -> Collection[str]: ...


def compose(
    contributions: Iterable[RoleContribution],
    adjustments: Mapping[str, Adjustment] | None = None,
    *,
    three_admins: bool = False,
) -> Mapping[str, frozenset[str]]:
    """Roles by name with all that is contributed to them and what the configuration makes of that.

    With `three_admins` nobody but security-admin holds the permission to grant.
    """
    roles: dict[str, frozenset[str]] = {role: frozenset() for role in ROLES}
    for contribution in contributions:
        roles[contribution.role] = roles.get(contribution.role, frozenset()).union(contribution.permissions)
    if three_admins:
        roles = {role: held if role == GRANTING_ROLE else held - {GRANT} for role, held in roles.items()}
    for role, adjustment in (adjustments or {}).items():
        roles[role] = (roles[role] | frozenset(adjustment.add)) - frozenset(adjustment.remove)
    return roles
