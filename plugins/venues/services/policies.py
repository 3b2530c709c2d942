"""Setting the opening terms of a venue. 场所开放办法维护。"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from uuid import UUID

from linli.core import clock
from linli.core.access import duties
from linli.core.access.viewer import Viewer
from linli.core.districts import District
from linli.core.errors import FieldProblem, ForbiddenError, InvalidTransitionError, text
from linli.core.records import events

from ..events import POLICY, POLICY_PROPOSED, POLICY_SET, PolicyPayload
from ..models import Policy, Venue
from ..permissions import POLICY_APPROVE, POLICY_WRITE
from ..quota_terms import MOST_BOOKINGS, MOST_MINUTES
from ..rules import AgreementFloor, QuotaUnit, check_override
from ..settings import VenueSettings
from ..terms import Terms, policy_of
from .access import manages, proposes
from .opening import SECTION
from .records import check_version, refuse, venue_to_book, visible, write

MOST_PARTS = 100


async def set_policy(district: District, viewer: Viewer, *, venue_id: UUID, terms: Terms) -> Policy:
    """State the opening terms of a venue as a new version; those of a community wait for its secretary's approval.

    Raises NotFoundError, ForbiddenError, ValidationError, FEE_NOT_ALLOWED for a fee for residents on days off,
    BELOW_AGREEMENT_FLOOR for less access on days off than was promised.
    """
    venue = await venue_to_book(district, viewer, venue_id)
    in_force = manages(viewer, POLICY_WRITE, venue.owner)
    if not in_force and not proposes(viewer, venue.owner):
        raise ForbiddenError(text("You may not do this here"), details={"permission": POLICY_WRITE})
    _check(district.settings_of(SECTION, VenueSettings), terms, venue)
    last = await Policy.filter(venue_id=venue.id).order_by("-number").first()
    policy = await Policy.create(
        venue_id=venue.id,
        number=last.number + 1 if last else 1,
        terms=terms.model_dump(mode="json"),
        proposed_by=viewer.account_id,
        approved_at=clock.now() if in_force else None,
        approved_by=viewer.account_id if in_force else None,
    )
    await _tell(policy, venue)
    return policy


async def approve_policy(
    district: District, viewer: Viewer, *, policy_id: UUID, expected_version: int | None = None
) -> Policy:
    """Put proposed terms in force; somebody else than the proposer decides.

    Raises NotFoundError, ForbiddenError, ConflictError, SELF_VERIFICATION, INVALID_TRANSITION for terms that are in
    force already or older than those that are.
    """
    policy = await visible(district, viewer, Policy, policy_id, "policyId", "venue__owner")
    if not viewer.may(POLICY_APPROVE, policy.venue.owner.path):
        raise ForbiddenError(text("You may not do this here"), details={"permission": POLICY_APPROVE})
    check_version(policy, expected_version)
    message = text("One's own proposal is for somebody else to decide", domain="venues")
    await duties.require_other(
        viewer, policy.id, POLICY_PROPOSED, accounts=[policy.proposed_by], message=message, plugin="venues"
    )
    await _check_newest(policy)
    await write(policy, approved_at=clock.now(), approved_by=viewer.account_id)
    await _tell(policy, policy.venue)
    return policy


async def _check_newest(policy: Policy) -> None:
    newer = Policy.filter(venue_id=policy.venue_id, number__gte=policy.number, approved_at__isnull=False)
    if await newer.exists():
        message = text("These terms are in force already, or newer ones are", domain="venues")
        raise InvalidTransitionError(message, plugin="venues")


def _check(settings: VenueSettings, terms: Terms, venue: Venue) -> None:
    refuse([*_problems(terms), *_quota_problems(terms, venue)])
    check_override(policy_of(settings, terms), AgreementFloor())


def _problems(terms: Terms) -> Iterator[FieldProblem]:
    for name in ("extra_tiers", "blackouts", "fees", "quotas"):
        if len(getattr(terms, name) or ()) > MOST_PARTS:
            path = "extraTiers" if name == "extra_tiers" else name
            yield FieldProblem(path, "TOO_MANY", text("At most {limit} of these", domain="venues", limit=MOST_PARTS))
    for index, one in enumerate(terms.blackouts):
        if one.end <= one.start:
            message = text("A blackout must end after it starts", domain="venues")
            yield FieldProblem(f"blackouts.{index}.end", "END_NOT_AFTER_START", message)
        if one.valid_from is not None and one.valid_to is not None and one.valid_to <= one.valid_from:
            message = text("A blackout must end after it starts", domain="venues")
            yield FieldProblem(f"blackouts.{index}.validTo", "END_NOT_AFTER_START", message)
        yield from _empty_parts(f"blackouts.{index}", weekdays=one.weekdays, windows=one.windows)


def _empty_parts(path: str, **parts: Sequence[StrEnum]) -> Iterator[FieldProblem]:
    for name, values in parts.items():
        if not values:
            yield FieldProblem(f"{path}.{name}", "EMPTY", text("Name at least one, or leave it out", domain="venues"))


def _quota_problems(terms: Terms, venue: Venue) -> Iterator[FieldProblem]:
    shortest = max(venue.granularity_minutes, venue.min_minutes or 0)
    for index, one in enumerate(terms.quotas or ()):
        lowest, highest = (1, MOST_BOOKINGS) if one.unit is QuotaUnit.BOOKINGS else (shortest, MOST_MINUTES)
        if not lowest <= one.limit <= highest:
            message = text("Between {lowest} and {highest}", domain="venues", lowest=lowest, highest=highest)
            yield FieldProblem(f"quotas.{index}.limit", "OUT_OF_RANGE", message)
        yield from _empty_parts(f"quotas.{index}", windows=one.windows)


async def _tell(policy: Policy, venue: Venue) -> None:
    event = POLICY_SET if policy.approved_at else POLICY_PROPOSED
    payload = PolicyPayload(venue_id=venue.id, number=policy.number, terms=policy.terms)
    await events.append(event, POLICY, policy.id, payload, org_id=venue.owner_id)
