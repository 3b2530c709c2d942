"""Who may do what with venues and bookings, on top of the permissions. 权限判定。"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from linli.core.access.on_behalf import Acting, Capacity, Stated, Terms, acting, capacity_of, tell
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ForbiddenError, NotFoundError, invalid, text
from linli.core.graph.models import ADMINISTRATIVE, OrgNode
from linli.core.people.merged import hold
from linli.core.people.models import Person
from linli.core.records.record import Record

from ..events import APPEAL, BOOKING, SERIES, WAITLIST
from ..models import Appeal, Booking, Series, Venue, WaitlistEntry
from ..permissions import ATTEND, BOOK_FOR, BOOK_FOR_STAFF, BOOKING_AREA, COMMUNITY_MANAGE, DECIDE, POLICY_WRITE
from ..rules import Action, Actor

TERMS = Terms(BOOKING_AREA, family=True)
"""Guardians book for wards, proxies whose scope says so for principals, and confirmed family for kin."""

_TYPES: Mapping[type[Record], str] = {
    Booking: BOOKING,
    WaitlistEntry: WAITLIST,
    Series: SERIES,
    Appeal: APPEAL,
}

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


async def booker(
    district: District, viewer: Viewer, venue: Venue, person_id: UUID | None, path: str = "personId"
) -> Person:
    """The person to book for: the viewer's own, or the one named by somebody who may book on behalf.

    Raises ForbiddenError without such a right, whoever is named; NotFoundError; ValidationError (PERSON_REQUIRED)
    where the account stands for nobody.
    """
    wanted = viewer.person_id if person_id is None else person_id
    if wanted is None:
        raise invalid("personId", "PERSON_REQUIRED", "Say for whom: no person is behind this account", domain="venues")
    if wanted == viewer.person_id:
        return await Person.get(id=await hold(wanted))
    anybody = books_for_others(viewer, venue)
    if not anybody and not viewer.subtrees(BOOK_FOR_STAFF):
        raise _forbidden(BOOK_FOR)
    person = await Person.filter(district.sight.condition(Person, viewer), id=wanted).first()
    if person is None:
        raise NotFoundError(text("There is no such person, or you may not see them", domain="venues"), path=(path,))
    if not anybody and not await books_for_staff(viewer, person):
        raise _forbidden(BOOK_FOR)
    return person


@dataclass(frozen=True)
class Behalf:
    """How a booking was asked for, as the input says: `stated` raises where the input contradicts itself."""

    stated: Callable[[], Stated] = Stated
    path: str = "personId"


OWN = Behalf()


async def acting_for(
    district: District, viewer: Viewer, venue: Venue, person_id: UUID | None, behalf: Behalf = OWN
) -> Acting:
    """Whom a booking is for, and as what the viewer asks: guardian, proxy, family, or staff as `booker` says.

    Raises what `booker` raises, and ValidationError for how it was asked for.
    """
    person_id = None if person_id is None else await hold(person_id)
    capacity = None if person_id is None else await capacity_of(viewer, person_id, TERMS)
    if capacity is None:
        person = await booker(district, viewer, venue, person_id, behalf.path)
        capacity = Capacity.SELF if person.id == viewer.person_id else Capacity.STAFF
    else:
        person = await Person.get(id=person_id)
    return acting(person, capacity, behalf.stated())


async def stands_for(viewer: Viewer, venue: Venue, person: Person) -> Capacity | None:
    """As what the viewer takes the booker's steps for a person: guardian, proxy, or staff who book for them."""
    capacity = await capacity_of(viewer, person.id, Terms(BOOKING_AREA))
    if capacity is None and (books_for_others(viewer, venue) or await books_for_staff(viewer, person)):
        return Capacity.STAFF
    return capacity


async def tell_step(viewer: Viewer, venue: Venue, person: Person, action: str, record: Record) -> None:
    """Tell the person, in the open unit of work, of a booker's step that somebody else takes; `action` is its name."""
    capacity = await stands_for(viewer, venue, person)
    if capacity is not None:
        await tell(acting(person, capacity, Stated()), action, _TYPES[type(record)], record.id)


async def roles_at(viewer: Viewer, action: Action, booking: Booking | Series) -> frozenset[Actor]:
    """On whose behalf the viewer may take a step with this booking or series; its venue and person are loaded."""
    held: set[Actor] = set()
    if await stands_for(viewer, booking.venue, booking.person) is not None:
        held.add(Actor.BOOKER)
    if manages(viewer, _OWNERS_PERMISSION[action], booking.venue.owner):
        held.add(Actor.OWNER)
    return frozenset(held)


def forbidden_action(action: Action) -> ForbiddenError:
    """The viewer sees the booking and may not take this step."""
    return _forbidden(_OWNERS_PERMISSION[action])


def _forbidden(permission: str) -> ForbiddenError:
    return ForbiddenError(text("You may not do this here"), details={"permission": permission})
