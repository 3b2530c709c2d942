"""The present tree in memory, as far as an import compares with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...records.record import new_id
from ...records.store import current_store
from .. import sql
from ..paths import SEGMENT, segment

_REVISION = "SELECT count(*) AS nodes, coalesce(sum(version), 0) AS versions FROM core_org_node"
_PLACES = (
    "SELECT id, kind, code, name, parent_id, path, depth, longitude, latitude FROM core_org_node "
    "WHERE valid_to IS NULL ORDER BY path"
)


@dataclass(slots=True, eq=False)
class Place:
    """A valid organisation, or one that the file adds.

    `id` is as the engine keeps it. `parent` is the one it has, `wanted` the one it shall have; `path` and `depth` are
    those of the present.
    """

    id: Any
    segment: str
    kind: str
    code: str | None
    name: str
    parent: Place | None
    wanted: Place | None
    path: str = ""
    depth: int = -1
    longitude: int | None = None
    latitude: int | None = None
    stored: bool = True


def added_place(kind: str, code: str, name: str) -> Place:
    """A new place, of which only its parent is not known yet."""
    node_id = new_id()
    key = str(node_id) if current_store().dialect == "sqlite" else node_id
    return Place(key, segment(node_id), kind, code, name, None, None, stored=False)


class Places:
    """All places by kind and code; `root` is the one without a parent."""

    def __init__(self, revision: tuple[int, int], places: list[Place]) -> None:
        self.revision = revision
        self.all = places
        self.by_code = {(place.kind, place.code): place for place in places if place.code is not None}
        self.root = next((place for place in places if place.parent is None), None)

    def add(self, place: Place) -> None:
        """Take in a place that the file adds."""
        self.all.append(place)
        if place.code is not None:
            self.by_code[place.kind, place.code] = place

    def named(self, reference: str) -> Place | None:
        """The place that `[KIND:]CODE` names; of several the highest."""
        kind, _, code = reference.rpartition(":")
        found = [place for place in self._coded(code) if not kind or place.kind == kind]
        return min(found, key=lambda place: place.depth, default=None)

    def _coded(self, code: str) -> Iterator[Place]:
        return (place for place in self.all if place.code == code)


async def revision() -> tuple[int, int]:
    """A pair that differs after any change to any node: rows are never deleted and versions only grow."""
    (row,) = await sql.fetch(_REVISION)
    return int(row["nodes"]), int(row["versions"])


async def present_places() -> Places:
    """The valid nodes of the district."""
    read_at = await revision()
    places: dict[Any, Place] = {}
    for row in await sql.fetch(_PLACES):
        parent = places.get(row["parent_id"])  # ordered by path, so that it is there already
        places[row["id"]] = Place(
            row["id"],
            row["path"][-SEGMENT:],
            row["kind"],
            row["code"],
            row["name"],
            parent,
            parent,
            row["path"],
            row["depth"],
            row["longitude"],
            row["latitude"],
        )
    return Places(read_at, list(places.values()))
