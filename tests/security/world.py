"""A district in which there is one of everything, and those who ask for it: twelve, and the admin of the unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from linli.core.access.acted_for_models import ActedFor
from linli.core.access.models import Account, AccountSession, Grant, Identity, PersonClaim
from linli.core.access.passwords import hashed
from linli.core.calendar.models import CalendarSchedule
from linli.core.clock import FrozenClock, now
from linli.core.districts import District
from linli.core.errors import text
from linli.core.files.models import File
from linli.core.graph.models import OrgRelation
from linli.core.graph.names import keys
from linli.core.inbox.models import Notification
from linli.core.jobs.models import Job
from linli.core.jobs.sweepers import Sweepers
from linli.core.people.merge_models import PersonMerge
from linli.core.people.models import Person, Post
from linli.core.records.delivery_models import Delivery
from linli.core.records.encrypted import encrypt
from linli.core.records.models import Event
from linli.core.records.record import Record, new_id
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import transact
from linli.core.registry.models import HouseholdMember
from linli.core.sheet_imports import starting
from linli.core.sheet_imports.applying import keep_findings
from linli.core.sheet_imports.models import SheetImport
from linli.core.sheet_imports.words import SheetState
from linli.core.spreadsheets.field import SheetKind
from linli.core.spreadsheets.findings import Finding, Level
from linli.core.webhooks.models import Webhook
from linli.plugins.venues.models import (
    Appeal,
    Booking,
    Closure,
    NoShow,
    Policy,
    Series,
    UnitWorkHours,
    Usage,
    WaitlistEntry,
)
from linli.schema.scalars import global_id, parse_global_id
from linli.schema.testing import Client, Clients, Tree
from tests.plugins.venues.api import at, org, set_up
from tests.schema.files.conftest import picture, upload

VIEWERS = (
    "anonymous",
    "resident",
    "resident of elsewhere",
    "grid officer",
    "another street's official",
    "community staff",
    "street official",
    "district official",
    "district admin",
    "auditor",
    "expired token",
    "revoked grant",
    "unit admin",
)
SECRETS = ("示例丙", "430602195206150011", "13800000021", "当日住院", "示例路9号9栋502", "湘（2026）示例不动产权第9号")
"""What only some may read: the name in full, the reason of an appeal, the evidence of a tenure; the other three, the
address among them, only the resident reads in full."""
OUTLINE = {"type": "Polygon", "coordinates": [[[113.1, 29.3], [113.101, 29.3], [113.101, 29.301], [113.1, 29.3]]]}
PURPOSE = "core.contact"
LATELY, FAR_OFF = datetime(2026, 3, 15, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """Ids of the one record of each type, by type, and a client for each viewer, by name."""

    district: District
    tree: Tree
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    async def keep(self, name: str, row: Record) -> None:
        self.ids[name] = global_id(name, row.id)


async def build(client: Clients, district: District, tree: Tree, clock: FrozenClock) -> World:
    """Everything that is asked for lies in the community, its unit and its grid, and belongs to the resident."""
    world = World(district, tree)
    world.clients = await _viewers(client, world, clock)
    owner, venue = await set_up(client, tree)
    resident = world.clients["resident"]
    boss = world.clients["district admin"]
    world.ids["Venue"] = venue["id"]
    who = global_id("Person", tree.resident.id)
    secret = {"idNumber": SECRETS[1], "phone": SECRETS[2], "registeredResidenceId": org(tree.community)}
    await _do(boss, "updatePerson", id=who, **secret)
    await _do(boss, "assignPost", personId=who, orgId=org(tree.grid), kind="网格员")
    micro_grid = await _do(boss, "createOrg", kind="MICRO_GRID", name="第一微网格", parentId=org(tree.grid))
    await _register(world, who, micro_grid)
    await _do(boss, "setBoundary", id=org(tree.grid), boundary=OUTLINE)
    await _book(resident, venue["id"], "2026-03-15")
    await Sweepers([district]).advance(_instant(district, "2026-03-15 12:00"))
    with district.scope():
        missed = world.ids["missed"] = global_id("Booking", (await Booking.get()).id)
    await _do(resident, "appealNoShow", bookingId=missed, reason=SECRETS[3])
    await _book(resident, venue["id"], "2026-03-22")
    span = {"start": at("2026-03-22", "09:00"), "end": at("2026-03-22", "10:00")}
    world.ids["ended entry"] = await _do(resident, "joinWaitlist", venueId=venue["id"], **span)
    await _do(resident, "leaveWaitlist", entryId=world.ids["ended entry"])
    await _do(resident, "joinWaitlist", venueId=venue["id"], **span)
    days = {"firstDay": "2026-03-28", "lastDay": "2026-03-29", "weekdays": ["SUNDAY"]}
    await _do(resident, "bookSeries", venueId=venue["id"], start="14:00", end="15:00", **days)
    photo = await upload(owner, picture())
    await _do(owner, "addVenuePhotos", venueId=venue["id"], fileIds=[photo.id])
    await _do(owner, "setOpeningPolicy", venueId=venue["id"])
    closed = {"start": at("2026-06-01", "09:00"), "end": at("2026-06-01", "10:00")}
    await _do(owner, "closeVenue", venueId=venue["id"], reason="检修", **closed)
    used = {"date": "2026-03-14", "window": "OFF", "tier": "RESIDENT", "heads": 3}
    await _do(owner, "recordUsage", venueId=venue["id"], **used)
    schedule = {"year": 2026, "papers": ["http://example.test/1"], "days": []}
    await _do(boss, "importCalendar", year=2026, schedule=schedule)
    await _relate(world, who)
    spare = await _do(boss, "createAccount", username="spare")
    world.ids["spare account"] = spare
    await _enter_twice(world)
    await _bring_in_sheets(world)
    await _ask_about_oneself(client, world, who)
    await seal_now(district.store)
    with district.scope():
        await _collect(world)
    return world


async def _bring_in_sheets(world: World) -> None:
    """Sheets of the community: one that waits to be applied, with something found in it, and one that is applied."""
    place = world.tree.community
    file: dict[str, Any] = {"name": "名册.xlsx", "sha256": "0" * 64, "sheet": "名册", "total": 1}

    async def make(_unit: object) -> None:
        people = SheetKind.PEOPLE
        waiting = await starting.bring_in(place, people, state=SheetState.PREVIEWED, **file)
        await keep_findings(waiting, [Finding(2, 1, "person.phone", Level.ERROR, "PHONE", text("x"))])
        applied = await starting.bring_in(place, people, state=SheetState.RUNNING, **file)
        await SheetImport.filter(id=applied.id).update(state=SheetState.APPLIED.value, done=1)
        world.ids |= {
            "SheetImport": global_id("SheetImport", waiting.id),
            "applied sheet": global_id("SheetImport", applied.id),
        }

    with world.district.scope():
        await transact(make)


async def _enter_twice(world: World) -> None:
    """People of the community: two who are said to be one, two who are one, and two of whom nobody said anything."""
    home = world.tree.community

    async def make(_unit: object) -> None:
        both = [
            await Person.create(name="示例双", name_key=keys("示例双")[0], habitual_residence_id=home.id)
            for _ in range(6)
        ]
        one, other, kept, merged, free, too = both
        await Person.filter(id__in=[free.id, too.id]).update(birth_date=date(1950, 1, 1))
        waiting: dict[str, Any] = {"org_id": home.id, "reason": "重复登记", "state": "PROPOSED", "proposed_by": None}
        proposed = await PersonMerge.create(kept_id=one.id, merged_id=other.id, **waiting)
        done = {**waiting, "state": "MERGED", "decided_at": now(), "answer": None}
        merge = await PersonMerge.create(kept_id=kept.id, merged_id=merged.id, **done)
        await Person.filter(id=merged.id).update(merged_into=kept.id)
        hooked: dict[str, Any] = {"types": ["core.org_created"], "url": "https://hooks.example.cn/"}
        id_ = new_id()
        sign = encrypt(Webhook, "secret", "whsec_x", id_)
        hook = await Webhook.create(id=id_, org_id=home.id, **hooked, secret=sign, told_to=0)
        told: dict[str, Any] = {"handler": "test.tells", "type": "core.person_created", "next_at": now()}
        dead, done_one = [
            await Delivery.create(**told, event_id=new_id(), subject_id=one.id, sequence=1, state=state)
            for state in ("DEAD", "DONE")
        ]
        about: dict[str, Any] = {"subject_type": "OrgNode", "subject_id": home.id, "person_id": world.tree.resident.id}
        urgent, plain = [
            await Notification.create(**about, kind="core.account_confirmed", needs_ack=needed)
            for needed in (True, False)
        ]
        root_id = world.tree.root.id
        replay = await Job.create(kind="core.replay", org_id=root_id, next_at=now(), total=9)
        ended = await Job.create(kind="core.replay", org_id=root_id, next_at=now(), state="DONE")
        refused = await PersonMerge.create(kept_id=one.id, merged_id=kept.id, **{**done, "state": "REFUSED"})
        world.ids |= {
            "PersonMerge": global_id("PersonMerge", proposed.id),
            "done merge": global_id("PersonMerge", merge.id),
            "refused merge": global_id("PersonMerge", refused.id),
            "Webhook": global_id("Webhook", hook.id),
            "Notification": global_id("Notification", urgent.id),
            "plain notification": global_id("Notification", plain.id),
            "Delivery": global_id("Delivery", dead.id),
            "Job": global_id("Job", replay.id),
            "ended job": global_id("Job", ended.id),
            "done delivery": global_id("Delivery", done_one.id),
            "entered once": global_id("Person", free.id),
            "entered twice": global_id("Person", too.id),
        }

    with world.district.scope():
        await transact(make)


async def _viewers(client: Clients, world: World, clock: FrozenClock) -> dict[str, Client]:
    tree, now = world.tree, clock.now()
    with world.district.scope():
        other: dict[str, Any] = {
            "name": "示例庚",
            "name_key": keys("示例庚")[0],
            "habitual_residence_id": tree.other_community.id,
        }
        stranger = await transact(lambda _unit: Person.create(**other))
    made = (
        await client(),
        await client("resident", at=tree.community, person=tree.resident),
        await client("resident", at=tree.other_community, person=stranger),
        await client("grid-officer", at=tree.community),
        await client("street-official", at=tree.other_street),
        await client("community-staff", at=tree.community),
        await client("street-official", at=tree.street),
        await client("district-official", at=tree.root),
        await client("district-admin", at=tree.root),
        await client("auditor", at=tree.root),
        await client("community-staff", at=tree.community, expires_at=now - timedelta(seconds=1)),
        await client("community-staff", at=tree.community, valid_to=now - timedelta(seconds=1)),
        await client("unit-admin", at=tree.unit),
    )
    return dict(zip(VIEWERS, made, strict=True))


async def _relate(world: World, who: str) -> None:
    """The neighbour is the resident's guardian by a court, perhaps kin, and the resident has a passport."""
    boss, staff = world.clients["district admin"], world.clients["community staff"]
    neighbour = global_id("Person", world.tree.neighbour.id)
    await _do(boss, "updatePerson", id=neighbour, birthDate="1980-01-01")
    two = {"personId": who, "relativeId": neighbour}
    guardian = await _do(boss, "claimPersonRelation", **two, role="GUARDIAN", basis="COURT")
    await _do(staff, "confirmPersonRelation", id=guardian, evidence="判决书")
    world.ids["PersonRelation"] = guardian
    world.ids["waiting relation"] = await _do(boss, "claimPersonRelation", **two, role="NEXT_OF_KIN")
    world.ids["IdentityDocument"] = await _do(
        boss, "addIdentityDocument", personId=who, kind="PASSPORT", number="E12345678", country="CHN"
    )
    shown = {"evidenceKind": "CALL", "evidence": "登记"}
    await _do(boss, "giveConsent", personId=who, purpose="core.disclosure", onBehalfOf={"personId": who, **shown})


async def _register(world: World, who: str, micro_grid: str) -> None:
    """The resident's home, household and elevator; the unit rents another home, which is empty by now."""
    staff, ids, tree = world.clients["community staff"], world.ids, world.tree
    home = {"orgId": org(tree.community), "use": "RESIDENTIAL", "microGridId": micro_grid}
    ids["Premises"] = await _do(staff, "createPremises", **home, number="502", address=SECRETS[4])
    ids["other premises"] = await _do(staff, "createPremises", **home, number="503")
    held = {"premisesId": ids["Premises"], "evidence": SECRETS[5]}
    ids["Tenure"] = await _do(staff, "createTenure", **held, personId=who, kind="OWNER")
    await _do(staff, "createTenure", premisesId=ids["other premises"], orgId=org(tree.unit), kind="TENANT")
    member = {"personId": who, "relation": "HEAD"}
    ids["Household"] = await _do(staff, "createHousehold", premisesId=ids["Premises"], members=[member])
    thing = {"orgId": org(tree.community), "kind": "ELEVATOR", "name": "一号电梯", "microGridId": micro_grid}
    ids["Thing"] = await _do(staff, "createThing", **thing, premisesId=ids["Premises"])


async def _ask_about_oneself(client: Clients, world: World, who: str) -> None:
    """Consents, requests, a claim, a session and an identity of the resident; one of each ended where that matters."""
    resident, boss = world.clients["resident"], world.clients["district admin"]
    consent = {"personId": who, "purpose": PURPOSE}
    world.ids["withdrawn consent"] = await _do(resident, "giveConsent", **consent)
    await _do(resident, "withdrawConsent", consentId=world.ids["withdrawn consent"])
    world.ids["Consent"] = await _do(resident, "giveConsent", **consent)
    refused = world.ids["refused request"] = await _do(resident, "requestCorrection", personId=who, name="示例改")
    await _do(boss, "refusePersonRequest", id=refused, answer="与证件不符")
    official = world.clients["district official"]
    refused = world.ids["refused erasure"] = await _do(resident, "erasePerson", personId=who, reason="迁出")
    await _do(official, "refusePersonRequest", id=refused, answer="仍有未结事项")
    world.ids["erasure"] = await _do(resident, "erasePerson", personId=who, reason="迁出")
    world.ids["PersonRequest"] = await _do(resident, "requestCorrection", personId=who, name="示例改")
    claimant = await client("resident", at=world.tree.other_community)
    claim = "mutation ($input: ClaimPersonInput!) { claimPerson(input: $input) { __typename } }"
    answer = await claimant.mutate(claim, input={"name": SECRETS[0], "phone": SECRETS[2]})
    assert answer == {"__typename": "ClaimReceived"}
    with world.district.scope():
        account = await Account.get(person_id=world.tree.resident.id)
        kept: dict[str, Any] = {"account_id": account.id, "provider": "sample"}
        seen: dict[str, Any] = {
            "network": "192.0.2.0/24",
            "agent": "test",
            "last_used_at": LATELY,
            "expires_at": FAR_OFF,
        }
        await transact(lambda _unit: AccountSession.create(**kept, **seen))
        await transact(lambda _unit: Identity.create(**kept))
        await transact(lambda _unit: _evidence(account.id, world))
        # for the changes that ask whoever has a password for it
        kept_hash = hashed("a password nobody sends")
        await transact(lambda _unit: Account.all().update(password_hash=kept_hash))


async def _evidence(account_id: UUID, world: World) -> None:
    """A scan of what the resident signed, as staff would upload it."""
    parsed = parse_global_id(world.ids["Consent"])
    assert parsed is not None
    await File.create(
        size=1,
        media_type="application/pdf",
        purpose="core.consent_evidence",
        field_class="PERSONAL",
        state="ATTACHED",
        cipher="AES-256-GCM",
        storage="folder",
        account_id=account_id,
        person_id=world.tree.resident.id,
        subject_table="core_consent",
        subject_id=parsed[1],
    )


async def _do(who: Client, mutation: str, **given: Any) -> str:
    pascal = mutation[0].upper() + mutation[1:]
    text = (
        f"mutation ($input: {pascal}Input!) {{ {mutation}(input: $input) {{"
        " __typename ... on Node { id } ... on Error { code message path } } }"
    )
    answer = await who.mutate(text, input=given)
    assert "id" in answer, (mutation, answer)
    id_: str = answer["id"]
    return id_


async def _book(who: Client, venue: str, day: str) -> str:
    return await _do(who, "bookVenue", venueId=venue, start=at(day, "09:00"), end=at(day, "10:00"))


def _instant(district: District, local: str) -> Any:
    return datetime.fromisoformat(local).replace(tzinfo=district.zone)


async def _collect(world: World) -> None:
    tree = world.tree
    account = await Account.get(person_id=tree.resident.id)
    rows: dict[str, Record | None] = {
        "OrgNode": tree.grid,
        "OrgRelation": await OrgRelation.get(kind="CO_BUILDS"),
        "Person": tree.resident,
        "Post": await Post.get(),
        "Account": account,
        "PersonClaim": await PersonClaim.get(),
        "AccountSession": await AccountSession.get(),
        "Identity": await Identity.get(),
        "Grant": await Grant.get(account_id=account.id),
        "CalendarSchedule": await CalendarSchedule.get(),
        "Event": await Event.get(subject_id=tree.grid.id, type="core.org_created"),
        "Booking": await Booking.filter(series_id=None, state="CONFIRMED").get(),
        "NoShow": await NoShow.get(),
        "NoShowAppeal": await Appeal.get(),
        "BookingSeries": await Series.get(),
        "WaitlistEntry": await WaitlistEntry.get(state="WAITING"),
        "OpeningPolicy": await Policy.get(),
        "Closure": await Closure.get(),
        "UsageEntry": await Usage.get(),
        "UnitWorkHours": await UnitWorkHours.get(),
        "ActedFor": await ActedFor.get(),
        "HouseholdMember": await HouseholdMember.get(),
        "File": await File.get(purpose="venues.photo"),
    }
    for name, row in rows.items():
        assert row is not None, name
        await world.keep(name, row)
