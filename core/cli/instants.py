"""Instants as a command line takes them: ISO 8601, in the districts' zone where no offset is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from .language import words
from .messages import UsageError

if TYPE_CHECKING:
    from linli.core.config import Configuration


def instant(written: str, option: str, configuration: Callable[[], Configuration]) -> datetime:
    """The instant, with its zone; `configuration` is asked for where no offset is written.

    Raises UsageError, which names the option, for what is no instant, and where the districts have several zones.
    """
    try:
        read = datetime.fromisoformat(written)
    except ValueError as error:
        told = words(
            '{option} "{found}" is no instant; write one such as 2026-10-01T08:00:00+08:00',
            option=option,
            found=written,
        )
        raise UsageError(told) from error
    if read.tzinfo is not None:
        return read
    zones = {district.timezone: district.zone for district in configuration().districts.values()}
    if len(zones) > 1:
        listed = ", ".join(sorted(zones))
        told = words(
            '{option} "{found}" has no offset and the districts have several zones, {zones}; write +08:00',
            option=option,
            found=written,
            zones=listed,
        )
        raise UsageError(told)
    return read.replace(tzinfo=next(iter(zones.values())))
