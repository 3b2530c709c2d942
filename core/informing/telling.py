"""Telling people what others did about them: acted for them, gave them roles, confirmed who they are. 告知本人。"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from ..access.acted_for_events import ACTED, ACTED_FOR, ActedForTold
from ..access.event_types import CLAIM, CLAIM_APPROVED, GRANT, GRANT_GIVEN, GRANT_REVOKED, ClaimDecided, GrantGiven
from ..access.models import Account
from ..deliveries.handlers import EventHandler
from ..errors import text
from ..graph.models import OrgNode
from ..inbox.kinds import NoticeKind
from ..inbox.notifying import About, notify
from ..records.classes import FieldClass
from ..records.models import Event

if TYPE_CHECKING:
    from ..districts import District

ACTED_KIND = NoticeKind(
    "core.acted_for",
    text("Somebody acted for you"),
    text("Something was done for you or your ward. Look at who did it, and tell the community if it is wrong."),
    classed=FieldClass.INTERNAL,
    may_turn_off=False,
)
GIVEN_KIND = NoticeKind(
    "core.role_given", text("You were given a role"), text("You have the role {role} at {org}."), may_turn_off=True
)
REVOKED_KIND = NoticeKind(
    "core.role_revoked",
    text("A role was taken back"),
    text("You no longer have the role {role} at {org}."),
    may_turn_off=True,
)
CLAIMED_KIND = NoticeKind(
    "core.account_confirmed",
    text("An account is yours"),
    text("The account {username} now speaks for you. Tell the community if it is not yours."),
    may_turn_off=False,
)

NOTICE_KINDS = (ACTED_KIND, GIVEN_KIND, REVOKED_KIND, CLAIMED_KIND)


async def _acted(_district: District, event: Event, payload: ActedForTold) -> None:
    await notify(payload.person_id, ACTED_KIND, About(ACTED_FOR, event.subject_id, event.org_id))


async def _granted(_district: District, event: Event, payload: GrantGiven) -> None:
    """Whoever has the account is told, but not of what that person did."""
    person_id = await _person_of(payload.account_id)
    if person_id is None or (event.actor_id is not None and await _person_of(event.actor_id) == person_id):
        return
    kind = GIVEN_KIND if event.type == GRANT_GIVEN.name else REVOKED_KIND
    org = await OrgNode.get(id=payload.org_id)
    about = About(GRANT, event.subject_id, payload.org_id)
    await notify(person_id, kind, about, {"role": payload.role, "org": org.name})


async def _claimed(_district: District, event: Event, payload: ClaimDecided) -> None:
    account = await Account.get(id=payload.account_id)
    about = About(CLAIM, event.subject_id, event.org_id)
    await notify(payload.person_id, CLAIMED_KIND, about, {"username": account.username})


async def _person_of(account_id: UUID) -> UUID | None:
    account = await Account.get_or_none(id=account_id)
    return None if account is None else account.person_id


HANDLERS = (
    EventHandler("core.tell_acted_for", {ACTED.name: 1}, _acted, "Tells whom somebody acted for. 告知代办。"),
    EventHandler(
        "core.tell_roles",
        {GRANT_GIVEN.name: 1, GRANT_REVOKED.name: 1},
        _granted,
        "Tells whoever got or lost a role. 告知授权变更。",
    ),
    EventHandler("core.tell_claims", {CLAIM_APPROVED.name: 1}, _claimed, "Tells whose account it is. 告知认领。"),
)
