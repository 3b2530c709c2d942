"""What plugins do about an event while it happens."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from linli.core.calendar import parse_holiday_cn
from linli.core.calendar.models import CalendarSchedule
from linli.core.calendar.schedules import keep_schedule
from linli.core.districts import District
from linli.core.errors import RejectedError
from linli.core.records.models import Event
from linli.core.records.reactions import react_with
from linli.core.records.unit_of_work import transact

PAPERS = {"year": 2027, "papers": ["http://gov.example/2027"], "days": []}


async def test_a_reaction_sees_the_event_in_its_transaction(district: District) -> None:
    seen: list[tuple[str, BaseModel]] = []

    async def note(event: Event, payload: BaseModel) -> None:
        assert await CalendarSchedule.all().count() == 1
        seen.append((event.type, payload))

    react_with(district.store, note)
    with district.scope():
        await transact(lambda _unit: keep_schedule(parse_holiday_cn(PAPERS)))
    assert [(name, payload.model_dump()) for name, payload in seen] == [
        ("core.calendar_changed", {"year": 2027, "papers": ("http://gov.example/2027",)})
    ]


async def test_a_reaction_that_refuses_undoes_what_happened(district: District) -> None:
    async def refuse(_event: Event, _payload: BaseModel) -> None:
        raise RejectedError("not now")

    react_with(district.store, refuse)
    with district.scope():
        with pytest.raises(RejectedError):
            await transact(lambda _unit: keep_schedule(parse_holiday_cn(PAPERS)))
        assert await CalendarSchedule.all().count() == 0
