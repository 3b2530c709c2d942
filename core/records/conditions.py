"""Conditions whose look-up is known only at run time."""

from __future__ import annotations

from typing import Any

from tortoise.expressions import Q


def where(lookup: str, value: Any) -> Q:
    """The rows for which a look-up, such as `parent__code` or `path__gte`, has this value."""
    return Q(**{lookup: value})
