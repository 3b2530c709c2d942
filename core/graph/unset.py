"""Tells "not given" from "given as nothing": absent arguments of services are UNSET."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Unset(Enum):
    """Has one member, so that type checkers can tell it from every value."""

    UNSET = "UNSET"


UNSET: Final[Literal[Unset.UNSET]] = Unset.UNSET
"""The argument was not given."""
