from __future__ import annotations

from datetime import UTC, datetime

import pytest

from linli.core.cli.instants import instant
from linli.core.cli.messages import UsageError
from linli.core.config import Configuration, DistrictConfiguration


def configured(*zones: str) -> Configuration:
    """A configuration of one district in each of these zones."""
    return Configuration(
        districts={f"d{number}": DistrictConfiguration(name="x", timezone=zone) for number, zone in enumerate(zones)}
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-10-01T08:00:00+08:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01T00:00:00Z", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01T08:00", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01", datetime(2026, 9, 30, 16, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_the_districts_zone(written: str, meant: datetime) -> None:
    assert instant(written, "--to", lambda: configured("Asia/Shanghai", "Asia/Shanghai")) == meant


@pytest.mark.parametrize("written", ["tomorrow", "", "2026-13-01", "08:00"])
def test_anything_else_is_no_instant(written: str) -> None:
    with pytest.raises(UsageError, match='--to "[^"]*" is no instant; write one such as 2026-10-01T08:00:00'):
        instant(written, "--to", lambda: configured("Asia/Shanghai"))


def test_without_an_offset_the_districts_must_share_a_zone() -> None:
    with pytest.raises(UsageError, match="several zones, Asia/Shanghai, Asia/Urumqi; write"):
        instant("2026-10-01T08:00", "--to", lambda: configured("Asia/Shanghai", "Asia/Urumqi"))


def test_with_an_offset_nothing_is_configured() -> None:
    def nothing() -> Configuration:
        raise AssertionError

    assert instant("2026-10-01T08:00+08:00", "--to", nothing) == datetime(2026, 10, 1, tzinfo=UTC)
