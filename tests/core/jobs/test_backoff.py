"""How long a timer that failed is left alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from linli.core.jobs.backoff import Backoff, pause
from linli.core.jobs.models import Timer


def failed(attempts: int, earlier: Timer | None = None) -> Timer:
    return Timer(id=uuid4() if earlier is None else earlier.id, attempts=attempts)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (11, 300), (1_000_000, 300)]
)
def test_pauses_double_from_a_second_to_five_minutes(attempts: int, seconds: float) -> None:
    assert pause(attempts) == seconds


def test_a_timer_that_never_failed_is_ready() -> None:
    assert Backoff().ready(failed(0))


def test_what_failed_before_the_start_is_tried_once_at_once() -> None:
    assert Backoff().ready(failed(7))


def test_what_failed_is_paused_and_then_ready(passing: Callable[[float], None]) -> None:
    backoff, timer = Backoff(), failed(3)
    backoff.note(timer.id, 3)
    passing(3.9)
    backoff.begin()
    assert not backoff.ready(timer)
    passing(0.1)
    backoff.begin()
    assert backoff.ready(timer)


def test_what_failed_in_another_process_meanwhile_is_paused_here_too(passing: Callable[[float], None]) -> None:
    backoff, timer = Backoff(), failed(1)
    backoff.note(timer.id, 1)
    passing(1)
    backoff.begin()
    again = failed(2, timer)
    assert not backoff.ready(again)
    passing(2)
    backoff.begin()
    assert backoff.ready(again)


def test_a_sweep_tries_what_fails_once_however_long_it_lasts(passing: Callable[[float], None]) -> None:
    backoff, timer = Backoff(), failed(1)
    backoff.note(timer.id, 1)
    passing(3600)
    assert not backoff.ready(timer)


def test_a_timer_that_was_scheduled_anew_is_ready() -> None:
    backoff, timer = Backoff(), failed(1)
    backoff.note(timer.id, 1)
    assert backoff.ready(failed(0, timer))


def test_timers_that_wait_no_more_are_forgotten() -> None:
    backoff, kept, gone = Backoff(), failed(1), failed(1)
    backoff.note(kept.id, 1)
    backoff.note(gone.id, 1)
    backoff.keep([kept.id, uuid4()])
    assert len(backoff) == 1
    assert not backoff.ready(kept)
