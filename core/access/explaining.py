"""Why an account may do something somewhere, or what it would take. 权限说明。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .viewer import ActiveGrant, Viewer


@dataclass(frozen=True)
class Explanation:
    """`deciding` are the grants that allow it there; `elsewhere` allow it, but not there; `roles` would allow it."""

    deciding: Sequence[ActiveGrant]
    elsewhere: Sequence[ActiveGrant]
    roles: Sequence[str]

    @property
    def allowed(self) -> bool:
        """Whether the account may."""
        return bool(self.deciding)


def explain(viewer: Viewer, permission: str, path: str, roles: Mapping[str, frozenset[str]]) -> Explanation:
    """Which grants decide about a permission at the node with this path."""
    holding = [grant for grant in viewer.grants if permission in grant.permissions]
    deciding = [grant for grant in holding if grant.covers(path)]
    able = sorted(role for role, permissions in roles.items() if permission in permissions)
    return Explanation(deciding, [grant for grant in holding if grant not in deciding], able)
