"""The bundled schedules as they were when 2027 was not yet published."""

from __future__ import annotations

import pytest

from linli.core.calendar import OfficialSchedule, bundled_schedule


@pytest.fixture
def bundled_until_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide later years, which a newer release of the package that brings the schedules may know."""

    def until_2026(year: int) -> OfficialSchedule | None:
        return bundled_schedule(year) if year <= 2026 else None

    monkeypatch.setattr("linli.core.calendar.days.bundled_schedule", until_2026)
