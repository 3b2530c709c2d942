"""All tables of core, for the engine to register and for migrations to compare with."""

from __future__ import annotations

from .access.models import Account, Grant, Token
from .calendar.models import CalendarSchedule
from .graph.models import OrgNode, OrgRelation, OrgState
from .jobs.models import Timer
from .people.models import Person, Post
from .records.models import Event, EventPayload, Request

__models__ = [
    Account,
    CalendarSchedule,
    Event,
    EventPayload,
    Grant,
    OrgNode,
    OrgRelation,
    OrgState,
    Person,
    Post,
    Request,
    Timer,
    Token,
]
