"""Everything that a district keeps of a person, in a published shape. 个人信息副本。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .. import clock
from ..records.archive import neutral
from ..records.event_types import EventTypes
from ..records.events import payloads
from ..records.models import Event
from .core_holdings import HOLDINGS
from .erasing import CORE, rows_of
from .holdings import Records, export_rows

if TYPE_CHECKING:
    from ..districts import District

FORMAT = "linli person export 1"
_TEXT: Mapping[str, Any] = {"type": "string"}
SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What a district keeps of a person",
    "type": "object",
    "required": ["format", "district", "personId", "exportedAt", "records", "files", "history"],
    "properties": {
        "format": {"const": FORMAT},
        "district": _TEXT,
        "personId": {"type": "string", "format": "uuid"},
        "exportedAt": {"type": "string", "format": "date-time"},
        "records": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["plugin", "what", "rows"],
                "properties": {"plugin": _TEXT, "what": _TEXT, "rows": {"type": "array", "items": {"type": "object"}}},
            },
        },
        "files": {
            "type": "array",
            "description": "Files that tell of the person; `url` fetches one without a token, for an hour.",
            "items": {
                "type": "object",
                "required": ["id", "name", "mediaType", "size", "sha256", "purpose", "url"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "size": {"type": "integer"},
                    **dict.fromkeys(("name", "mediaType", "purpose", "url"), _TEXT),
                    "sha256": _TEXT,
                },
            },
        },
        "history": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sequence", "type", "at", "subjectType", "subjectId", "payload"],
                "properties": {
                    "sequence": {"type": "integer"},
                    "type": _TEXT,
                    "at": {"type": "string", "format": "date-time"},
                    "subjectType": _TEXT,
                    "subjectId": {"type": "string", "format": "uuid"},
                    "payload": {"type": ["object", "null"], "description": "Null where it was erased."},
                },
            },
        },
    },
}
"""JSON Schema of the document; `what` is a table, a row's keys are its columns."""


async def document(district: District, person_id: UUID) -> dict[str, Any]:
    """What core and every plugin with tables here keep of a person, with the events of those records.

    `files` is for whoever hands it out to fill: with links, or not where the files themselves are handed out along.
    Raises what a plugin's `linli_person_export` raised: what is not whole is not handed out.
    """
    found: list[tuple[str, Records]] = []
    for id_ in await rows_of(person_id):
        found += [(CORE, records) for records in await export_rows(HOLDINGS, id_)]
        found += await _plugins(district, id_)
    ids = {UUID(str(row["id"])) for _, records in found for row in records.rows}
    return {
        "format": FORMAT,
        "district": district.key,
        "personId": str(person_id),
        "exportedAt": neutral(clock.now()),
        "records": [
            {"plugin": plugin, "what": records.what, "rows": [dict(row) for row in records.rows]}
            for plugin, records in found
        ],
        "files": [],
        "history": await _history(district, sorted(ids)),
    }


async def _plugins(district: District, person_id: UUID) -> list[tuple[str, Records]]:
    stewards = await district.stewards()
    kept = await stewards.collect_or_raise("linli_person_export", district=district, person_id=person_id)
    return [(plugin, records) for plugin, of_plugin in kept for records in of_plugin]


async def _history(district: District, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The sealed events of these records, in order."""
    catalogue = await district.stewards_event_types()
    found: list[Event] = []
    for start in range(0, len(ids), 500):
        found += await Event.filter(subject_id__in=list(ids[start : start + 500]), sequence__not_isnull=True)
    return await _told(sorted(found, key=lambda event: event.sequence or 0), catalogue)


async def _told(events: Sequence[Event], catalogue: EventTypes) -> list[dict[str, Any]]:
    values: dict[UUID, Any] = {}
    for start in range(0, len(events), 500):
        values |= await payloads(events[start : start + 500], catalogue)
    return [
        {
            "sequence": event.sequence,
            "type": event.type,
            "at": neutral(event.at),
            "subjectType": event.subject_type,
            "subjectId": str(event.subject_id),
            "payload": None if values[event.id] is None else values[event.id].model_dump(mode="json"),
        }
        for event in events
    ]
