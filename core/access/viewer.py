"""Who is asking, and what they may do where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from ..errors import ForbiddenError, RejectedError, text
from ..graph.paths import depth, topmost
from .acts_for import NOBODY, ActsFor

PERSON_UNCONFIRMED = "PERSON_UNCONFIRMED"


def unconfirmed(path: Sequence[str] = ()) -> RejectedError:
    """Why an account that somebody bound to a person does not speak for that person yet."""
    told = text("Nobody has confirmed yet that this is you: ask staff other than who made the account to approve it")
    return RejectedError(told, code=PERSON_UNCONFIRMED, path=path)


@dataclass(frozen=True)
class ActiveGrant:
    """A grant that counts now: what it allows beneath which path.

    `succeeded` are the paths of the organisations that its node or one beneath it succeeded: it counts there too.
    `delegator` is the account whose role it is, where it was delegated, and `delegator_person` the person behind.
    """

    id: UUID
    role: str
    permissions: frozenset[str]
    path: str
    succeeded: tuple[str, ...] = ()
    delegator: UUID | None = None
    delegator_person: UUID | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path beneath which it counts."""
        return (self.path, *self.succeeded)

    def covers(self, path: str) -> bool:
        """Whether it counts at the node with this path."""
        return path.startswith(self.paths)

    def meets(self, path: str) -> bool:
        """Whether it counts at the node with this path or at one beneath."""
        return self.covers(path) or any(one.startswith(path) for one in self.paths)


class Grants(tuple[ActiveGrant, ...]):
    """The grants of a viewer, together with what was asked of them: it holds for every request by which they count."""

    @cached_property
    def reach(self) -> frozenset[tuple[frozenset[str], tuple[str, ...]]]:
        """What they allow beneath which paths, and nothing else: equal for all who may do the same everywhere."""
        return frozenset((grant.permissions, grant.paths) for grant in self)

    @cached_property
    def subtrees(self) -> dict[str, tuple[str, ...]]:
        """The topmost paths by permission, of those permissions that were asked for."""
        return {}

    @cached_property
    def covered(self) -> dict[tuple[str, str], bool]:
        """Whether the one permission is held wherever the other is, of those pairs that were asked for."""
        return {}


@dataclass(frozen=True)
class Viewer:
    """The account behind a request with its person and grants; without an account it is the public. 访问者。

    `session_id` is the session that the request belongs to, None with a service token; a `narrowed` token allows less
    than its account, and nothing that concerns the account itself: it has no person, and `behind` is who the account
    is all the same, for separation of duties. While the person is not `person_confirmed`, whoever
    made the account may be the one who uses it: what is the person's is found by `person_id`, but shown in full to
    `own_person` only. `acts` are the wards and principals: nobody's with a narrowed token or an unconfirmed person.
    """

    account_id: UUID | None = None
    username: str | None = None
    person_id: UUID | None = None
    grants: Grants = Grants()  # noqa: RUF009  immutable but for what it remembers of itself
    session_id: UUID | None = None
    narrowed: bool = False
    person_confirmed: bool = True
    behind: UUID | None = None
    acts: ActsFor = NOBODY

    @property
    def anonymous(self) -> bool:
        return self.account_id is None

    @property
    def own_person(self) -> UUID | None:
        """The person whose values the viewer reads in full; None while nobody confirmed who is behind the account."""
        return self.person_id if self.person_confirmed else None

    def owns(self, person_id: UUID) -> bool:
        """Whether this person's values are shown to the viewer in full: one's own, and those of wards."""
        return self.own_person == person_id or person_id in self.acts.wards

    def is_account(self, account_id: UUID | None) -> bool:
        """Whether this is the viewer's own account; nobody's is none."""
        return account_id is not None and self.account_id == account_id

    def acts_in(self, person_id: UUID, area: str | None) -> bool:
        """Whether the viewer is this person, the guardian, or a proxy in an area."""
        return self.person_id == person_id or person_id in self.acts.within(area)

    def speaks_for(self, person_id: UUID, path: Sequence[str] = ()) -> bool:
        """Whether the viewer is this person; raises RejectedError PERSON_UNCONFIRMED where that is not confirmed."""
        if self.person_id != person_id:
            return False
        if not self.person_confirmed:
            raise unconfirmed(path)
        return True

    def subtrees(self, permission: str) -> tuple[str, ...]:
        """The paths beneath which the viewer holds `permission`; none lies beneath another."""
        known = self.grants.subtrees.get(permission)
        if known is None:
            held = (grant.paths for grant in self.grants if permission in grant.permissions)
            known = self.grants.subtrees[permission] = topmost({path for paths in held for path in paths})
        return known

    def covers(self, permission: str, other: str) -> bool:
        """Whether the viewer holds `permission` wherever the viewer holds the other one."""
        known = self.grants.covered.get((permission, other))
        if known is None:
            known = all(self.may(permission, path) for path in self.subtrees(other))
            self.grants.covered[permission, other] = known
        return known

    def near(self, path: str) -> Viewer:
        """The same viewer with the grants alone that count at this path, above it, or beneath it."""
        return replace(self, grants=Grants(grant for grant in self.grants if grant.meets(path)))

    def subtrees_of_both(self, permission: str, other: str) -> tuple[str, ...]:
        """The paths beneath which the viewer holds both permissions."""
        pairs = ((one, two) for one in self.subtrees(permission) for two in self.subtrees(other))
        return topmost(max(one, two, key=len) for one, two in pairs if one.startswith(two) or two.startswith(one))

    def everywhere(self, permission: str) -> bool:
        """Whether the viewer holds `permission` at the root."""
        return any(depth(path) == 0 for path in self.subtrees(permission))

    def may(self, permission: str, path: str) -> bool:
        """Whether the viewer holds `permission` at the node with this path."""
        return path.startswith(self.subtrees(permission))

    def permissions_at(self, path: str) -> frozenset[str]:
        """Everything the viewer may do at the node with this path."""
        held = (grant.permissions for grant in self.grants if grant.covers(path))
        return frozenset().union(*held)

    @property
    def accounts(self) -> frozenset[UUID]:
        """The accounts in whose place the viewer acts: the own one, and those of whoever delegated a role to it."""
        own = (self.account_id, *(grant.delegator for grant in self.grants))
        return frozenset(account for account in own if account is not None)

    @property
    def persons(self) -> frozenset[UUID]:
        """The persons in whose place the viewer acts: one's own, wards, principals, delegators of a role."""
        delegators = (grant.delegator_person for grant in self.grants)
        own = (self.person_id, self.behind, *self.acts.everybody, *delegators)
        return frozenset(person for person in own if person is not None)

    def require(self, permission: str, path: str) -> None:
        """Raise ForbiddenError where the viewer does not hold `permission`."""
        if not self.may(permission, path):
            raise ForbiddenError(text("You may not do this here"), details={"permission": permission})


PUBLIC = Viewer()
