"""Events reach everybody who follows: complete, in order, none twice, whichever process wrote them.

Three hundred events and twenty subscribers by default; LINLI_CHAOS_EVENTS=10000 for a campaign with two hundred.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from linli.core.records.store import Dialect
from tests.load.engines import SQLITE, Engine, postgres
from tests.load.sizes import SHORT, Size
from tests.load.subscribers import EVERYBODY_RATE, WARM, follow

EVENTS = int(os.environ.get("LINLI_CHAOS_EVENTS", "300"))
FOLLOWERS = 200 if EVENTS >= 10_000 else 20
RATE = 100.0


def size(events: int) -> Size:
    return replace(
        SHORT,
        followers=FOLLOWERS,
        events_per_second=RATE / EVERYBODY_RATE,
        follow_seconds=(events - WARM) / RATE,
    )


@pytest.fixture
def measured(engine: Dialect) -> Engine:
    """Each engine that the test kit found."""
    found = SQLITE if engine == "sqlite" else postgres()
    assert found is not None
    return found


def test_every_event_reaches_every_subscriber_once_and_in_order(measured: Engine) -> None:
    """On PostgreSQL one process writes and another delivers; `follow` raises where an event is missing or misplaced."""
    events = EVENTS if measured.server else EVENTS // 3
    followed = follow(measured, size(events), 2 if measured.server else 1, everybody=True)
    assert len(followed.delays) == (events - WARM) * FOLLOWERS
