"""The ledgers that a district has: core's, and those of its plugins. 台账目录。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .core_ledgers import CORE_LEDGERS
from .declarations import Ledger

if TYPE_CHECKING:
    from ..contributions import GraphQL


def ledgers_of(contributions: Sequence[tuple[str, GraphQL]]) -> Mapping[str, Ledger]:
    """The ledgers of core and of what plugins contribute, by code, core's first."""
    more = [one for _, part in contributions for one in part.ledgers]
    return {one.code: one for one in (*CORE_LEDGERS, *more)}
