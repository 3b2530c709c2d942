"""Photos of venues: added, and taken away. 场所照片。"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import invalid
from linli.core.files.attaching import attach, discard, files_of
from linli.core.files.models import File
from linli.core.records import events

from ..events import VENUE, VENUE_PHOTOS_CHANGED, PhotosPayload
from ..models import Venue
from ..permissions import VENUE_WRITE
from ..photos import PHOTO
from .access import require_manages
from .records import check_version, unknown, venue_to_book, write


async def add_photos(
    district: District, viewer: Viewer, venue_id: UUID, file_ids: Sequence[UUID], *, expected_version: int | None = None
) -> Venue:
    """Show files that the viewer uploaded for `venues.photo` with a venue, after those that are there.

    Raises NotFoundError, ForbiddenError, ConflictError for a stale version, and what `attach` raises.
    """
    venue = await _to_change(district, viewer, venue_id, expected_version)
    if not file_ids:
        raise invalid("fileIds", "NOTHING", "Name at least one file", domain="venues")
    added = await attach(viewer, file_ids, PHOTO, venue, org_id=venue.owner_id)
    await _tell(venue, added=[file.id for file in added])
    return venue


async def remove_photo(
    district: District, viewer: Viewer, venue_id: UUID, file_id: UUID, *, expected_version: int | None = None
) -> Venue:
    """Destroy a photo of a venue. Raises NotFoundError, ForbiddenError, ConflictError."""
    venue = await _to_change(district, viewer, venue_id, expected_version)
    photo = next((one for one in await photos_of(venue.id) if one.id == file_id), None)
    if photo is None:
        raise unknown("fileId")
    await discard(district, photo, "REMOVED")
    await _tell(venue, removed=[photo.id])
    return venue


async def photos_of(venue_id: UUID) -> list[File]:
    """A venue's photos, in their order."""
    return await files_of(PHOTO, venue_id)


async def _to_change(district: District, viewer: Viewer, venue_id: UUID, expected: int | None) -> Venue:
    venue = await venue_to_book(district, viewer, venue_id)
    require_manages(viewer, VENUE_WRITE, venue.owner)
    check_version(venue, expected)
    return venue


async def _tell(venue: Venue, *, added: Sequence[UUID] = (), removed: Sequence[UUID] = ()) -> None:
    await write(venue)
    told = PhotosPayload(added=tuple(added), removed=tuple(removed))
    await events.append(VENUE_PHOTOS_CHANGED, VENUE, venue.id, told, org_id=venue.owner_id)
