"""The rows of a recognised sheet as values by field, each with what was found in it. 数据行。"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .findings import Finding

if TYPE_CHECKING:
    from .reading import Recognised


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: its number as Excel counts, values by field key (blank ones absent), findings.

    `skipped` rows hold no data, such as totals and repeated headers; their one finding tells which. A row with a
    finding of level ERROR is not to be imported.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    skipped: bool = False


def rows(recognised: Recognised) -> Iterator[SheetRow]:
    """The rows below the header, one after the other; begins anew with every call."""
    raise NotImplementedError
