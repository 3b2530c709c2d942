"""Mutations of the photos of venues."""

from __future__ import annotations

import strawberry

from linli.schema.context import Info
from linli.schema.core.files import file_ids
from linli.schema.inputs import MutationInput, optional, required, value
from linli.schema.mutations import mutation

from .. import models, permissions, services
from .venues import Venue


@strawberry.input(description="Photos for a venue. 添加场所照片。")
class AddVenuePhotosInput(MutationInput):
    """Which files, in which order."""

    venue_id: strawberry.ID = required("Which venue. 场所。")
    file_ids: list[strawberry.ID] = required("Files uploaded for venues.photo, in their order. 照片文件。")
    expected_version: int | None = optional("Refuse when the venue is another version. 期望版本。")


@mutation("Show photos with a venue. 添加场所照片。", Venue, permission=permissions.VENUE_WRITE)
async def add_venue_photos(info: Info, input: AddVenuePhotosInput) -> models.Venue:  # noqa: A002
    """Add them after those that are there."""
    context = info.context
    venue_id = context.required_id(input.venue_id, "Venue", "venueId")
    return await services.add_photos(
        context.district,
        context.viewer,
        venue_id,
        file_ids(context, input.file_ids, "fileIds"),
        expected_version=value(input.expected_version),
    )


@strawberry.input(description="Which photo of a venue goes. 删除场所照片。")
class RemoveVenuePhotoInput(MutationInput):
    """Which."""

    venue_id: strawberry.ID = required("Which venue. 场所。")
    file_id: strawberry.ID = required("Which photo. 照片文件。")
    expected_version: int | None = optional("Refuse when the venue is another version. 期望版本。")


@mutation("Destroy a photo of a venue. 删除场所照片。", Venue, permission=permissions.VENUE_WRITE)
async def remove_venue_photo(info: Info, input: RemoveVenuePhotoInput) -> models.Venue:  # noqa: A002
    """Its links lead nowhere from then on."""
    context = info.context
    return await services.remove_photo(
        context.district,
        context.viewer,
        context.required_id(input.venue_id, "Venue", "venueId"),
        context.required_id(input.file_id, "File", "fileId"),
        expected_version=value(input.expected_version),
    )
