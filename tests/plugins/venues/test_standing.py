"""By which titles people may come: employers, posts, agreements, homes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linli.core.graph import services as graph
from linli.core.graph.models import OrgNode, OrgRelation
from linli.core.people.models import Person, Post
from linli.core.records.unit_of_work import transact
from linli.plugins.venues.models import Venue
from linli.plugins.venues.rules import Standing, Tier
from linli.plugins.venues.services.records import VENUE_ENDS
from linli.plugins.venues.services.standing import standing_of
from linli.plugins.venues.settings import ResidentScope
from tests.plugins.venues.conftest import Scene

pytestmark = pytest.mark.linli(plugins=["venues"])

OWN, PARTNER, RESIDENT = Tier.OWN_STAFF, Tier.PARTNER_STAFF, Tier.RESIDENT


async def standing(
    scene: Scene,
    person: Person,
    scope: ResidentScope = ResidentScope.COMMUNITY,
    *,
    venue: Venue | None = None,
    days: int = 0,
) -> Standing:
    with scene.district.scope():
        loaded = await Venue.filter(id=(venue or scene.venue).id).select_related(*VENUE_ENDS).get()
        person = await Person.get(id=person.id)
        return await standing_of(person, loaded, scene.clock.now() + timedelta(days=days), scope)


async def change(scene: Scene, model: type[Any], where: dict[str, Any], **values: Any) -> None:
    async def work(_unit: object) -> None:
        assert await model.filter(**where).update(**values)

    with scene.district.scope():
        await transact(work)


async def hold_post(scene: Scene, person: Person, org: OrgNode, **span: Any) -> None:
    with scene.district.scope():
        await transact(lambda _unit: Post.create(person_id=person.id, org_id=org.id, kind="STAFF", **span))


async def beneath(scene: Scene, parent: OrgNode, kind: str) -> OrgNode:
    create = graph.create_org
    kinds = scene.district.kinds
    with scene.district.scope():
        return await transact(lambda _unit: create(kinds, kind=kind, name="示例", parent_id=parent.id, valid_from=None))


@pytest.mark.parametrize(
    ("who", "held", "without"),
    [
        ("staff", {OWN}, False),
        ("partner_staff", {PARTNER}, False),
        ("stranger_staff", set(), True),
        ("resident", {RESIDENT}, False),
    ],
)
async def test_the_registry_tells_the_titles(scene: Scene, who: str, held: set[Tier], *, without: bool) -> None:
    found = await standing(scene, getattr(scene.tree, who))
    assert found == Standing(frozenset(held), unit_without_agreement=without)


async def test_one_person_may_hold_several_titles(scene: Scene) -> None:
    await hold_post(scene, scene.tree.resident, scene.tree.unit)
    await change(scene, Person, {"id": scene.tree.resident.id}, employer_id=scene.tree.partner.id)
    assert (await standing(scene, scene.tree.resident)).held == {OWN, PARTNER, RESIDENT}


async def test_staff_of_a_unit_work_for_it_or_beneath_it(scene: Scene) -> None:
    branch = await beneath(scene, scene.tree.unit, "PARTY_ORG")
    await change(scene, Person, {"id": scene.tree.stranger_staff.id}, employer_id=branch.id)
    assert (await standing(scene, scene.tree.stranger_staff)).held == {OWN}


async def test_a_post_counts_while_it_is_held(scene: Scene) -> None:
    now = scene.clock.now()
    await hold_post(scene, scene.tree.neighbour, scene.tree.unit, valid_from=now, valid_to=now + timedelta(days=7))
    assert OWN in (await standing(scene, scene.tree.neighbour)).held
    assert OWN not in (await standing(scene, scene.tree.neighbour, days=-1)).held
    assert OWN not in (await standing(scene, scene.tree.neighbour, days=7)).held


async def test_an_agreement_counts_while_it_is_valid(scene: Scene) -> None:
    end = scene.clock.now() + timedelta(days=7)
    await change(scene, OrgRelation, {"kind": "CO_BUILDS"}, valid_to=end)
    assert (await standing(scene, scene.tree.partner_staff, days=6)).held == {PARTNER}
    lapsed = await standing(scene, scene.tree.partner_staff, days=7)
    assert lapsed == Standing(unit_without_agreement=True)


async def test_an_agreement_of_a_unit_that_has_ended_counts_no_more(scene: Scene) -> None:
    await change(scene, OrgNode, {"id": scene.tree.partner.id}, valid_to=scene.clock.now())
    assert await standing(scene, scene.tree.partner_staff) == Standing()


async def test_whoever_is_registered_in_the_community_is_a_resident_wherever_they_live(scene: Scene) -> None:
    await change(scene, Person, {"id": scene.tree.stranger_staff.id}, registered_residence_id=scene.tree.grid.id)
    assert (await standing(scene, scene.tree.stranger_staff)).held == {RESIDENT}


@pytest.mark.parametrize(
    ("scope", "community", "street", "elsewhere"),
    [
        (ResidentScope.COMMUNITY, True, False, False),
        (ResidentScope.STREET, True, True, False),
        (ResidentScope.DISTRICT, True, True, True),
    ],
)
async def test_how_far_away_residents_live_is_a_setting(
    scene: Scene, scope: ResidentScope, *, community: bool, street: bool, elsewhere: bool
) -> None:
    near = await beneath(scene, scene.tree.street, "COMMUNITY")
    await change(scene, Person, {"id": scene.tree.neighbour.id}, habitual_residence_id=near.id)
    people = (scene.tree.resident, scene.tree.neighbour, scene.tree.stranger_staff)
    found = [RESIDENT in (await standing(scene, person, scope)).held for person in people]
    assert found == [community, street, elsewhere]


async def test_the_staff_of_a_community_are_its_own_and_not_those_of_units_in_it(scene: Scene) -> None:
    viewer = scene.viewer(role="community-staff", at=scene.tree.community)
    room = await scene.add_venue(scene.tree.community, viewer, name="示例活动室")
    building = await beneath(scene, scene.tree.community, "BUILDING")
    await hold_post(scene, scene.tree.resident, building)
    await change(scene, Person, {"id": scene.tree.neighbour.id}, employer_id=scene.tree.grid.id)
    held = {
        who: OWN in (await standing(scene, getattr(scene.tree, who), venue=room)).held
        for who in ("staff", "resident", "neighbour")
    }
    assert held == {"staff": False, "resident": False, "neighbour": True}
    await hold_post(scene, scene.tree.resident, scene.tree.community)
    assert OWN in (await standing(scene, scene.tree.resident, venue=room)).held
