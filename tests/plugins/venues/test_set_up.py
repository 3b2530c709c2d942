"""Setting venues up: their values, the owner's hours, the terms, the log of use."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest

from linli.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidTransitionError,
    NotFoundError,
    RejectedError,
    ValidationError,
)
from linli.core.graph.models import OrgNode
from linli.core.records.record import new_id
from linli.core.records.unit_of_work import transact
from linli.plugins.venues import services
from linli.plugins.venues.models import Policy, UnitWorkHours
from linli.plugins.venues.rules import GivenRange, Tier, VenueKind, Weekday, WindowKind
from linli.plugins.venues.terms import BlackoutTerms, ExtraTier, FeeTerms, Terms
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

WEDNESDAY, SATURDAY = "2026-03-11", "2026-03-14"


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({"name": "  "}, ["name"]),
        ({"capacity": 0, "units": 1001}, ["capacity", "units"]),
        ({"open_from": 600, "open_to": 600}, ["openTo"]),
        ({"granularity_minutes": 241}, ["granularityMinutes"]),
        ({"min_minutes": 60, "max_minutes": 30}, ["maxMinutes"]),
        ({"buffer_before_minutes": -1}, ["bufferBeforeMinutes"]),
    ],
)
async def test_impossible_venues_are_refused_with_every_problem(
    scene: Scene, values: dict[str, Any], paths: list[str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        await scene.add_venue(**values)
    assert [one.path for one in refused.value.problems] == paths


async def test_a_venue_belongs_to_what_exists_and_lies_in_a_community(scene: Scene) -> None:
    async def end(_unit: object) -> None:
        await OrgNode.filter(id=scene.tree.unit.id).update(valid_to=scene.clock.now())

    ends = {"owner_id": scene.tree.unit.id, "community_id": scene.tree.street.id}
    with scene.district.scope():
        await transact(end)
    admin = scene.viewer(role="district-admin")
    with pytest.raises(ValidationError) as refused:
        await scene.do(
            services.create_venue, admin, services.VenueValues(name="x", kind=VenueKind.OTHER, capacity=1), **ends
        )
    assert [(one.path, one.code) for one in refused.value.problems] == [
        ("ownerId", "ORG_ENDED"),
        ("communityId", "NOT_A_COMMUNITY"),
    ]


async def test_a_venues_id_is_given_once(scene: Scene) -> None:
    values = services.VenueValues(name="示例棋牌室", kind=VenueKind.OTHER, capacity=4)
    ends = {"owner_id": scene.tree.unit.id, "community_id": scene.tree.community.id, "venue_id": new_id()}
    await scene.do(services.create_venue, scene.owner, values, **ends)
    with pytest.raises(ConflictError):
        await scene.do(services.create_venue, scene.owner, values, **ends)


async def test_later_hours_take_over_on_their_day(scene: Scene) -> None:
    ranges = [GivenRange(Weekday.WEDNESDAY, 8 * 60, 12 * 60)]
    stated = {"unit_id": scene.tree.unit.id, "ranges": ranges}
    await scene.do(services.set_work_hours, scene.owner, **stated, valid_from=date(2026, 3, 11))
    afternoon = await scene.book(scene.tree.partner_staff, WEDNESDAY, "14:00", "15:00")
    assert afternoon.window == "AFTER_HOURS"
    with pytest.raises(RejectedError):
        await scene.book(scene.tree.partner_staff, "2026-03-10", "14:00", "15:00")


async def test_hours_of_one_day_are_replaced_and_today_is_meant_where_no_day_is_named(scene: Scene) -> None:
    morning, evening = GivenRange(Weekday.MONDAY, 480, 720), GivenRange(Weekday.MONDAY, 780, 1080)
    for ranges in ([morning], [morning, evening]):
        row = await scene.do(services.set_work_hours, scene.owner, unit_id=scene.tree.unit.id, ranges=ranges)
    assert (row.valid_from, row.version, len(row.ranges)) == (date(2026, 3, 9), 2, 2)
    with scene.district.scope():
        assert await UnitWorkHours.filter(valid_from=date(2026, 3, 9)).count() == 1


async def test_hours_that_make_no_sense_and_hours_of_others_are_refused(scene: Scene) -> None:
    stated = {"unit_id": scene.tree.unit.id}
    with pytest.raises(ValidationError) as refused:
        ranges = [GivenRange(Weekday.MONDAY, 720, 480)]
        await scene.do(services.set_work_hours, scene.owner, **stated, ranges=ranges)
    assert [one.path for one in refused.value.problems] == ["ranges.0.end"]
    with pytest.raises(ValidationError):
        many = [GivenRange(Weekday.MONDAY, minute, minute + 1) for minute in range(71)]
        await scene.do(services.set_work_hours, scene.owner, **stated, ranges=many)
    with pytest.raises(ForbiddenError):
        viewer = scene.viewer(role="community-staff", at=scene.tree.community)
        await scene.do(services.set_work_hours, viewer, **stated, ranges=[])


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms(blackouts=(BlackoutTerms(start=600, end=600),)), "VALIDATION"),
        (
            Terms(fees=tuple(FeeTerms(window=WindowKind.WORK, tier=Tier.OWN_STAFF, fen=n) for n in range(101))),
            "VALIDATION",
        ),
        (Terms(fees=(FeeTerms(window=WindowKind.OFF, tier=Tier.OWN_STAFF, fen=-1),)), "VALIDATION"),
        (Terms(blackouts=(BlackoutTerms(start=0, end=60, windows=(WindowKind.OFF,)),)), "BELOW_AGREEMENT_FLOOR"),
    ],
    ids=["empty blackout", "too many", "negative fee", "days off"],
)
async def test_terms_that_break_the_rule_are_refused(scene: Scene, terms: Terms, code: str) -> None:
    with pytest.raises(RejectedError) as refused:
        await scene.do(services.set_policy, scene.owner, venue_id=scene.venue.id, terms=terms)
    assert refused.value.code == code


async def test_terms_open_windows_to_more_people_for_a_fee_and_close_hours(scene: Scene) -> None:
    terms = Terms(
        extra_tiers=(ExtraTier(window=WindowKind.AFTER_HOURS, tier=Tier.RESIDENT),),
        fees=(FeeTerms(window=WindowKind.AFTER_HOURS, tier=Tier.RESIDENT, fen=500),),
        blackouts=(BlackoutTerms(start=20 * 60, end=22 * 60, weekdays=(Weekday.WEDNESDAY,)),),
    )
    policy = await scene.do(services.set_policy, scene.owner, venue_id=scene.venue.id, terms=terms)
    assert (policy.number, policy.approved_at) == (1, scene.clock.now())
    booking = await scene.book(scene.tree.resident, WEDNESDAY, "19:00", "20:00")
    assert (booking.fee, booking.window) == (500, "AFTER_HOURS")
    with pytest.raises(RejectedError) as refused:
        await scene.book(scene.tree.resident, WEDNESDAY, "20:00", "21:00")
    assert refused.value.code == "VENUE_CLOSED"


async def test_proposed_terms_change_nothing_until_somebody_else_approves_them(scene: Scene) -> None:
    staff = scene.viewer(role="community-staff", at=scene.tree.community)
    scene.venue = await scene.add_venue(scene.tree.community, staff, name="示例活动室")
    terms = Terms(extra_tiers=(ExtraTier(window=WindowKind.WORK, tier=Tier.RESIDENT),))
    first, second = [await scene.do(services.set_policy, staff, venue_id=scene.venue.id, terms=terms) for _ in range(2)]
    assert (first.number, second.number, second.approved_at) == (1, 2, None)
    with pytest.raises(RejectedError):
        await scene.book(scene.tree.resident, WEDNESDAY, "10:00", "11:00")
    secretary = scene.viewer(role="community-secretary", at=scene.tree.community)
    with pytest.raises(ConflictError):
        await scene.do(services.approve_policy, secretary, policy_id=second.id, expected_version=7)
    await scene.do(services.approve_policy, secretary, policy_id=second.id, expected_version=1)
    assert (await scene.book(scene.tree.resident, WEDNESDAY, "10:00", "11:00")).policy_version.startswith("2-")
    with pytest.raises(InvalidTransitionError):
        await scene.do(services.approve_policy, secretary, policy_id=first.id)


async def test_nobody_approves_the_terms_that_they_proposed(scene: Scene) -> None:
    staff = scene.viewer(role="community-staff", at=scene.tree.community)
    venue = await scene.add_venue(scene.tree.community, staff, name="示例活动室")
    secretary = scene.viewer(role="community-secretary", at=scene.tree.community)

    async def propose(_unit: object) -> Policy:
        return await Policy.create(venue_id=venue.id, number=1, terms={}, proposed_by=secretary.account_id)

    with scene.district.scope():
        policy = await transact(propose)
    with pytest.raises(RejectedError) as refused:
        await scene.do(services.approve_policy, secretary, policy_id=policy.id)
    assert refused.value.code == "SELF_VERIFICATION"
    with pytest.raises(ForbiddenError):
        await scene.do(services.approve_policy, staff, policy_id=policy.id)
    with pytest.raises(NotFoundError):
        await scene.do(services.approve_policy, scene.viewer(scene.tree.resident), policy_id=policy.id)


async def test_residents_state_no_terms(scene: Scene) -> None:
    with pytest.raises(ForbiddenError):
        viewer = scene.viewer(scene.tree.resident)
        await scene.do(services.set_policy, viewer, venue_id=scene.venue.id, terms=Terms())


async def test_a_venue_that_is_not_there_is_not_changed(scene: Scene) -> None:
    with pytest.raises(NotFoundError):
        await scene.do(services.update_venue, scene.owner, uuid.uuid4(), {"units": 2})
