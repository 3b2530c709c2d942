"""Who may do what with venues and bookings, on top of the permissions. 权限判定。"""

from __future__ import annotations

from uuid import UUID

from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, NotFoundError, invalid, text
from linli.core.graph.models import ADMINISTRATIVE, OrgNode
from linli.core.people.models import Person

from ..models import Booking, Series, Venue
from ..permissions import ATTEND, BOOK_FOR, BOOK_FOR_STAFF, COMMUNITY_MANAGE, DECIDE, POLICY_WRITE
from ..rules import Action, Actor

_OWNERS_PERMISSION = {
    Action.APPROVE: DECIDE,
    Action.REJECT: DECIDE,
    Action.CANCEL: DECIDE,
    Action.CHECK_IN: ATTEND,
    Action.CHECK_OUT: ATTEND,
}


def manages(viewer: Viewer, permission: str, owner: OrgNode) -> bool:
    """Whether the viewer holds an owner's permission there.

    Community staff manage the venues of their community, not those of the units that stand beneath it.
    """
    if viewer.may(permission, owner.path):
        return True
    own = owner.kind in ADMINISTRATIVE and permission != POLICY_WRITE
    return own and viewer.may(COMMUNITY_MANAGE, owner.path)


def proposes(viewer: Viewer, owner: OrgNode) -> bool:
    """Whether the viewer may propose opening terms: for venues of communities, never for those of units in them."""
    return owner.kind in ADMINISTRATIVE and viewer.may(COMMUNITY_MANAGE, owner.path)


def require_manages(viewer: Viewer, permission: str, owner: OrgNode) -> None:
    """Raise ForbiddenError where the viewer does not hold an owner's permission."""
    if not manages(viewer, permission, owner):
        raise _forbidden(permission)


def books_for_others(viewer: Viewer, venue: Venue) -> bool:
    """Whether the viewer may book this venue for anybody."""
    return any(viewer.may(BOOK_FOR, node.path) for node in (venue.owner, venue.community))


async def books_for_staff(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may book for this person as one of a unit's staff."""
    if person.employer_id is None or not viewer.subtrees(BOOK_FOR_STAFF):
        return False
    employer = await OrgNode.get(id=person.employer_id)
    return viewer.may(BOOK_FOR_STAFF, employer.path)


async def booker(district: District, viewer: Viewer, venue: Venue, person_id: UUID | None) -> Person:
    """The person to book for: the viewer's own, or the one named by somebody who may book on behalf.

    Raises ForbiddenError without such a right, whoever is named; NotFoundError; ValidationError (PERSON_REQUIRED)
    where the account stands for nobody.
    """
    wanted = viewer.person_id if person_id is None else person_id
    if wanted is None:
        raise invalid("personId", "PERSON_REQUIRED", "Say for whom: no person is behind this account", domain="venues")
    if wanted == viewer.person_id:
        return await Person.get(id=wanted)
    anybody = books_for_others(viewer, venue)
    if not anybody and not viewer.subtrees(BOOK_FOR_STAFF):
        raise _forbidden(BOOK_FOR)
    person = await Person.filter(district.sight.condition(Person, viewer), id=wanted).first()
    if person is None:
        raise NotFoundError(
            text("There is no such person, or you may not see them", domain="venues"), path=("personId",)
        )
    if not anybody and not await books_for_staff(viewer, person):
        raise _forbidden(BOOK_FOR)
    return person


async def roles_at(viewer: Viewer, action: Action, booking: Booking | Series) -> frozenset[Actor]:
    """On whose behalf the viewer may take a step with this booking or series; its venue and person are loaded."""
    held: set[Actor] = set()
    venue, person = booking.venue, booking.person
    if viewer.person_id == person.id or books_for_others(viewer, venue) or await books_for_staff(viewer, person):
        held.add(Actor.BOOKER)
    if manages(viewer, _OWNERS_PERMISSION[action], venue.owner):
        held.add(Actor.OWNER)
    return frozenset(held)


def forbidden_action(action: Action) -> ForbiddenError:
    """The viewer sees the booking and may not take this step."""
    return _forbidden(_OWNERS_PERMISSION[action])


def _forbidden(permission: str) -> ForbiddenError:
    return ForbiddenError(text("You may not do this here"), details={"permission": permission})
