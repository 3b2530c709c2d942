"""All tables of core, for the engine to register and for migrations to compare with."""

from __future__ import annotations

from .access.models import (
    Account,
    AccountSession,
    Grant,
    Identity,
    PersonClaim,
    RecoveryCode,
    RefreshToken,
    SecondFactor,
    SignInTry,
    Token,
)
from .calendar.models import CalendarSchedule
from .graph.models import OrgBoundary, OrgBoundaryCell, OrgNode, OrgRelation, OrgState
from .jobs.models import Timer
from .people.models import Person, Post
from .privacy.models import Consent, PersonRequest
from .records.models import Event, EventPayload, KeyEpoch, PersonKey, Request

__models__ = [
    Account,
    AccountSession,
    CalendarSchedule,
    Consent,
    Event,
    EventPayload,
    Grant,
    Identity,
    KeyEpoch,
    OrgBoundary,
    OrgBoundaryCell,
    OrgNode,
    OrgRelation,
    OrgState,
    Person,
    PersonClaim,
    PersonKey,
    PersonRequest,
    Post,
    RecoveryCode,
    RefreshToken,
    Request,
    SecondFactor,
    SignInTry,
    Timer,
    Token,
]
