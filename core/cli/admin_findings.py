"""What `linli check` finds about the three administrators: one person who holds two of their roles. 三员分立检查。"""

from __future__ import annotations

from collections.abc import Sequence

from linli.core.access.models import Grant
from linli.core.access.separation import held_together
from linli.core.config import Finding, Severity
from linli.core.districts import District

HINT = (
    "with three_admins one person holds one of these roles, by whatever account: let a security-admin take the others"
    " back by `revokeGrant`, and give them to somebody else"
)


async def of_district(district: District) -> list[Finding]:
    """The people, and accounts without a person, who held two of the roles before three_admins was switched on."""
    if not district.settings.three_admins:
        return []
    with district.scope():
        found = await held_together()
    return [_finding(district.key, grants) for grants in found]


def _finding(key: str, grants: Sequence[Grant]) -> Finding:
    held = sorted({f"{grant.account.username}: {grant.role}" for grant in grants})
    found = f"one person holds roles that exclude each other ({', '.join(held)})"
    return Finding(Severity.ERROR, f"district {key}", None, "", "EXCLUSIVE_ROLES", found, None, HINT)
