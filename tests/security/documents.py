"""The questions and changes of the matrix, made from the schema: every root field, relation and mutation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_object_type,
)

from linli.schema.scalars import global_id
from tests.plugins.venues.api import at, org
from tests.security.world import PURPOSE, World

LATER, PAST = {"end": at("2026-04-04", "08:00")}, {"expectedVersion": 99}
UNREADABLE = {"requestId": ""}
"""What is refused of a change that has no other content."""


def questions(schema: GraphQLSchema) -> Iterator[str]:
    """`Query.people`, `Booking.person`: what leads to records or to values that belong to one."""
    assert schema.query_type is not None
    yield from (f"Query.{name}" for name in schema.query_type.fields)
    for type_ in (*schema.get_possible_types(_node(schema)), schema.get_type("Viewer")):
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            if not is_leaf_type(get_named_type(field.type)):
                yield f"{type_.name}.{name}"


def mutations(schema: GraphQLSchema) -> Iterator[str]:
    """The names of all mutations; `:erasure` is the one that others may do to records of another kind."""
    assert schema.mutation_type is not None
    yield from schema.mutation_type.fields
    yield "confirmPersonRequest:erasure"


def _node(schema: GraphQLSchema) -> Any:
    return schema.get_type("Node")


def question(schema: GraphQLSchema, name: str, world: World) -> tuple[str, dict[str, Any]]:
    """The operation that asks for a field of the world's one record of its type."""
    owner, _, field_name = name.partition(".")
    type_ = schema.get_type(owner)
    assert isinstance(type_, GraphQLObjectType)
    asked = field_name + _arguments(name, world) + _selection(type_.fields[field_name])
    if owner == "Query":
        return f"{{ asked: {asked} }}", {}
    if owner == "Viewer":
        return f"{{ viewer {{ asked: {asked} }} }}", {}
    of_community = field_name in ("bookingCounts", "peopleCounts", "premises", "things") and owner == "OrgNode"
    id_ = org(world.tree.community) if of_community else world.ids[owner]  # the grid has nothing of these
    if name == "OrgNode.tenures":
        id_ = org(world.tree.unit)
    return f"query ($id: ID!) {{ node(id: $id) {{ ... on {owner} {{ asked: {asked} }} }} }}", {"id": id_}


def _selection(field: GraphQLField) -> str:
    type_ = get_named_type(field.type)
    if is_interface_type(type_):
        return " { id }"
    if is_object_type(type_) and "totalCount" in type_.fields:
        return " { totalCount nodes { " + _told(get_named_type(type_.fields["nodes"].type)) + " } }"
    if is_object_type(type_) and "pageInfo" in type_.fields:
        return " { nodes { " + _told(get_named_type(type_.fields["nodes"].type)) + " } }"
    return " { " + _told(type_) + " }"


def _told(type_: Any) -> str:
    """Names and other texts that tell, so that what must be absent would be there."""
    telling = ("id", "name", "idNumber", "phone", "reason", "username", "role", "total", "address", "evidence", "rows")
    found = [name for name in telling if name in getattr(type_, "fields", {})]
    return " ".join(["__typename", *found])


def _arguments(name: str, world: World) -> str:
    given = {
        "Query.node": f'(id: "{world.ids["Booking"]}")',
        "Query.nodes": f'(ids: ["{world.ids["Booking"]}", "{world.ids["Person"]}"])',
        "Query.org": f'(id: "{world.ids["OrgNode"]}")',
        "Query.orgs": "(filter: {kind: {eq: GRID}})",
        "Query.person": f'(id: "{world.ids["Person"]}")',
        "Query.people": '(filter: {habitualResidence: {code: {eq: "430602003006"}}})',
        "Query.file": f'(id: "{world.ids["File"]}")',
        "Query.events": '(filter: {type: {eq: "venues.confirmed"}})',
        "Query.changes": '(types: ["Booking"])',
        "Query.labels": '(enums: ["Tier"])',
        "Query.ledger": f'(code: "core.residents", under: "{org(world.tree.community)}")',
        "Query.calendar": '(from: "2026-03-09", to: "2026-03-10")',
        "Query.venue": f'(id: "{world.ids["Venue"]}")',
        "Query.booking": f'(id: "{world.ids["Booking"]}")',
        "Query.bookingSeries": f'(id: "{world.ids["BookingSeries"]}")',
        "Query.premises": f'(id: "{world.ids["Premises"]}")',
        "Query.tenure": f'(id: "{world.ids["Tenure"]}")',
        "Query.household": f'(id: "{world.ids["Household"]}")',
        "Query.webhook": f'(id: "{world.ids["Webhook"]}")',
        "Query.job": f'(id: "{world.ids["Job"]}")',
        "Query.sheetImport": f'(id: "{world.ids["SheetImport"]}")',
        "Query.thing": f'(id: "{world.ids["Thing"]}")',
        "Query.microGridFindings": f'(under: "{org(world.tree.community)}")',
        "Query.noShow": f'(id: "{world.ids["NoShow"]}")',
        "Venue.windows": '(from: "2026-03-23", to: "2026-03-23")',
        "Venue.availability": '(from: "2026-03-23", to: "2026-03-23")',
        "Venue.eligibility": f'(start: "{at("2026-03-28", "09:00")}", end: "{at("2026-03-28", "10:00")}",'
        f' personId: "{world.ids["Person"]}")',
        "Venue.doorList": '(date: "2026-03-22")',
        "OrgNode.location": "(crs: WGS84)",
        "Query.search": '(text: "示例丙")',
        "Query.orgAt": "(point: {lon: 113.1005, lat: 29.3002}, kind: GRID)",
    }
    return given.get(name, "")


def inputs(world: World) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """For each mutation an input that is right, and what makes it one that is refused for its content only.

    With that even those who may do it change nothing.
    """
    tree, ids = world.tree, world.ids
    grid, community, unit, stranger = map(org, (tree.grid, tree.community, tree.unit, tree.stranger))
    span = {"start": at("2026-04-04", "09:00"), "end": at("2026-04-04", "10:00")}
    booking, venue, who = {"bookingId": ids["Booking"]}, {"venueId": ids["Venue"]}, {"personId": ids["Person"]}
    backwards = {"validFrom": at("2026-05-02", "09:00"), "validTo": at("2026-05-01", "09:00")}
    forwards = {"validFrom": at("2026-05-01", "09:00"), "validTo": at("2026-05-02", "09:00")}
    days = {"firstDay": "2026-05-01", "lastDay": "2026-05-10", "weekdays": ["SUNDAY"], "start": "09:00", "end": "10:00"}
    blackout = {"blackouts": [{"start": "10:00", "end": "09:00"}]}
    hours = {"ranges": [{"weekday": "MONDAY", "start": "09:00", "end": "12:00"}]}
    no_hours = {"ranges": [{"weekday": "MONDAY", "start": "12:00", "end": "09:00"}]}
    joined = {"kind": "CO_BUILDS", "sourceId": stranger, "targetId": community}
    schedule = {"year": 2027, "papers": ["http://example.test/2"], "days": []}
    room = {"name": "新活动室", "kind": "OTHER", "ownerId": unit, "communityId": community, "capacity": 5}
    hook = {"webhookId": ids["Webhook"]}
    missed = {"bookingId": ids["missed"]}
    unknown = {"provider": "unknown", "credential": "x"}
    claim, request = {"claimId": ids["PersonClaim"]}, {"id": ids["PersonRequest"]}
    wrong = {"code": "000000"}
    proxy = {"scope": ["core.consent"], "validTo": at("2026-05-01", "09:00")}
    halves = [{"name": name, "parentId": community} for name in ("第二网格", "第三网格")]
    return {
        "login": ({"username": "nobody", "password": "wrong password"}, {}),
        "loginWith": (unknown, {}),
        "refreshSession": ({"refreshToken": "unknown"}, {}),
        "logout": ({}, {}),  # a test's token belongs to no session
        "logoutEverywhere": ({}, UNREADABLE),
        "revokeSession": ({"sessionId": ids["AccountSession"]}, UNREADABLE),
        "endSessions": ({"accountId": ids["Account"]}, UNREADABLE),
        "changePassword": ({"oldPassword": "wrong password", "newPassword": "another password"}, {"newPassword": "x"}),
        "bindIdentity": (unknown, {}),
        "unbindIdentity": ({"identityId": ids["Identity"]}, UNREADABLE),
        "enrolSecondFactor": ({"password": "wrong password"}, {}),
        "confirmSecondFactor": (wrong, {}),
        "disableSecondFactor": (wrong, {}),
        "claimPerson": ({"name": "示例丙", "phone": "13800000021"}, {"name": ""}),
        "approvePersonClaim": (claim, {"reason": " "}),
        "rejectPersonClaim": ({**claim, "reason": "x"}, {"reason": " "}),
        "giveConsent": ({**who, "purpose": PURPOSE, "evidence": "x"}, {"purpose": "core.unknown"}),
        "withdrawConsent": ({"consentId": ids["Consent"], "evidence": "x"}, {"consentId": ids["withdrawn consent"]}),
        "exportPerson": ({**who, "purpose": "x"}, {"purpose": " "}),
        "exportLedger": (
            {"code": "core.residents", "under": community, "purpose": "核对信息"},
            {"columns": []},
        ),
        "requestCorrection": ({**who, "name": "示例改"}, {"idNumber": "12"}),
        "erasePerson": ({**who, "reason": "x"}, {"reason": " "}),
        "confirmPersonRequest": (request, {"id": ids["refused request"]}),
        "confirmPersonRequest:erasure": ({"id": ids["erasure"]}, {"id": ids["refused erasure"]}),
        "refusePersonRequest": ({**request, "answer": "x"}, {"answer": " "}),
        "claimPersonRelation": (
            {**who, "relativeId": guessed("Person", tree.neighbour.id), "role": "PRINCIPAL", **proxy},
            {"relativeId": ids["Person"]},
        ),
        "confirmPersonRelation": ({"id": ids["waiting relation"], "evidence": "x"}, PAST),
        "refusePersonRelation": ({"id": ids["waiting relation"], "reason": "x"}, PAST),
        "endPersonRelation": ({"id": ids["PersonRelation"]}, PAST),
        "mergePersons": (
            {"keptId": ids["entered once"], "mergedId": ids["entered twice"], "reason": "x"},
            {"reason": " "},
        ),
        "confirmPersonMerge": ({"id": ids["PersonMerge"]}, {"id": ids["refused merge"]}),
        "createWebhook": (
            {"orgId": community, "url": "https://hooks.example.cn/", "types": ["core.org_created"]},
            {"types": []},
        ),
        "updateWebhook": ({**hook, "paused": True}, {"types": []}),
        "rotateWebhookSecret": (hook, {"keepHours": -1}),
        "endWebhook": (hook, UNREADABLE),
        "retryDelivery": ({"deliveryId": ids["Delivery"]}, {"deliveryId": ids["done delivery"]}),
        "cancelJob": ({"jobId": ids["Job"]}, {"jobId": ids["ended job"]}),
        "replayEvents": ({"handler": "core.tell_claims", "first": 1}, {"first": 0}),
        "refusePersonMerge": ({"id": ids["PersonMerge"], "answer": "x"}, {"answer": " "}),
        "undoPersonMerge": ({"id": ids["done merge"]}, {"id": ids["PersonMerge"]}),
        "previewSheet": ({"fileId": ids["File"], "orgId": community, "kind": "PEOPLE"}, {"kind": "PREMISES"}),
        "applySheet": ({"importId": ids["SheetImport"]}, {"importId": ids["applied sheet"]}),
        "undoSheet": ({"importId": ids["applied sheet"]}, {"importId": ids["SheetImport"]}),
        "addIdentityDocument": ({**who, "kind": "OTHER", "number": "1"}, {"number": ""}),
        "endIdentityDocument": ({"id": ids["IdentityDocument"]}, PAST),
        "markRead": ({"ids": [ids["Notification"]]}, {"ids": []}),
        "markAllRead": ({}, UNREADABLE),
        "acknowledge": ({"id": ids["Notification"]}, {"id": ids["plain notification"]}),
        "updateNotificationSettings": ({"channels": [{"name": "file", "on": False}]}, {"channels": []}),
        "markActedForSeen": ({"ids": [ids["ActedFor"]]}, {"ids": []}),
        "createOrg": ({"kind": "GRID", "name": "第二网格", "parentId": community}, {"name": ""}),
        "updateOrg": ({"id": grid, "name": "新名"}, PAST),
        "setBoundary": ({"id": grid, "boundary": None}, PAST),
        "moveOrg": ({"id": grid, "parentId": community}, PAST),
        "endOrg": ({"id": grid}, PAST),
        "mergeOrgs": (
            {"sourceIds": [grid], "target": {"name": "第二网格", "parentId": community}},
            {"expectedVersions": [99]},
        ),
        "splitOrg": ({"sourceId": grid, "targets": halves, "children": [], "heir": 0}, PAST),
        "createRelation": (joined, backwards),
        "endRelation": ({"id": ids["OrgRelation"]}, PAST),
        "createPerson": ({"name": "示例新", "habitualResidenceId": community}, {"idNumber": "12"}),
        "updatePerson": ({"id": ids["Person"], "name": "示例改"}, PAST),
        "assignPost": ({**who, "orgId": grid, "kind": "扫楼员"}, backwards),
        "endPost": ({"postId": ids["Post"]}, PAST),
        "createPremises": ({"orgId": community, "number": "504", "use": "OTHER"}, {"area": "0"}),
        "updatePremises": ({"id": ids["Premises"], "number": "505"}, PAST),
        "endPremises": ({"id": ids["other premises"]}, PAST),
        "createTenure": ({**who, "premisesId": ids["other premises"], "kind": "OCCUPANT"}, backwards),
        "updateTenure": ({"id": ids["Tenure"], "kind": "CO_OWNER"}, PAST),
        "endTenure": ({"id": ids["Tenure"]}, PAST),
        "createHousehold": ({"premisesId": ids["other premises"]}, {"source": {"kind": "ENTERED", "detail": ""}}),
        "updateHousehold": ({"id": ids["Household"], "kind": "COLLECTIVE"}, PAST),
        "endHousehold": ({"id": ids["Household"]}, PAST),
        "createHouseholdMember": ({"householdId": ids["Household"], **who, "relation": "OTHER"}, backwards),
        "updateHouseholdMember": ({"id": ids["HouseholdMember"], "relation": "SON"}, PAST),
        "endHouseholdMember": ({"id": ids["HouseholdMember"]}, PAST),
        "createThing": ({"orgId": community, "kind": "CAMERA", "name": "监控"}, {"name": ""}),
        "updateThing": ({"id": ids["Thing"], "name": "新名"}, PAST),
        "endThing": ({"id": ids["Thing"]}, PAST),
        "verifyFields": ({"id": ids["Premises"], "fields": ["number"], "evidence": "实地查看"}, {"fields": []}),
        "createAccount": ({"username": "new"}, {"password": "short"}),
        "grantRole": (
            {"accountId": ids["spare account"], "role": "volunteer", "orgId": community},
            {"role": "volunter"},
        ),
        "delegateRole": ({"grantId": ids["Grant"], "toAccountId": ids["spare account"], **forwards}, backwards),
        "revokeGrant": ({"grantId": ids["Grant"]}, PAST),
        "importCalendar": ({"year": 2027, "schedule": schedule}, {"schedule": {"year": 2027}}),
        "createVenue": (room, {"name": ""}),
        "updateVenue": ({"id": ids["Venue"], "name": "新名"}, PAST),
        "addVenuePhotos": ({**venue, "fileIds": [ids["File"]]}, PAST),
        "removeVenuePhoto": ({**venue, "fileId": ids["File"]}, PAST),
        "setUnitWorkHours": ({"unitId": unit, **hours}, no_hours),
        "setOpeningPolicy": (venue, blackout),
        "approveOpeningPolicy": ({"policyId": ids["OpeningPolicy"]}, PAST),
        "closeVenue": ({**venue, **span, "reason": "检修"}, LATER),
        "recordUsage": (
            {**venue, "date": "2026-03-14", "window": "OFF", "tier": "RESIDENT", "heads": 1},
            {"heads": -1},
        ),
        "bookVenue": ({**venue, **span, **who}, LATER),
        "approveBooking": (booking, PAST),
        "rejectBooking": (booking, PAST),
        "cancelBooking": (booking, PAST),
        "checkInBooking": (booking, PAST),
        "checkOutBooking": (booking, PAST),
        "bookSeries": ({**venue, **who, **days}, {"lastDay": "2026-04-01"}),
        "cancelSeries": ({"seriesId": ids["BookingSeries"]}, PAST),
        "appealNoShow": ({**missed, "reason": "x"}, {"reason": " "}),
        "decideNoShowAppeal": ({"appealId": ids["NoShowAppeal"], "uphold": True, "reason": "x"}, PAST),
        "waiveNoShow": (missed, {"reason": "x" * 3000}),
        "joinWaitlist": ({**venue, **span, **who}, LATER),
        "acceptWaitlistOffer": ({"entryId": ids["WaitlistEntry"]}, {}),
        "leaveWaitlist": ({"entryId": ids["ended entry"]}, {}),
    }


def change(name: str, also: str = "") -> str:
    """The operation of a mutation; `also` is what else is asked of its answer."""
    name, _, _ = name.partition(":")
    pascal = name[0].upper() + name[1:]
    return (
        f"mutation ($input: {pascal}Input!) {{ {name}(input: $input) {{"
        f" __typename ... on Error {{ code message }} {also} }} }}"
    )


def guessed(type_name: str, id_: Any) -> str:
    """A global id that somebody makes up."""
    return global_id(type_name, id_)
