"""The clock of a server that runs at another time: for demonstrations, training and tests. 情景时间。"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from linli.core.cli.messages import UsageError

from .texts import words

if TYPE_CHECKING:
    from linli.core.config import Configuration


def start_clock(configuration: Configuration, start: str) -> None:
    """Let the clock of this process begin at an instant and run; raises UsageError for what is none.

    A time without an offset is that of the districts' zone, where they have one in common.
    """
    from linli.core.clock import Clock, use  # noqa: PLC0415

    use(Clock(_instant(configuration, start)))


def _instant(configuration: Configuration, start: str) -> datetime:
    try:
        read = datetime.fromisoformat(start)
    except ValueError as error:
        told = words('--clock "{found}" is no instant; write one such as 2026-10-01T08:00:00+08:00', found=start)
        raise UsageError(told) from error
    if read.tzinfo is not None:
        return read
    zones = {district.timezone: district.zone for district in configuration.districts.values()}
    if len(zones) > 1:
        listed = ", ".join(sorted(zones))
        told = words(
            '--clock "{found}" has no offset and the districts have several zones, {zones}; write +08:00',
            found=start,
            zones=listed,
        )
        raise UsageError(told)
    return read.replace(tzinfo=next(iter(zones.values())))
