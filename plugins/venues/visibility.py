"""What of core becomes public because of venues. 公开范围。"""

from __future__ import annotations

from typing import Any

from tortoise.expressions import Q, Subquery

from .models import Venue

OWNER_COLUMNS = frozenset({"kind", "code", "name", "parent", "depth"})
"""What anybody may know of an organisation that owns a venue: who it is, and where in the tree it stands."""


def owners(prefix: str) -> Q:
    """The organisations that own a venue; `prefix` leads to them from another model."""
    owning: Any = Subquery(Venue.all().values("owner_id"))
    return Q(**{f"{prefix}id__in": owning})
