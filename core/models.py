"""All tables of core, for the engine to register and for migrations to compare with."""

from __future__ import annotations

from .access.acted_for_models import ActedFor
from .access.models import (
    AccessStamp,
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
from .files.models import File
from .graph.models import OrgBoundary, OrgBoundaryCell, OrgNode, OrgRelation, OrgState
from .inbox.models import ChannelChoice, Notification
from .jobs.models import Job, Timer
from .people.document_models import IdentityDocument
from .people.merge_models import PersonMerge
from .people.models import Person, Post
from .people.relation_models import PersonRelation
from .privacy.models import Consent, PersonRequest
from .records.delivery_models import Delivery
from .records.models import Event, EventPayload, KeyEpoch, PersonKey, Request
from .registry.models import Household, HouseholdMember, Premises, Tenure, Thing
from .sheet_imports.models import SheetEntry, SheetFinding, SheetImport, SheetMention
from .webhooks.models import Webhook

__models__ = [
    AccessStamp,
    Account,
    AccountSession,
    ActedFor,
    CalendarSchedule,
    ChannelChoice,
    Consent,
    Delivery,
    Event,
    EventPayload,
    File,
    Grant,
    Household,
    HouseholdMember,
    Identity,
    IdentityDocument,
    Job,
    KeyEpoch,
    Notification,
    OrgBoundary,
    OrgBoundaryCell,
    OrgNode,
    OrgRelation,
    OrgState,
    Person,
    PersonClaim,
    PersonKey,
    PersonMerge,
    PersonRelation,
    PersonRequest,
    Post,
    Premises,
    RecoveryCode,
    RefreshToken,
    Request,
    SecondFactor,
    SheetEntry,
    SheetFinding,
    SheetImport,
    SheetMention,
    SignInTry,
    Tenure,
    Thing,
    Timer,
    Token,
    Webhook,
]
