"""What happens about people's data."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal, Personal, Public
from ..records.person_keys import TOLD_BY

CONSENT, REQUEST, RETENTION_RULE = "Consent", "PersonRequest", "RetentionRule"


class ConsentPayload(BaseModel):
    """To what somebody agreed, or no longer does, and how that is known."""

    person_id: Internal[UUID]
    purpose: Public[str]
    basis: Public[str]
    channel: Internal[str]
    document: Internal[str | None] = None
    evidence: Personal[str | None] = None


class RequestPayload(BaseModel):
    """Somebody asked for a person's data to be handed out, corrected or erased; why stands with the request."""

    person_id: Internal[UUID]
    kind: Public[str]
    state: Public[str]


class PersonErased(BaseModel):
    """Who took part in an erasure, how many rows were made empty, and how many stay for a reason."""

    plugins: Public[tuple[str, ...]]
    erased_rows: Public[int]
    kept_rows: Public[int]


class RetentionApplied(BaseModel):
    """Which rule did what to how many rows: those from before an instant."""

    rule: Public[str]
    action: Public[str]
    rows: Public[int]
    kept_for: Public[str]
    before: Public[datetime]


CONSENT_GIVEN = EventType(
    "core.consent_given", 1, ConsentPayload, "A use of personal data was agreed to. 同意。", person="person_id"
)
CONSENT_WITHDRAWN = EventType(
    "core.consent_withdrawn", 1, ConsentPayload, "A consent was withdrawn. 撤回同意。", person="person_id"
)

PERSON_EXPORTED = EventType(
    "core.person_exported", 1, RequestPayload, "What is kept of a person was handed out. 提供个人信息副本。"
)
REQUEST_FILED = EventType(
    "core.person_request_filed", 1, RequestPayload, "A correction or an erasure was asked for. 提出个人信息请求。"
)
REQUEST_GRANTED = EventType(
    "core.person_request_granted", 1, RequestPayload, "A request about personal data was carried out. 请求已办结。"
)
REQUEST_REFUSED = EventType(
    "core.person_request_refused", 1, RequestPayload, "A request about personal data was refused. 请求不予办理。"
)
PERSON_ERASED = EventType(TOLD_BY, 1, PersonErased, "A person was erased. 个人信息已删除。")
RETENTION_APPLIED = EventType(
    "core.retention_applied", 1, RetentionApplied, "What was kept long enough was deleted or cleared. 到期清理。"
)

EVENT_TYPES = (
    CONSENT_GIVEN,
    CONSENT_WITHDRAWN,
    PERSON_EXPORTED,
    REQUEST_FILED,
    REQUEST_GRANTED,
    REQUEST_REFUSED,
    PERSON_ERASED,
    RETENTION_APPLIED,
)
