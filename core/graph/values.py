"""The columns of a node that follow from what a caller gave: companion keys of a name, the stored form of a point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .event_types import OrgValues
from .models import OrgNode
from .names import keys
from .points import Point, stored


def named(name: str) -> dict[str, Any]:
    """The columns that a name fills."""
    name_key, name_initials = keys(name)
    return {"name": name, "name_key": name_key, "name_initials": name_initials}


def located(location: Point | None) -> dict[str, Any]:
    """The columns that a point fills; it is kept as it was given too."""
    if location is None:
        return {"longitude": None, "latitude": None, "location_given": None}
    longitude, latitude = stored(location)
    given = {"lon": location.lon, "lat": location.lat, "crs": location.crs.value}
    return {"longitude": longitude, "latitude": latitude, "location_given": given}


def told(node: OrgNode, columns: Iterable[str]) -> OrgValues:
    """These values of a node, as events carry them."""
    return OrgValues(**{column: getattr(node, column) for column in columns})
