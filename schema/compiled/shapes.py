"""Shapes: by what one plan serves many requests, and which of their values it takes anew each time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from linli.core.access.viewer import Grants, Viewer
from linli.core.graph.paths import SEGMENT

from ..scalars import global_id, parse_global_id
from .tokens import _RANDOM, Day, Tokens, private

MAX_TEXT = 200
_LIKE = frozenset("%_\\")
_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_YEARS = range(1902, 2200)

Mint = Callable[[Tokens], Any]


@dataclass
class Shape:
    """What a request's values are like: `key` tells shapes apart, `values` are what may differ within one."""

    values: list[Any] = field(default_factory=list)
    key: Any = None
    viewer_at: int = 0
    """Where what is kept of the viewer begins."""

    def keep(self, value: Any) -> int:
        """The place of a value that is taken anew each time."""
        self.values.append(value)
        return len(self.values) - 1


def shape_of(variables: Mapping[str, Any], viewer: Viewer) -> tuple[Shape, Callable[[Tokens], dict[str, Any]]]:
    """The shape of coerced variables and of a viewer, and how to make the stand-ins for the variables."""
    shape = Shape()
    looked = {name: _look(value, shape) for name, value in variables.items()}
    shape.viewer_at = len(shape.values)
    shape.key = (tuple((name, key) for name, (key, _) in looked.items()), _viewer_key(viewer, shape))
    return shape, lambda tokens: {name: mint(tokens) for name, (_, mint) in looked.items()}


def _look(value: Any, shape: Shape) -> tuple[Any, Mint]:
    """The key of a value, and how to make what stands for it."""
    if isinstance(value, Enum) or value is None:
        return (type(value).__name__, str(value)), lambda _: value
    if isinstance(value, str):
        return _look_at_text(value, shape)
    if isinstance(value, datetime) and value.year in _YEARS:
        place = shape.keep(value)
        return "instant", lambda tokens: tokens.instant(place)
    if isinstance(value, dict):
        entries = {name: _look(one, shape) for name, one in value.items()}
        key = tuple((name, key) for name, (key, _) in entries.items())
        return ("object", key), lambda tokens: {name: mint(tokens) for name, (_, mint) in entries.items()}
    if isinstance(value, list | tuple):
        items = [_look(one, shape) for one in value]
        return ("list", tuple(key for key, _ in items)), lambda tokens: [mint(tokens) for _, mint in items]
    return _same(value)


def _same(value: Any) -> tuple[Any, Mint]:
    key = (type(value).__name__, repr(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return key, lambda _: Day(value.year, value.month, value.day)
    day = _parsed(date.fromisoformat, value) if isinstance(value, str) else None
    if day is None:
        return key, lambda _: value

    def allowed(tokens: Tokens) -> Any:
        tokens.allow(day)
        return value

    return key, allowed


def _look_at_text(value: str, shape: Shape) -> tuple[Any, Mint]:
    known = parse_global_id(value)
    if known is not None and global_id(*known) == value:
        type_name, (whole, place) = known[0], (shape.keep(value), shape.keep(str(known[1])))
        return ("id", type_name), lambda tokens: tokens.raw(global_id(type_name, tokens.id(place)), whole)
    cursor = cursor_of(value)
    if cursor is not None:
        return _look_at_cursor(value, *cursor, shape)
    if not value or len(value) > MAX_TEXT or private(value) or _LIKE & set(value):
        return _same(value)
    place = shape.keep(value)
    return ("text", len(value)), lambda tokens: tokens.text(place, len(value))


def cursor_of(value: str) -> tuple[str, list[Any]] | None:
    """What a cursor says: the name of its order, and the values of a row."""
    try:
        name, values = orjson.loads(base64.urlsafe_b64decode(value))
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError):
        return None
    spelled = isinstance(name, str) and isinstance(values, list) and written(name, values) == value
    return (name, values) if spelled else None


def written(name: str, values: Sequence[Any]) -> str:
    """A cursor, as `declare.ordering` writes it."""
    return base64.urlsafe_b64encode(orjson.dumps([name, values])).decode()


def _look_at_cursor(value: str, name: str, values: list[Any], shape: Shape) -> tuple[Any, Mint]:
    whole = shape.keep(value)
    looked = [_look_at_key(one, shape) for one in values]
    key = ("cursor", name, tuple(one for one, _ in looked))
    return key, lambda tokens: tokens.raw(written(name, [mint(tokens) for _, mint in looked]), whole)


def _look_at_key(value: Any, shape: Shape) -> tuple[Any, Mint]:
    """A value of a cursor: ids and instants are texts there."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
        place = shape.keep(value)
        return "number", lambda tokens: tokens.number(place)
    if not isinstance(value, str) or not value or private(value) or len(value) > MAX_TEXT:
        return _same(value)
    id_ = _parsed(UUID, value)
    if id_ is not None and str(id_) == value:
        place = shape.keep(value)
        return "uuid", lambda tokens: str(tokens.id(place))
    instant = _parsed(datetime.fromisoformat, value)
    if instant is not None:
        if instant.tzinfo is None or instant.isoformat() != value or instant.year not in _YEARS:
            return _same(value)
        place, whole = shape.keep(instant), shape.keep(value)
        # where the column holds texts, and this is one that looks like an instant
        return "instant", lambda tokens: tokens.raw(tokens.instant(place).isoformat(), whole)
    place = shape.keep(value)
    return ("text", len(value)), lambda tokens: tokens.text(place, len(value))


def _parsed(parse: Callable[[str], Any], value: str) -> Any:
    try:
        return parse(value)
    except ValueError:
        return None


def _viewer_key(viewer: Viewer, shape: Shape) -> Any:
    """What conditions look like for a viewer: the ids of account and person and the names in paths may differ."""
    ranks = {segment: rank for rank, segment in enumerate(_segments(viewer))}
    for segment in ranks:
        shape.keep(segment)
    for id_ in _ids(viewer):
        shape.keep(None if id_ is None else str(id_))
    grants = tuple(
        (
            grant.permissions,
            tuple(tuple(ranks[one] for one in _parts(path)) for path in grant.paths),
            grant.role,
            grant.delegator,
            grant.delegator_person,
        )
        for grant in viewer.grants
    )
    missing = tuple(id_ is None for id_ in _ids(viewer))
    own = (missing, viewer.behind == viewer.person_id, viewer.person_confirmed, viewer.narrowed)
    return (grants, own, viewer.acts)


def _ids(viewer: Viewer) -> tuple[UUID | None, ...]:
    return (viewer.account_id, viewer.person_id, viewer.behind, viewer.session_id)


def _parts(path: str) -> list[str]:
    return [path[start : start + SEGMENT - 1] for start in range(0, len(path), SEGMENT)]


def _segments(viewer: Viewer) -> list[str]:
    """The names in the paths of grants, each after those above it and among its siblings in order.

    Stand-ins sort alike, as conditions rely on that.
    """
    every = (tuple(_parts(path)) for grant in viewer.grants for path in grant.paths)
    beginnings = {parts[:end] for parts in every for end in range(1, len(parts) + 1)}
    return [parts[-1] for parts in sorted(beginnings)]


def stand_in_viewer(viewer: Viewer, tokens: Tokens, places: int) -> Viewer:
    """A viewer of the same shape; `places` is where what `shape_of` kept of the viewer begins."""
    segments = _segments(viewer)
    made = sorted("".join(_RANDOM.choices(_ALPHABET, k=SEGMENT - 1)) for _ in segments)
    names = dict(zip(segments, made, strict=True))
    for number, token in enumerate(made):
        tokens.segment(places + number, token)
    grants = Grants(
        replace(
            grant,
            id=tokens.withheld(),
            path=_renamed(grant.path, names),
            succeeded=tuple(_renamed(it, names) for it in grant.succeeded),
        )
        for grant in viewer.grants
    )
    after = places + len(segments)
    stood = [None if id_ is None else tokens.id(after + number) for number, id_ in enumerate(_ids(viewer))]
    account, person, behind, session = stood
    if viewer.behind == viewer.person_id:
        behind = person
    return replace(
        viewer,
        grants=grants,
        username=tokens.unknown(),
        account_id=account,
        person_id=person,
        behind=behind,
        session_id=session,
    )


def _renamed(path: str, names: Mapping[str, str]) -> str:
    return "".join(f"{names[part]}/" for part in _parts(path))
