"""Who is asking, and what they may do where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from ..errors import ForbiddenError, text


@dataclass(frozen=True)
class ActiveGrant:
    """A grant that counts now: what it allows beneath which path, and until when."""

    id: UUID
    role: str
    permissions: frozenset[str]
    path: str
    valid_to: datetime | None


@dataclass(frozen=True)
class Viewer:
    """The account behind a request with its person and grants; without an account it is the public. 访问者。"""

    account_id: UUID | None = None
    username: str | None = None
    person_id: UUID | None = None
    grants: tuple[ActiveGrant, ...] = field(default=())

    @property
    def anonymous(self) -> bool:
        return self.account_id is None

    @cached_property
    def _subtrees(self) -> dict[str, tuple[str, ...]]:
        paths: dict[str, set[str]] = {}
        for grant in self.grants:
            for permission in grant.permissions:
                paths.setdefault(permission, set()).add(grant.path)
        return {permission: topmost(found) for permission, found in paths.items()}

    def subtrees(self, permission: str) -> tuple[str, ...]:
        """The paths beneath which the viewer holds `permission`; none lies beneath another."""
        return self._subtrees.get(permission, ())

    def may(self, permission: str, path: str) -> bool:
        """Whether the viewer holds `permission` at the node with this path."""
        return any(path.startswith(top) for top in self.subtrees(permission))

    def permissions_at(self, path: str) -> frozenset[str]:
        """Everything the viewer may do at the node with this path."""
        held = (grant.permissions for grant in self.grants if path.startswith(grant.path))
        return frozenset().union(*held)

    def require(self, permission: str, path: str) -> None:
        """Raise ForbiddenError where the viewer does not hold `permission`."""
        if not self.may(permission, path):
            raise ForbiddenError(text("You may not do this here"), details={"permission": permission})


PUBLIC = Viewer()


def topmost(paths: Iterable[str]) -> tuple[str, ...]:
    """Of these paths the ones that lie beneath no other."""
    found: list[str] = []
    for path in sorted(paths):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return tuple(found)
