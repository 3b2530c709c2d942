"""What can happen: the types of events, their payloads and the catalogue of all of them. 事件类型。"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar, cast, get_args
from uuid import UUID

from pydantic import BaseModel

from .classes import FieldClass

P = TypeVar("P", bound=BaseModel)
T = TypeVar("T")
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

Public = Annotated[T, FieldClass.PUBLIC]
Internal = Annotated[T, FieldClass.INTERNAL]
Personal = Annotated[T, FieldClass.PERSONAL]
Sensitive = Annotated[T, FieldClass.SENSITIVE]

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_NAME = 100
SUBJECT = "@subject"
"""Says of an event type that the person whom its values are about is the event's subject itself."""
_SECRET = (FieldClass.PERSONAL, FieldClass.SENSITIVE)
_STRICTNESS = (FieldClass.PUBLIC, FieldClass.INTERNAL, FieldClass.PERSONAL, FieldClass.SENSITIVE)


class EventTypeError(TypeError):
    """An event type is declared wrongly; the text says how to mend it."""


class UnknownEventTypeError(LookupError):
    """No registered event type has this name."""


@dataclass(frozen=True, eq=False)
class EventType(Generic[P]):
    """A kind of change that others may rely on: `EventType("venues.confirmed", 1, Confirmed, "A booking was ..")`.

    `name` begins with its plugin's prefix. `version` counts the shapes of the payload from 1; `upcasters[n]` turns a
    payload of version n into one of version n + 1, and there is one for every version before this. A payload with
    PERSONAL or SENSITIVE values says whom they are about, `person` being SUBJECT or the key that holds the person's
    id: they are kept encrypted under that person's key, and erased by its destruction. Raises EventTypeError when
    something is missing, a payload field without class above all.
    """

    name: str
    version: int
    payload: type[P]
    description: str
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    person: str | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise EventTypeError(f"event type {self.name!r}: write <plugin>.<what_happened>, {LONGEST_NAME} characters")
        if not self.description.strip():
            raise EventTypeError(f"event type {self.name}: describe when it happens")
        if self.version < 1 or sorted(self.upcasters) != list(range(1, self.version)):
            wanted = list(range(1, self.version))
            raise EventTypeError(f"event type {self.name}: needs upcasters {wanted}, has {sorted(self.upcasters)}")
        self._check_person()

    @cached_property
    def classes(self) -> Mapping[str, FieldClass]:
        """The class of every key of the payload, by its path: `{"venue_id": PUBLIC, "guests.name": PERSONAL}`.

        Where a value is of one model or another that have a key of the same name, the stricter class counts.
        """
        return classes_of(self.payload, self.name)

    def plain(self, payload: P) -> dict[str, Any]:
        """The PUBLIC and INTERNAL values as JSON has them; what no key of the payload declares is left out."""
        return cast("dict[str, Any]", self._plain(payload.model_dump(mode="json"), ""))

    def _plain(self, value: Any, path: str) -> Any:
        if path in self.classes:
            return value
        if isinstance(value, list):
            return [self._plain(one, path) for one in value]
        if not isinstance(value, dict):
            return value
        below = {name: f"{path}.{name}" if path else name for name in value}
        return {name: self._plain(inner, below[name]) for name, inner in value.items() if self._may_tell(below[name])}

    def _may_tell(self, path: str) -> bool:
        mark = self.classes.get(path)
        if mark is not None:
            return mark not in _SECRET
        return any(known.startswith(f"{path}.") for known in self.classes)

    @cached_property
    def secret_keys(self) -> frozenset[str]:
        """The keys of the payload in which a PERSONAL or SENSITIVE value stands, at any depth."""
        return frozenset(path.partition(".")[0] for path, mark in self.classes.items() if mark in _SECRET)

    def person_of(self, subject_id: UUID, payload: P) -> UUID:
        """Whom the secret values of an event are about."""
        if self.person is None:
            raise LookupError(f"event type {self.name} is about nobody")
        found: UUID = subject_id if self.person == SUBJECT else getattr(payload, self.person)
        return found

    def _check_person(self) -> None:
        if self.person is None:
            if self.secret_keys:
                told = ", ".join(sorted(self.secret_keys))
                raise EventTypeError(
                    f"event type {self.name}: {told} tell of a person: say of whom, by person=SUBJECT or "
                    'person="<the key with the person\'s id>"'
                )
        elif self.person != SUBJECT:
            named = self.payload.model_fields.get(self.person)
            if named is None or named.annotation is not UUID or self.person in self.secret_keys:
                raise EventTypeError(
                    f"event type {self.name}: person={self.person!r} is to be SUBJECT, or a key of "
                    f"{self.payload.__name__} that is a UUID, never null, PUBLIC or INTERNAL"
                )

    def read(self, version: int, payload: dict[str, Any]) -> P:
        """A stored payload of any version as one of the present. Raises EventTypeError for a version not known."""
        if not 1 <= version <= self.version:
            raise EventTypeError(f"event type {self.name}: version {version} was stored, {self.version} is the newest")
        for step in range(version, self.version):
            payload = self.upcasters[step](payload)
        return self.payload.model_validate(payload)


def classes_of(model: type[BaseModel], what: str) -> dict[str, FieldClass]:
    """The class of every key of a model, by its path; `what` names it where one is missing. Raises EventTypeError."""
    found: dict[str, FieldClass] = {}
    for path, mark in _classes(model, what):
        found[path] = max(found.get(path, mark), mark, key=_STRICTNESS.index)
    return found


def _classes(
    model: type[BaseModel], path: str, above: tuple[type[BaseModel], ...] = ()
) -> Iterator[tuple[str, FieldClass]]:
    if model in above:
        raise EventTypeError(f"{path}: {model.__name__} contains itself; its keys have no end of paths")
    for name, info in model.model_fields.items():
        types = list(_types(info.annotation))
        if float in types:
            raise EventTypeError(f"{path}.{name}: no floats in events; use an integer of a smaller unit, or text")
        inner = [found for found in types if isinstance(found, type) and issubclass(found, BaseModel)]
        found = [mark for mark in info.metadata if isinstance(mark, FieldClass)]
        if len(found) != (0 if inner else 1):
            raise EventTypeError(_advice(f"{path}.{name}", nested=bool(inner)))
        yield from ((name, mark) for mark in found)
        for part in inner:
            yield from ((f"{name}.{below}", mark) for below, mark in _classes(part, f"{path}.{name}", (*above, model)))


def _advice(path: str, *, nested: bool) -> str:
    if nested:
        return f"{path}: the fields of the model inside carry the classes, this one carries none"
    return f"{path}: say its class around the whole type, as in Public[str | None]; found none, or more than one"


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _types(argument)


class EventTypes:
    """All event types of the installed plugins, by name and owner."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[str, EventType[Any]]] = {}

    def register(self, owner: str, *types: EventType[Any]) -> None:
        """Add the types of the plugin `owner` (`core`, `volunteer_points`); raises EventTypeError on a name in use."""
        for new in types:
            if new.name.partition(".")[0] != owner:
                raise EventTypeError(f"event type {new.name}: {owner} may only register {owner}.<what_happened>")
            if new.name in self._types:
                raise EventTypeError(
                    f"event type {new.name} is registered twice, by {self.owner(new.name)} and {owner}"
                )
            self._types[new.name] = owner, new

    def get(self, name: str) -> EventType[Any]:
        """The type of this name. Raises UnknownEventTypeError, with the nearest name."""
        return self._found(name)[1]

    def owner(self, name: str) -> str:
        """The plugin that registered it. Raises UnknownEventTypeError."""
        return self._found(name)[0]

    def names(self, owners: Collection[str]) -> frozenset[str]:
        """The types of these plugins: what a district shows whose other plugins are off."""
        return frozenset(name for name, (owner, _) in self._types.items() if owner in owners)

    def __iter__(self) -> Iterator[EventType[Any]]:
        return (found for _, found in self._types.values())

    def _found(self, name: str) -> tuple[str, EventType[Any]]:
        if name not in self._types:
            near = get_close_matches(name, self._types, n=1)
            raise UnknownEventTypeError(f"no event type {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return self._types[name]
