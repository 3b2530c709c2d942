"""The test kit, loaded here and not by its entry point, where it would come before coverage begins to be measured.

Outsiders get it by the entry point, as the tests of examples/plugins do.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from linli.core import clock as clocks
from linli.core.clock import Clock, FrozenClock

settings.register_profile("linli", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("linli")  # a busy machine is no failure

pytest_plugins = ["linli.schema.testing.plugin"]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave modules and collected tests to the end: the collector would walk through all of them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def wall_clock(clock: FrozenClock) -> Iterator[None]:
    """The clock on the wall in this process too, where other processes go by it."""
    clocks.use(Clock())
    yield
    clocks.use(clock)
