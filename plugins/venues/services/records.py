"""Reading venues and bookings as the viewer sees them, and writing their changes under their versions."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from linli.core import clock
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import ConflictError, FieldProblem, NotFoundError, ValidationError, invalid, text
from linli.core.graph.checks import client_id
from linli.core.records.record import MutableRecord, Record, new_id

from ..models import REASON_LENGTH, Booking, Venue

R = TypeVar("R", bound=Record)

VENUE_ENDS = ("owner", "community")
BOOKING_ENDS = ("person", "venue__owner", "venue__community")


def unknown(path: str) -> NotFoundError:
    """There is no such record, or the viewer does not see it."""
    return NotFoundError(text("There is no such record, or you may not see it", domain="venues"), path=(path,))


async def visible(district: District, viewer: Viewer, model: type[R], id_: UUID, path: str, *ends: str) -> R:
    """The row of this id if the viewer sees it, with the records at `ends`; NotFoundError at `path`."""
    found = model.filter(district.sight.condition(model, viewer), id=id_).select_related(*ends)
    row = await found.first()
    if row is None:
        raise unknown(path)
    return row


async def venue_to_read(district: District, viewer: Viewer, venue_id: UUID, path: str = "venueId") -> Venue:
    """A venue with its owner and community."""
    return await visible(district, viewer, Venue, venue_id, path, *VENUE_ENDS)


async def hold_venue(venue_id: UUID) -> None:
    """Keep others from booking this venue until the unit of work ends; SQLite has one writer anyway."""
    await Venue.filter(id=venue_id).select_for_update().first()


async def venue_to_book(district: District, viewer: Viewer, venue_id: UUID, path: str = "venueId") -> Venue:
    """A venue with its owner and community, held until the unit of work ends."""
    await hold_venue(venue_id)
    return await venue_to_read(district, viewer, venue_id, path)


async def booking_to_change(district: District, viewer: Viewer, booking_id: UUID) -> Booking:
    """A booking with its venue and person, the venue held: whoever changes a booking may give its room to another."""
    seen = await visible(district, viewer, Booking, booking_id, "bookingId")
    await hold_venue(seen.venue_id)
    return await visible(district, viewer, Booking, booking_id, "bookingId", *BOOKING_ENDS)


def check_version(record: MutableRecord, expected: int | None) -> None:
    """Raise ConflictError where the record is not the version that the caller saw."""
    if expected is not None and expected != record.version:
        message = text(
            "Version {expected} was expected, {found} is stored",
            domain="venues",
            expected=expected,
            found=record.version,
        )
        raise ConflictError(message, current=record, path=("expectedVersion",), plugin="venues")


async def write(record: MutableRecord, **changes: Any) -> None:
    """Write changed columns and count the version; ConflictError when somebody was faster."""
    read = record.version
    changes |= {"version": read + 1, "updated_at": clock.now()}
    if not await type(record).filter(id=record.id, version=read).update(**changes):
        raise ConflictError(
            text("Somebody changed the record in the same moment", domain="venues"), path=("id",), plugin="venues"
        )
    record.update_from_dict(changes)


async def free_id(model: type[Record], given: UUID | None) -> UUID:
    """The id for a new row: the client's, a UUIDv7 not in use, or a new one."""
    wanted = client_id(given)
    if wanted is None:
        return new_id()
    if await model.filter(id=wanted).exists():
        raise id_in_use()
    return wanted


def id_in_use() -> ConflictError:
    """The client's id belongs to a record already, whether or not the viewer sees it."""
    return ConflictError(text("This id is in use", domain="venues"), path=("id",), plugin="venues")


def checked_reason(reason: str | None, path: str = "reason") -> str | None:
    """A reason without the spaces around it, None for an empty one; ValidationError for one that is too long."""
    stated = (reason or "").strip() or None
    if stated is not None and len(stated) > REASON_LENGTH:
        raise invalid(path, "TOO_LONG", "At most {limit} characters", domain="venues", limit=REASON_LENGTH)
    return stated


def refuse(problems: list[FieldProblem]) -> None:
    """Raise ValidationError with all problems, if there are any."""
    if problems:
        raise ValidationError(*problems, plugin="venues")
