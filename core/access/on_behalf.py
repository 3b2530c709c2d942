"""Acting for somebody: as what, how it was asked for, what shows it, and telling the person. 代为办理。

The person is told in the transaction of the act. Whoever acted counts, for the separation of duties, as having done it
and as that person (domain R9): see `duties`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..errors import FieldProblem, ValidationError, text
from ..graph.models import OrgNode
from ..graph.spans import valid_now
from ..people.models import Person
from ..people.relation_models import PersonRelation
from ..people.relation_rules import PersonRelationKind, PersonRelationState
from ..records import events
from ..records.unit_of_work import current_unit
from .acted_for_events import ACTED, ACTED_FOR, ActedForTold
from .acted_for_models import EVIDENCE_LENGTH, ActedFor
from .viewer import Viewer


class Channel(StrEnum):
    """How somebody said so. 渠道。"""

    APP = "APP"  # 本人在线
    COUNTER = "COUNTER"  # 窗口
    PHONE = "PHONE"  # 电话
    VISIT = "VISIT"  # 上门
    PAPER = "PAPER"  # 纸质


class EvidenceKind(StrEnum):
    """What shows that somebody asked for it. 凭证类型。"""

    SIGNED_SHEET = "SIGNED_SHEET"  # 签字单
    CALL = "CALL"  # 通话记录
    VISIT = "VISIT"  # 上门记录


class Capacity(StrEnum):
    """As what somebody acts. 办理身份。"""

    SELF = "SELF"  # 本人
    GUARDIAN = "GUARDIAN"  # 监护人
    FAMILY = "FAMILY"  # 近亲属
    PROXY = "PROXY"  # 委托代理人
    STAFF = "STAFF"  # 工作人员


@dataclass(frozen=True)
class Terms:
    """Who besides guardians and staff may do something for a person: proxies of an `area`, confirmed `family`."""

    area: str | None = None
    family: bool = False


@dataclass(frozen=True)
class Stated:
    """How it was asked for, as the caller says; `at` is where in the input that stands, evidence is `needed` or not."""

    channel: Channel | None = None
    evidence_kind: EvidenceKind | None = None
    evidence: str | None = None
    at: str = ""
    needed: bool = False


@dataclass(frozen=True)
class Acting:
    """Somebody for whom something is done, and as what the viewer does it."""

    person: Person
    capacity: Capacity
    channel: Channel
    evidence_kind: EvidenceKind | None = None
    evidence: str | None = None

    @property
    def own(self) -> bool:
        """Whether the person acts through the app, or whoever stands in the person's place does."""
        return self.capacity is not Capacity.STAFF


async def capacity_of(viewer: Viewer, person_id: UUID, terms: Terms) -> Capacity | None:
    """As what the viewer acts for a person without being staff; None where only a permission could allow it."""
    if viewer.person_id == person_id:
        return Capacity.SELF
    if person_id in viewer.acts.wards:
        return Capacity.GUARDIAN
    if person_id in viewer.acts.within(terms.area):
        return Capacity.PROXY
    if terms.family and viewer.own_person is not None and await _are_kin(viewer.own_person, person_id):
        return Capacity.FAMILY
    return None


async def _are_kin(one: UUID, other: UUID) -> bool:
    """Whether it is confirmed that two are next of kin; it does not matter who was stated to be the other's."""
    ends = Q(person_id=one, relative_id=other) | Q(person_id=other, relative_id=one)
    kin = PersonRelation.filter(ends & valid_now(), kind=PersonRelationKind.NEXT_OF_KIN.value)
    return await kin.filter(state=PersonRelationState.CONFIRMED.value, person__erased_at=None).exists()


def acting(person: Person, capacity: Capacity, stated: Stated) -> Acting:
    """Judge how something was asked for; a person's own channel is the app, that of staff the counter unless said.

    Raises ValidationError (CHANNEL, REQUIRED, TEXT).
    """
    problems = tuple(_problems(capacity, stated))
    if problems:
        raise ValidationError(*problems)
    usual = Channel.COUNTER if capacity is Capacity.STAFF else Channel.APP
    said = (stated.evidence or "").strip() or None
    return Acting(person, capacity, stated.channel or usual, stated.evidence_kind, said)


def _problems(capacity: Capacity, stated: Stated) -> Iterator[FieldProblem]:
    staff = capacity is Capacity.STAFF
    if stated.channel is not None and staff is (stated.channel is Channel.APP):
        message = text("A person asks through the app, staff record what was asked elsewhere")
        yield FieldProblem(f"{stated.at}channel", "CHANNEL", message)
    if staff and stated.needed and stated.evidence_kind is None:
        yield FieldProblem(f"{stated.at}evidenceKind", "REQUIRED", text("Say what shows that the person asked for it"))
    said = (stated.evidence or "").strip()
    if len(said) > EVIDENCE_LENGTH or (staff and stated.needed and not said):
        message = text("A text of 1 to {most} characters is expected", most=EVIDENCE_LENGTH)
        yield FieldProblem(f"{stated.at}evidence", "TEXT", message)


async def tell(done: Acting, action: str, subject_type: str, subject_id: UUID) -> None:
    """Tell the person what was done to which record, in the open unit of work; nothing of what one did oneself."""
    account_id = current_unit().actor_id
    if done.capacity is Capacity.SELF or account_id is None:
        return
    kind = None if done.evidence_kind is None else done.evidence_kind.value
    told = await ActedFor.create(
        person_id=done.person.id,
        account_id=account_id,
        capacity=done.capacity.value,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        channel=done.channel.value,
        evidence_kind=kind,
        evidence=done.evidence,
        at=clock.now(),
    )
    payload = ActedForTold(
        person_id=done.person.id,
        capacity=told.capacity,
        action=action,
        subject_id=subject_id,
        channel=told.channel,
        evidence_kind=kind,
        evidence=done.evidence,
    )
    await events.append(ACTED, ACTED_FOR, told.id, payload, org_id=await place_of(done.person))


async def place_of(person: Person) -> UUID | None:
    """Where something about a person is told: at home, else at work, else at the root."""
    place = person.habitual_residence_id or person.registered_residence_id or person.employer_id
    return place or (await OrgNode.get(parent_id=None, valid_to=None)).id
