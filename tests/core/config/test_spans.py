"""Spans of retention: read as they are written, counted by the calendar, compared whatever months they fall into."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from linli.core.config.retention_checks import Limits
from linli.core.config.spans import Span

CHINA = timezone(timedelta(hours=8))


@pytest.mark.parametrize("written", ["1 day", "30 days", "2 weeks", "6 months", "1 year", "3 years"])
def test_a_span_reads_as_it_is_written(written: str) -> None:
    assert str(Span.read(written)) == written


@pytest.mark.parametrize(
    "written", ["", "0 days", "-1 days", "1.5 years", "6 Months", "6months", "200 years", "1 hour"]
)
def test_what_is_no_span_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"year|span"):
        Span.read(written)


def test_months_are_counted_by_the_calendar_of_the_zone() -> None:
    early = datetime.fromisoformat("2026-08-31T01:00:00+08:00")
    assert Span.read("6 months").before(early, CHINA) == datetime.fromisoformat("2026-02-28T01:00:00+08:00")
    leap = datetime.fromisoformat("2028-02-28T17:00:00+00:00")
    assert Span.read("1 year").before(leap, CHINA) == datetime.fromisoformat("2027-02-28T01:00:00+08:00")
    assert Span.read("2 weeks").before(leap, CHINA) == leap - timedelta(days=14)


@pytest.mark.parametrize(
    ("span", "allowed"),
    [
        ("5 months", False),
        ("183 days", False),  # March to September has 184
        ("184 days", True),
        ("6 months", True),
        ("26 weeks", False),
        ("1 year", True),
        ("365 days", True),
        ("366 days", False),
        ("13 months", False),
    ],
)
def test_days_are_held_against_months_at_their_longest_and_shortest(span: str, allowed: bool) -> None:
    limits = Limits(Span.read("6 months"), Span.read("1 year"))
    assert limits.allow(Span.read(span)) is allowed
