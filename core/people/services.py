"""Entering and changing people, and the posts they hold; every function runs in a unit of work."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from .. import clock
from ..errors import (
    ConflictError,
    FieldProblem,
    InvalidTransitionError,
    NotFoundError,
    TakenError,
    ValidationError,
    text,
)
from ..graph.locks import hold_tree
from ..graph.models import OrgNode
from ..graph.names import keys
from ..records import events
from ..records.encrypted import blind, blind_tail, blinds, decrypted, encrypt, update_row
from ..records.person_keys import PersonErasedError
from ..records.provenance import BY_HAND, Stated, begun, corrected
from ..records.record import new_id
from . import citizen_id
from .event_types import (
    PERSON,
    PERSON_CREATED,
    PERSON_UPDATED,
    POST,
    POST_ASSIGNED,
    POST_ENDED,
    PersonChanged,
    PersonUpdated,
    PersonValues,
    PostHeld,
)
from .living import held_living
from .models import Person, Post
from .officers import check_only_officer

ENCRYPTED = frozenset({"id_number", "phone"})
GENDERS = ("MALE", "FEMALE")
LONGEST_NAME = 100
_TEXTS = {"name": ("name", LONGEST_NAME), "phone": ("phone", 32), "party_status": ("partyStatus", 20)}
_ID_NUMBER = {
    "SHAPE": "An id number has 17 digits and a digit or X",
    "DATE": "The id number holds no real date of birth",
    "CHECKSUM": "The last character of the id number does not fit the others",
}


def _problems(values: Mapping[str, Any], person: Person | None) -> Iterator[FieldProblem]:
    """What is wrong with columns that are given, of a person who is known, beside what else is known of them."""
    name, number = values.get("name"), values.get("id_number")
    if name is not None and not 1 <= len(name.strip()) <= LONGEST_NAME:
        yield FieldProblem("name", "NAME_LENGTH", text("A name has 1 to {limit} characters", limit=LONGEST_NAME))
    for column, (argument, longest) in _TEXTS.items():
        given = values.get(column)
        if given is not None and not (1 <= len(given) <= longest and given.isprintable()):
            message = text("A text of 1 to {most} printable characters is expected", most=longest)
            yield FieldProblem(argument, "TEXT", message)
    born = values.get("birth_date")
    if born is not None and born > clock.now().date() + timedelta(days=1):
        yield FieldProblem("birthDate", "FUTURE", text("{found} is in the future", found=born))
    if values.get("gender") not in (None, *GENDERS):
        yield FieldProblem("gender", "UNKNOWN", text("One of {allowed}", allowed=", ".join(GENDERS)))
    if number is None:
        yield from _born_problems(values, person)
        return
    found = list(citizen_id.problems(number))
    yield from (FieldProblem("idNumber", code, text(_ID_NUMBER[code])) for code in found)
    given = values.get("birth_date")
    if not found and given is not None and given != citizen_id.birth_date(number):
        yield FieldProblem("birthDate", "BIRTH_DATE_DIFFERS", text("The id number names another date of birth"))


def _born_problems(values: Mapping[str, Any], person: Person | None) -> Iterator[FieldProblem]:
    """A date of birth against the number that somebody has and keeps: it follows from it and is not taken away."""
    if person is None or "birth_date" not in values or "id_number" in values:
        return
    number = decrypted(person.id_number)
    if number is not None and values["birth_date"] != citizen_id.birth_date(number):
        yield FieldProblem("birthDate", "BIRTH_DATE_DIFFERS", text("The id number names another date of birth"))


def check_values(values: Mapping[str, Any], person: Person | None = None) -> None:
    """Raise ValidationError with all that is wrong with these columns, of this person where it is known whose."""
    checked(values, person)


def checked(values: Mapping[str, Any], person: Person | None = None) -> dict[str, Any]:
    """The columns that follow from values of a person: the name's keys, the date of birth in an id number.

    `person` is whose values they are to be, where that is known. Raises ValidationError with every problem.
    """
    problems = tuple(_problems(values, person))
    if problems:
        raise ValidationError(*problems)
    columns = dict(values)
    if columns.get("name") is not None:
        columns["name"] = columns["name"].strip()
        columns["name_key"], columns["name_initials"] = keys(columns["name"])
    if columns.get("id_number") is not None:
        columns["birth_date"] = citizen_id.birth_date(columns["id_number"])
    return columns


def encrypted_columns(person_id: UUID, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are kept: encrypted, each beside its blind indexes."""
    kept = dict(columns)
    for name in ENCRYPTED & columns.keys():
        kept[name] = encrypt(Person, name, columns[name], person_id)
        kept[f"{name}_index"] = blind(Person, name, columns[name])
        kept[f"{name}_tail"] = blind_tail(Person, name, columns[name])
    return kept


async def create_person(person_id: UUID | None = None, *, stated: Stated = BY_HAND, **values: Any) -> Person:
    """Enter a person: columns of `Person` by name; `stated` is where the values come from.

    Raises ValidationError with every problem (an id number's SHAPE, DATE, CHECKSUM among them), ConflictError for an
    id in use, TakenError for an id number in use.
    """
    columns = checked(values)
    if person_id is not None and await Person.filter(id=person_id).exists():
        raise ConflictError(text("This id is in use"), path=("id",))
    await _check_id_number_free(columns.get("id_number"))
    id_ = person_id or new_id()
    person = await Person.create(id=id_, provenance=begun(Person, stated), **encrypted_columns(id_, columns))
    given = tuple(sorted(name for name, value in values.items() if value is not None))
    await events.append(PERSON_CREATED, PERSON, person.id, PersonChanged(fields=given), org_id=place_of(person))
    return person


async def update_person(
    person: Person, expected_version: int | None, *, stated: Stated = BY_HAND, **values: Any
) -> Person:
    """Change the columns given, which then come from `stated`; ConflictError for a stale version."""
    if expected_version is not None and expected_version != person.version:
        raise ConflictError(text("The record has changed since"), current=person, path=("expectedVersion",))
    if person.erased_at is not None:
        raise PersonErasedError(text("This person was erased"))
    columns = checked(values, person)
    changed = {name: value for name, value in columns.items() if stored(person, name) != value}
    if not changed:
        return person
    await _check_id_number_free(changed.get("id_number"))
    told = told_of(person, changed)
    read = person.version
    known = {"provenance": corrected(person, changed, stated)}
    changed = {**encrypted_columns(person.id, changed), **known, "version": read + 1, "updated_at": clock.now()}
    if not await update_row(Person.filter(version=read), person.id, **changed):
        raise ConflictError(text("The record has changed since"), current=person, path=("expectedVersion",))
    person.update_from_dict(changed)
    await events.append(PERSON_UPDATED, PERSON, person.id, told, org_id=place_of(person))
    return person


def unchanged(person: Person, values: Mapping[str, Any]) -> frozenset[str]:
    """The columns that are given as they are kept, so that they do not change."""
    return frozenset(name for name, value in values.items() if stored(person, name) == value)


def told_of(person: Person, changed: Mapping[str, Any]) -> PersonUpdated:
    """What the event of a change tells: these columns before and after; the person is not changed yet."""
    names = sorted(changed.keys() - {"name_key", "name_initials"})
    before = PersonValues(**{name: stored(person, name) for name in names})
    return PersonUpdated(fields=tuple(names), before=before, after=PersonValues(**{it: changed[it] for it in names}))


def stored(person: Person, name: str) -> Any:
    """A column of a person in plain text."""
    value = getattr(person, name)
    return decrypted(value) if name in ENCRYPTED else value


async def _check_id_number_free(number: str | None) -> None:
    if number is None:
        return
    if await Person.filter(id_number_index__in=blinds(Person, "id_number", number)).exists():
        raise TakenError(text("Somebody has this id number already"), subject_type=PERSON, path=("idNumber",))


def place_of(person: Person) -> UUID | None:
    """Where what happens to a person may be seen."""
    return person.habitual_residence_id or person.registered_residence_id or person.employer_id


async def assign_post(
    person_id: UUID, org_id: UUID, kind: str, valid_from: datetime | None, valid_to: datetime | None
) -> Post:
    """Give a person a post for a span; ValidationError for an end that is not after the start.

    Raises ValidationError ORG_ENDED for a post that would outlast the organisation, PersonErasedError, RejectedError
    (MICRO_GRID_HAS_OFFICER) for a second officer of a micro-grid at one time.
    """
    if valid_from is not None and valid_to is not None and valid_to <= valid_from:
        raise ValidationError(FieldProblem("validTo", "END_BEFORE_START", text("The end lies before the start")))
    await hold_tree(alone=False)  # before the people, so that nobody ends or merges the organisation meanwhile
    node = await OrgNode.get(id=org_id)
    if node.valid_to is not None and (valid_to is None or valid_to > node.valid_to):
        raise ValidationError(FieldProblem("orgId", "ORG_ENDED", text("The organisation has ended before")))
    await held_living(person_id)
    await check_only_officer(org_id, kind, valid_from, valid_to)
    post = await Post.create(person_id=person_id, org_id=org_id, kind=kind, valid_from=valid_from, valid_to=valid_to)
    await _tell(POST_ASSIGNED, post)
    return post


async def end_post(post: Post, at: datetime | None, expected_version: int | None) -> Post:
    """End a post, now where `at` is not given."""
    end = at or clock.now()
    if expected_version is not None and expected_version != post.version:
        raise ConflictError(text("The record has changed since"), current=post, path=("expectedVersion",))
    if post.valid_to is not None and post.valid_to <= end:
        raise InvalidTransitionError(text("This post has ended already"), path=("postId",))
    await close_post(post, end)
    return post


async def end_posts_at(org_ids: Collection[UUID], at: datetime) -> None:
    """End the posts at organisations that end; one that was to begin later never was."""
    open_then = Q(valid_to=None) | Q(valid_to__gt=at)
    for post in await Post.filter(open_then, org_id__in=list(org_ids)).order_by("id"):
        await close_post(post, at if post.valid_from is None else max(post.valid_from, at))


async def close_post(post: Post, end: datetime) -> None:
    """Write the end of a post and tell of it."""
    changed = {"valid_to": end, "version": post.version + 1, "updated_at": clock.now()}
    if not await Post.filter(id=post.id, version=post.version).update(**changed):
        raise ConflictError(text("The record has changed since"), current=post, path=("expectedVersion",))
    post.update_from_dict(changed)
    await _tell(POST_ENDED, post)


async def _tell(event_type: Any, post: Post) -> None:
    told = PostHeld(person_id=post.person_id, org_id=post.org_id, kind=post.kind)
    await events.append(event_type, POST, post.id, told, org_id=post.org_id)


def unknown_person(path: str = "personId") -> NotFoundError:
    """There is no such person, or the caller may not know of them."""
    return NotFoundError(text("There is no such record, or you may not see it"), path=(path,))
