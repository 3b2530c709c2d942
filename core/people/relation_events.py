"""What happens to relations between people and to their documents."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from ..records.event_types import EventType, Internal

PERSON_RELATION, DOCUMENT = "PersonRelation", "IdentityDocument"


class PersonRelationTold(BaseModel):
    """Who is what to whom; what shows it stands with the relation."""

    person_id: Internal[UUID]
    relative_id: Internal[UUID]
    kind: Internal[str]
    state: Internal[str]


class DocumentTold(BaseModel):
    """Whose document of which kind; never its number."""

    person_id: Internal[UUID]
    kind: Internal[str]


RELATION_CLAIMED = EventType(
    "core.person_relation_claimed", 1, PersonRelationTold, "A relation between people was stated. 登记人员关系。"
)
RELATION_CONFIRMED = EventType(
    "core.person_relation_confirmed", 1, PersonRelationTold, "A relation between people was confirmed. 核实人员关系。"
)
RELATION_REFUSED = EventType(
    "core.person_relation_refused", 1, PersonRelationTold, "A relation between people was refused. 不予确认人员关系。"
)
RELATION_ENDED = EventType(
    "core.person_relation_ended", 1, PersonRelationTold, "A relation between people was ended. 终止人员关系。"
)
DOCUMENT_ADDED = EventType("core.document_added", 1, DocumentTold, "An identity document was entered. 登记身份证件。")
DOCUMENT_ENDED = EventType("core.document_ended", 1, DocumentTold, "An identity document was ended. 注销身份证件。")

EVENT_TYPES = (
    RELATION_CLAIMED,
    RELATION_CONFIRMED,
    RELATION_REFUSED,
    RELATION_ENDED,
    DOCUMENT_ADDED,
    DOCUMENT_ENDED,
)
