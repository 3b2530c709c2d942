"""The checks of single values; each yields every problem it finds, and `settle` raises them together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import overload
from uuid import UUID

from ..errors import FieldProblem, ValidationError, invalid, text
from .kinds import Kinds, OrgKind
from .models import OrgNode
from .paths import DEEPEST
from .refusals import future

LONGEST_NAME = 200

_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UUID_VERSION = 7


def settle(problems: Iterable[FieldProblem]) -> None:
    """Raise ValidationError with all problems, if there are any."""
    if found := tuple(problems):
        raise ValidationError(*found)


def name_problems(name: str) -> Iterator[FieldProblem]:
    """What is wrong with a name, without the spaces around it."""
    if not name:
        yield FieldProblem("name", "NAME_EMPTY", text("A name is needed"))
    elif len(name) > LONGEST_NAME:
        message = text("The name has {found} characters, {allowed} are allowed", found=len(name), allowed=LONGEST_NAME)
        yield FieldProblem("name", "NAME_TOO_LONG", message)
    elif wrong := _FORBIDDEN.search(name):
        message = text("A name has no control characters; found U+{found}", found=f"{ord(wrong[0]):04X}")
        yield FieldProblem("name", "NAME_CHARACTERS", message)


def parent_problems(kinds: Kinds, kind: OrgKind, parent_kind: str | None) -> Iterator[FieldProblem]:
    """Whether a node of this kind may stand under a parent of that kind; None for no parent at all."""
    allowed = ", ".join(sorted(kinds.parents(kind))) or "-"
    if parent_kind is None:
        if kind.code != kinds.root_kind:
            message = text("{found} needs a parent: {allowed}", found=kind.code, allowed=allowed)
            yield FieldProblem("parentId", "PARENT_REQUIRED", message)
    elif parent_kind not in kinds.parents(kind):
        message = text(
            "{kind} does not stand under {found}, only under: {allowed}",
            kind=kind.code,
            found=parent_kind,
            allowed=allowed,
        )
        yield FieldProblem("parentId", "PARENT_KIND", message)


def ended_problems(parent: OrgNode | None) -> Iterator[FieldProblem]:
    """Whether the parent is still valid."""
    if parent is not None and parent.valid_to is not None:
        yield FieldProblem("parentId", "PARENT_ENDED", text("The parent has ended"))


def depth_problems(depth: int) -> Iterator[FieldProblem]:
    """Whether a node would stand too deep for its path."""
    if depth > DEEPEST:
        message = text(
            "It would stand {found} levels beneath the root, {allowed} are allowed", found=depth, allowed=DEEPEST
        )
        yield FieldProblem("parentId", "TOO_DEEP", message)


def past_problems(path: str, instant: datetime | None, now: datetime) -> Iterator[FieldProblem]:
    """Whether an instant is not in the future."""
    if instant is not None and instant > now:
        yield future(path, instant)


@overload
def in_utc(instant: datetime) -> datetime: ...


@overload
def in_utc(instant: datetime | None) -> datetime | None: ...


def in_utc(instant: datetime | None) -> datetime | None:
    """An instant of any zone in UTC; ValueError for one without a zone."""
    if instant is None:
        return None
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone, so it is not an instant")
    return instant.astimezone(UTC)


def client_id(given: UUID | None) -> UUID | None:
    """An id made by the client: a UUIDv7, or none."""
    if given is not None and given.version != _UUID_VERSION:
        raise invalid("id", "ID_VERSION", "{found} is no UUIDv7", found=str(given))
    return given
