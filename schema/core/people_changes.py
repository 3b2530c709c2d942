"""Mutations of people and posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from linli.core import clock
from linli.core.access.searches import Search, tell
from linli.core.errors import ForbiddenError, text
from linli.core.graph.models import OrgNode
from linli.core.people import models, services

from ..context import Context, Info
from ..contributions import fields
from ..enums import enum
from ..inputs import UNSET, MutationInput, given, optional, required, value
from ..mutations import mutation
from .lookups import instant, node_for, person_for, seen
from .org_changes import client_id
from .people import Person, Post
from .provenance import SourceInput, source_input, stated

WRITE = "core.person.write"
PLACES = {
    "registered_residence_id": "registeredResidenceId",
    "habitual_residence_id": "habitualResidenceId",
    "employer_id": "employerId",
}
MASKED = frozenset({"id_number", "birth_date", "gender", "phone", "party_status"})


@enum("Gender as registered. 性别。", MALE="Male. 男。", FEMALE="Female. 女。")
class Gender(StrEnum):
    """As the household registration has it."""

    MALE = "MALE"
    FEMALE = "FEMALE"


@strawberry.input(description="What is known of a person. 人员信息。")
class PersonInput(MutationInput):
    """The values of a person."""

    id_number: str | None = optional("Citizen id, checked by GB 11643. 公民身份号码。")
    birth_date: date | None = optional("Date of birth; follows from the id number. 出生日期。")
    gender: Gender | None = optional("Gender. 性别。")
    phone: str | None = optional("Phone. 电话。")
    registered_residence_id: strawberry.ID | None = optional("Where registered. 户籍地。")
    habitual_residence_id: strawberry.ID | None = optional("Where living. 常住地。")
    employer_id: strawberry.ID | None = optional("Where working. 工作单位。")
    party_status: str | None = optional("Party status. 政治面貌。")
    source: SourceInput | None = source_input()


@strawberry.input(description="A new person. 新增人员。")
class CreatePersonInput(PersonInput):
    """A person and where they belong."""

    id: strawberry.ID | None = optional("A UUIDv7 that the client made. 客户端标识。")
    name: str = required("Name. 姓名。")


async def _columns(context: Context, source: Any, person: models.Person | None = None) -> dict[str, Any]:
    """The columns that were given, places looked up; who belongs nowhere in the end belongs to the root."""
    places = {column: getattr(person, column, None) for column in PLACES}
    for column, argument in PLACES.items():
        named = getattr(source, column)
        if named is not UNSET:
            places[column] = await _place(context, named, argument, places[column])
    if not any(places.values()):
        context.viewer.require(WRITE, (await OrgNode.get(parent_id=None)).path)
    stated = {column: place for column, place in places.items() if getattr(source, column) is not UNSET}
    return given(source, "name", "id_number", "birth_date", "gender", "phone", "party_status") | stated


async def _place(context: Context, named: str | None, argument: str, before: UUID | None) -> UUID | None:
    """The place that is named; whoever moves somebody must be allowed to enter people at both ends."""
    node = None if named is None else await seen(context, OrgNode, named, argument)
    if node is not None and node.id == before:
        return before
    left = None if before is None else await OrgNode.get(id=before)
    for end in (node, left):
        if end is not None and not context.viewer.may(WRITE, end.path):
            told = text("You may not do this here")
            raise ForbiddenError(told, path=(argument,), details={"permission": WRITE})
    return None if node is None else node.id


@mutation("Enter a person. 新增人员。", Person, permission=WRITE)
async def create_person(info: Info, input: CreatePersonInput) -> models.Person:  # noqa: A002
    """Enter a person; the viewer may enter people at each of the places named."""
    columns = await _columns(info.context, input)
    return await services.create_person(client_id(input.id), stated=stated(input.source), **columns)


@strawberry.input(description="What changes of a person. 人员变更。")
class UpdatePersonInput(PersonInput):
    """What is given changes."""

    id: strawberry.ID = required("Who. 标识。")
    name: str | None = optional("New name. 姓名。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("Change what is known of a person. 修改人员。", Person, permission=WRITE)
async def update_person(info: Info, input: UpdatePersonInput) -> models.Person:  # noqa: A002
    """Change what is given."""
    person = await person_for(info.context, input.id, "id", WRITE)
    columns = await _columns(info.context, input, person)
    if columns.get("name", "") is None:
        del columns["name"]
    same = services.unchanged(person, columns)
    version = value(input.expected_version)
    changed = await services.update_person(person, version, stated=stated(input.source), **columns)
    if MASKED & same:
        await _tell_guesses(info.context, MASKED & same)
    return changed


async def _tell_guesses(context: Context, columns: Iterable[str]) -> None:
    """Keep that an account learns of masked values that they are as it believed, since nothing changed by them.

    Also where others changed beside them: the event of the change names those alone, and by that tells of these.
    """
    paths, guessed = context.viewer.subtrees(WRITE), sorted(columns)
    one = frozenset({None})  # stands for the value, of which nothing is told
    account_id = context.viewer.account_id
    assert account_id is not None, "a mutation is an account's"
    await tell([Search("Person", to_camel_case(name), "updatePerson", one, paths) for name in guessed], account_id)


@strawberry.input(description="Who gets which post where. 任职。")
class AssignPostInput(MutationInput):
    """A post."""

    person_id: strawberry.ID = required("Who. 人员。")
    org_id: strawberry.ID = required("Where. 组织。")
    kind: str = required("Which post. 职务。")
    valid_from: datetime | None = optional("Since when; now where not said, null for since ever. 起始时间。")
    valid_to: datetime | None = optional("Until when, exclusive. 终止时间。")


@mutation("Give a person a post. 任职。", Post, permission="core.post.write")
async def assign_post(info: Info, input: AssignPostInput) -> models.Post:  # noqa: A002
    """Give the post where the viewer may."""
    node = await node_for(info.context, input.org_id, "orgId", "core.post.write")
    person = await seen(info.context, models.Person, input.person_id, "personId")
    start = instant(input.valid_from, clock.now())
    return await services.assign_post(person.id, node.id, input.kind, start, value(input.valid_to))


@strawberry.input(description="Which post ends. 免职。")
class EndPostInput(MutationInput):
    """Which, and when."""

    post_id: strawberry.ID = required("Which. 任职记录。")
    at: datetime | None = optional("When; now where not said. 终止时间。")
    expected_version: int | None = optional("Refuse when it is another version. 期望版本。")


@mutation("End a post. 免职。", Post, permission="core.post.write")
async def end_post(info: Info, input: EndPostInput) -> models.Post:  # noqa: A002
    """End the post where the viewer may."""
    post = await seen(info.context, models.Post, input.post_id, "postId")
    node = await OrgNode.get(id=post.org_id)
    info.context.viewer.require("core.post.write", node.path)
    return await services.end_post(post, value(input.at), value(input.expected_version))


@fields("Changes of people. 人员变更。")
class PeopleMutation:
    """What can be done to people and posts."""

    create_person = create_person
    update_person = update_person
    assign_post = assign_post
    end_post = end_post
