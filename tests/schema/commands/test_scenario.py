from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from linli.core import clock
from linli.core.cli.messages import UsageError
from linli.core.config import Configuration, DistrictConfiguration
from linli.schema.commands.scenario import start_clock


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    before = clock.current()
    yield
    clock.use(before)


def configured(*zones: str) -> Configuration:
    """A configuration of one district in each of these zones."""
    return Configuration(
        districts={f"d{number}": DistrictConfiguration(name="x", timezone=zone) for number, zone in enumerate(zones)}
    )


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("2026-10-01T08:00:00+08:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01T00:00:00Z", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01T08:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01", datetime(2026, 9, 30, 16, tzinfo=UTC)),
    ],
)
def test_the_clock_runs_from_the_instant(written: str, start: datetime) -> None:
    start_clock(configured("Asia/Shanghai", "Asia/Shanghai"), written)
    assert timedelta() <= clock.now() - start < timedelta(minutes=1)


@pytest.mark.parametrize("written", ["tomorrow", "", "2026-13-01", "08:00"])
def test_anything_else_is_no_instant(written: str) -> None:
    with pytest.raises(UsageError, match="is no instant; write one such as 2026-10-01T08:00:00"):
        start_clock(configured("Asia/Shanghai"), written)


def test_without_an_offset_the_districts_must_share_a_zone() -> None:
    zones = configured("Asia/Shanghai", "Asia/Urumqi")
    with pytest.raises(UsageError, match="several zones, Asia/Shanghai, Asia/Urumqi; write"):
        start_clock(zones, "2026-10-01T08:00")
    start_clock(zones, "2026-10-01T08:00+08:00")
    assert clock.now() - datetime(2026, 10, 1, tzinfo=UTC) < timedelta(minutes=1)
