"""Giving, withdrawing and asking for consent; what writes runs in a unit of work. 同意与撤回。"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from uuid import UUID

from .. import clock
from ..access.on_behalf import Acting, Capacity, Channel
from ..access.viewer import Viewer
from ..errors import (
    ConflictError,
    FieldProblem,
    InvalidTransitionError,
    RejectedError,
    ValidationError,
    invalid,
    text,
)
from ..files.attaching import attach, lapse
from ..people.living import held_living
from ..people.models import Person
from ..people.relation_rules import CHILD, Majority
from ..records import events
from ..records.unit_of_work import current_unit
from .event_types import CONSENT, CONSENT_GIVEN, CONSENT_WITHDRAWN, ConsentPayload
from .file_purposes import CONSENT_EVIDENCE
from .models import DOCUMENT_LENGTH, EVIDENCE_LENGTH, Consent


class Basis(StrEnum):
    """Why data may be used (PIPL art. 13). 处理依据。"""

    CONSENT = "CONSENT"  # 同意
    STATUTORY_DUTY = "STATUTORY_DUTY"  # 法定职责


class ConsentRequiredError(RejectedError):
    """The person has not agreed to this use of the data."""

    code = "CONSENT_REQUIRED"


@dataclass(frozen=True)
class Word:
    """What somebody said, as it is known: by the person, in the APP, or through staff, who state the evidence."""

    own: bool
    channel: Channel
    evidence: str | None = None
    basis: Basis = Basis.CONSENT
    document: str | None = None

    def check(self) -> None:
        """Raise ValidationError with everything that is missing or does not go together."""
        problems = tuple(self._problems())
        if problems:
            raise ValidationError(*problems)

    def _problems(self) -> Iterator[FieldProblem]:
        if self.own is not (self.channel is Channel.APP):
            message = text("A person agrees through the app, staff record what was said elsewhere")
            yield FieldProblem("channel", "CHANNEL", message)
        if self.own and self.basis is not Basis.CONSENT:
            yield FieldProblem("basis", "BASIS", text("A person can give consent alone"))
        needs = (self.basis is Basis.STATUTORY_DUTY, "document", self.document, DOCUMENT_LENGTH)
        proof = (not self.own and self.basis is Basis.CONSENT, "evidence", self.evidence, EVIDENCE_LENGTH)
        for needed, name, given, most in (needs, proof):
            found = (given or "").strip()
            if (needed and not found) or len(found) > most:
                yield FieldProblem(name, "TEXT", text("A text of 1 to {most} characters is expected", most=most))


def check_of_age(acting: Acting, basis: Basis, majority: Majority) -> None:
    """Raise GUARDIAN_CONSENT_REQUIRED where a child under 14 would agree without a guardian (PIPL art. 31)."""
    born = acting.person.birth_date
    agreed = basis is Basis.CONSENT and acting.capacity in (Capacity.SELF, Capacity.PROXY)
    if agreed and born is not None and majority.age(born) < CHILD:
        told = text("For a child under 14 a guardian agrees")
        raise RejectedError(told, code="GUARDIAN_CONSENT_REQUIRED", path=("personId",))


def check_purpose(known: Collection[str], purpose: str) -> None:
    """Raise ValidationError, with the nearest name, for a purpose that nobody registered here."""
    if purpose not in known:
        near = get_close_matches(purpose, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise invalid("purpose", "UNKNOWN", "There is no purpose {purpose}{hint}", purpose=purpose, hint=hint)


async def give_consent(person: Person, purpose: str, word: Word) -> Consent:
    """Note that a person's data may be used for a purpose. ConflictError where that is noted already."""
    word.check()
    # the row is locked until the commit: of two at once the second one waits, and finds the first
    await held_living(person.id)
    known = await Consent.filter(person_id=person.id, purpose=purpose, withdrawn_at=None).first()
    if known is not None:
        raise ConflictError(text("This consent is given already"), current=known, path=("purpose",))
    consent = await Consent.create(
        person_id=person.id,
        purpose=purpose,
        basis=word.basis.value,
        channel=word.channel.value,
        evidence=word.evidence,
        document=word.document,
        given_at=clock.now(),
        given_by=current_unit().actor_id,
    )
    await _tell(consent, person, word, given=True)
    return consent


async def attach_evidence(viewer: Viewer, consent: Consent, person: Person, file_ids: Sequence[UUID]) -> None:
    """Let scans of what somebody signed belong to a consent. Raises what `attach` raises."""
    await attach(
        viewer,
        file_ids,
        CONSENT_EVIDENCE,
        consent,
        org_id=_place(person),
        person_id=person.id,
        path="evidenceFileIds",
    )


async def withdraw_consent(consent: Consent, person: Person, word: Word) -> Consent:
    """Withdraw a consent, as easily as it was given (PIPL art. 15). InvalidTransitionError where there is none left."""
    word.check()
    if consent.withdrawn_at is not None:
        raise InvalidTransitionError(text("This consent is withdrawn already"), path=("consentId",))
    if word.own and consent.basis != Basis.CONSENT:
        raise InvalidTransitionError(text("This rests on a statutory duty, not on consent"), path=("consentId",))
    now = clock.now()
    changed = {
        "withdrawn_at": now,
        "withdrawn_by": current_unit().actor_id,
        "withdrawn_evidence": word.evidence,
        "version": consent.version + 1,
        "updated_at": now,
    }
    if not await Consent.filter(id=consent.id, version=consent.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=consent, path=("consentId",))
    consent.update_from_dict(changed)
    await lapse([consent.id])
    await _tell(consent, person, word, given=False)
    return consent


async def has_consent(person_id: UUID, purpose: str) -> bool:
    """Whether a person's data may be used for a purpose now."""
    return await Consent.filter(person_id=person_id, purpose=purpose, withdrawn_at=None).exists()


async def require_consent(person_id: UUID, purpose: str) -> None:
    """Raise ConsentRequiredError unless the person's data may be used for this purpose."""
    if not await has_consent(person_id, purpose):
        message = text("The person has not agreed to this use of personal data")
        raise ConsentRequiredError(message, details={"purpose": purpose})


async def _tell(consent: Consent, person: Person, word: Word, *, given: bool) -> None:
    told = ConsentPayload(
        person_id=person.id,
        purpose=consent.purpose,
        basis=consent.basis,
        channel=word.channel.value,
        document=consent.document,
        evidence=word.evidence,
    )
    kind = CONSENT_GIVEN if given else CONSENT_WITHDRAWN
    await events.append(kind, CONSENT, consent.id, told, org_id=_place(person))


def _place(person: Person) -> UUID | None:
    return person.habitual_residence_id or person.registered_residence_id or person.employer_id
