"""What core's own tables keep of a person. 核心个人信息清单。"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tortoise.expressions import Q, Subquery

from .. import clock
from ..access.acted_for_models import ActedFor
from ..access.models import Account, AccountSession, Grant, Identity, PersonClaim, SecondFactor, Token
from ..errors import text
from ..files.attaching import BLANK, discard_all
from ..files.models import File
from ..files.purposes import FileState
from ..inbox.models import ChannelChoice, Notification
from ..people.document_models import IdentityDocument
from ..people.merge_models import MergeState, PersonMerge
from ..people.models import Person, Post
from ..people.relation_models import PersonRelation
from ..people.relation_rules import PersonRelationState
from ..records import person_keys
from ..records.models import Event, Request
from ..records.provenance import wordless
from ..registry.models import Household, HouseholdMember, Premises, Tenure
from ..sheet_imports.models import SheetEntry
from .holdings import Erasure, Holding, Kept, erase_rows
from .models import Consent, PersonRequest
from .sheets import erase_sheets

if TYPE_CHECKING:
    from ..districts import District

ERASED_NAME = "已删除"
ERASED_KEYS = ("yishanchu 已删除", "ysc")
"""Written out: reading Chinese takes a dictionary of 40 MB, which a process that writes no name does without."""
_WORDS = {"provenance": wordless}
"""Of each source what it is stays, and the words about it go."""
_RELATIONS = text("By which relation somebody acted must stay provable; the row names nobody any more")


def _of_accounts(person_id: UUID) -> Q:
    return Q(account_id__in=Subquery(Account.filter(person_id=person_id).values("id")))


def _homes(person_id: UUID) -> Q:
    """The premises that a person holds or held, or lives or lived in."""
    held = Subquery(Tenure.filter(person_id=person_id).values("premises_id"))
    lived = Subquery(HouseholdMember.filter(person_id=person_id).values("household__premises_id"))
    return Q(Q(id__in=held), Q(id__in=lived), join_type=Q.OR)


def _households(person_id: UUID) -> Q:
    return Q(id__in=Subquery(HouseholdMember.filter(person_id=person_id).values("household_id")))


def _waiting_of_accounts(person_id: UUID) -> Q:
    return Q(_of_accounts(person_id), state=FileState.PENDING.value)


HOLDINGS = (
    Holding(
        Person,
        "id",
        blank={
            "name": ERASED_NAME,
            "name_key": ERASED_KEYS[0],
            "name_initials": ERASED_KEYS[1],
            "gender": None,
            "birth_date": None,
            "id_number": None,
            "id_number_index": None,
            "id_number_tail": None,
            "phone": None,
            "phone_index": None,
            "phone_tail": None,
            "party_status": None,
            "registered_residence_id": None,
            "habitual_residence_id": None,
            "employer_id": None,
            **_WORDS,
        },
        withheld=frozenset(
            {"name_key", "name_initials", "id_number_index", "id_number_tail", "phone_index", "phone_tail"}
        ),
    ),
    Holding(
        Post,
        kept=text("Who held a post is part of the organisation's history; the row names nobody any more"),
    ),
    Holding(
        Tenure,
        blank={"evidence": None, **_WORDS},
        kept=text("Who held premises counts for others' shares and for past votes; the row names nobody any more"),
    ),
    Holding(
        HouseholdMember,
        blank=_WORDS,
        kept=text("How many lived in a home is part of its history; the row names nobody any more"),
    ),
    Holding(Household, _households),
    Holding(
        Premises,
        _homes,
        withheld=frozenset({"address_index"}),
        kept=text("A home stays where it is; nothing leads from it to the person any more"),
    ),
    Holding(Account, blank={"password_hash": None}, withheld=frozenset({"password_hash"})),
    Holding(
        Grant,
        "account__person_id",
        kept=text("Which powers an account had must stay provable; the row names nobody any more"),
    ),
    Holding(AccountSession, _of_accounts, blank={"network": "", "agent": ""}),
    Holding(
        Identity, _of_accounts, blank={"subject": None, "subject_index": None}, withheld=frozenset({"subject_index"})
    ),
    Holding(SecondFactor, _of_accounts, blank={"secret": None}, withheld=frozenset({"secret"})),
    Holding(
        PersonClaim,
        blank={"reason": None},
        kept=text("Who decided on a claim must stay provable; the row names nobody any more"),
    ),
    Holding(Token, "account__person_id", withheld=frozenset({"digest"})),
    Holding(Request, _of_accounts, blank={"refusal": None}, withheld=frozenset({"body_hash"})),
    Holding(File, blank=BLANK, withheld=frozenset({"secret"})),
    Holding(File, _waiting_of_accounts, blank=BLANK, withheld=frozenset({"secret"})),
    Holding(
        Consent,
        blank={"evidence": None, "withdrawn_evidence": None},
        kept=text("That a consent was given and withdrawn must stay provable (PIPL art. 14 and 15)"),
    ),
    Holding(
        PersonRelation,
        blank={"claim_evidence": None, "decision_evidence": None},
        kept=_RELATIONS,
    ),
    Holding(
        PersonRelation,
        "relative_id",
        blank={"claim_evidence": None, "decision_evidence": None},
        kept=_RELATIONS,
    ),
    *(
        Holding(
            PersonMerge,
            end,
            blank={"reason": None, "answer": None, "before": None},
            kept=text("That two records were held to be one person must stay provable; the row names nobody any more"),
        )
        for end in ("kept_id", "merged_id")
    ),
    Holding(
        IdentityDocument,
        blank={"number": None, "number_index": None, "country": None, "valid_until": None, **_WORDS},
        withheld=frozenset({"number_index"}),
    ),
    Holding(
        ActedFor,
        blank={"evidence": None},
        kept=text("Who acted for somebody must stay provable; the row names nobody any more"),
    ),
    Holding(Notification, blank={"params": None}),
    Holding(ChannelChoice),
    Holding(
        SheetEntry,
        blank={"before": None},
        kept=text("Which row of a sheet wrote a record is needed to take the sheet back; the values are gone"),
    ),
    Holding(
        PersonRequest,
        blank={"reason": None, "changes": None, "answer": None},
        kept=text("That a request was made and what came of it must stay provable (PIPL art. 50)"),
    ),
)


async def erase(district: District, person_id: UUID) -> Erasure:
    """Make empty what core keeps of a person, close the accounts, and destroy the person's key; in a unit of work."""
    await _close_accounts(person_id)
    now = clock.now()
    await Post.filter(Q(valid_to=None) | Q(valid_to__gt=now), person_id=person_id).update(valid_to=now)
    for model in (Tenure, HouseholdMember):
        await model.filter(Q(valid_to=None) | Q(valid_to__gt=now), person_id=person_id).update(valid_to=now)
    await Consent.filter(person_id=person_id, withdrawn_at=None).update(withdrawn_at=now)
    await _end_relations(person_id)
    proposed = PersonMerge.filter(Q(kept_id=person_id) | Q(merged_id=person_id), state=MergeState.PROPOSED.value)
    await proposed.update(state=MergeState.REFUSED.value, decided_at=now)
    await IdentityDocument.filter(person_id=person_id, ended_at=None).update(ended_at=now, counts=None)
    await discard_all(district, Q(Q(person_id=person_id), _waiting_of_accounts(person_id), join_type=Q.OR), "ERASED")
    await erase_sheets(district, person_id)
    done = await erase_rows(HOLDINGS, person_id)
    await Person.filter(id=person_id).update(erased_at=now)
    await person_keys.destroy(person_id)
    reason = text(
        "The chain of events shows what the administration did; the person's values in it can no longer be read"
        " (Cybersecurity Law art. 21)"
    )
    events = Kept("core_event", await Event.filter(subject_id=person_id).count(), reason)
    return Erasure(done.erased, (*done.kept, events))


async def _end_relations(person_id: UUID) -> None:
    """Nobody acts for an erased person, and the person for nobody."""
    now = clock.now()
    ends, over = Q(person_id=person_id) | Q(relative_id=person_id), Q(valid_to=None) | Q(valid_to__gt=now)
    standing = [PersonRelationState.CLAIMED.value, PersonRelationState.CONFIRMED.value]
    ended = {"state": PersonRelationState.ENDED.value, "ended_at": now}
    rows = PersonRelation.filter(ends, state__in=standing)
    await rows.filter(over).update(valid_to=now)
    await rows.update(**ended)


async def _close_accounts(person_id: UUID) -> None:
    """Nobody signs in any more as this person; user names may tell who it was."""
    now = clock.now()
    for account in await Account.filter(person_id=person_id):
        closed = {"username": f"erased-{account.id}", "disabled_at": account.disabled_at or now}
        await Account.filter(id=account.id).update(**closed)
        await Token.filter(account_id=account.id, revoked_at=None).update(revoked_at=now)
        await AccountSession.filter(account_id=account.id, ended_at=None).update(ended_at=now)
        await Identity.filter(account_id=account.id, unbound_at=None).update(unbound_at=now)
        await SecondFactor.filter(account_id=account.id, disabled_at=None).update(disabled_at=now)
        await Grant.filter(Q(valid_to=None) | Q(valid_to__gt=now), account_id=account.id).update(valid_to=now)
