"""Refusals as text, so that a repeated request is refused in the same words, in whatever language it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from ..errors import ConflictError, FieldProblem, RejectedError, Text, ValidationError

COMMON = frozenset({"message", "code", "path", "plugin", "details"})


def stored(refusal: RejectedError) -> str:
    """A refusal as JSON: what all refusals have, and what its type adds where that is JSON too.

    Where it is not, the refusal is kept as a plain RejectedError; so a plugin's type had better add nothing else.
    """
    added = {name: value for name, value in vars(refusal).items() if name not in COMMON}
    if isinstance(refusal, ConflictError):
        added["current"] = None  # shown anew, to the viewer of then
    if isinstance(refusal, ValidationError):
        added["problems"] = [[problem.path, problem.code, _text(problem.message)] for problem in refusal.problems]
    kind = type(refusal)
    if not _is_json(added):
        kind, added = RejectedError, {}
    kept = {
        "type": _name(kind),
        "added": added,
        "code": refusal.code,
        "message": _text(refusal.message),
        "path": refusal.path,
        "plugin": refusal.plugin,
        "details": refusal.details,
    }
    return orjson.dumps(kept, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def restored(kept: str) -> RejectedError:
    """The refusal again, of the same type; a plain RejectedError when the type is gone."""
    values = orjson.loads(kept)
    kind = next((found for found in _refusals(RejectedError) if _name(found) == values["type"]), RejectedError)
    refusal = kind.__new__(kind)  # the constructors differ, what they call in the end does not
    RejectedError.__init__(
        refusal,
        _restored_text(values["message"]),
        code=values["code"],
        path=values["path"],
        plugin=values["plugin"],
        details=values["details"],
    )
    vars(refusal).update(values["added"])
    if isinstance(refusal, ValidationError):
        problems = values["added"]["problems"]
        refusal.problems = tuple(FieldProblem(path, code, _restored_text(message)) for path, code, message in problems)
    return refusal


def _refusals(kind: type[RejectedError]) -> Iterator[type[RejectedError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _refusals(below)


def _name(kind: type[RejectedError]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_json(value: object) -> bool:
    match value:
        case dict():
            return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
        case list() | tuple():
            return all(map(_is_json, value))
    return type(value) in (str, int, bool, float, type(None))


def _text(message: Text) -> list[object]:
    params = {name: value if _is_json(value) else str(value) for name, value in message.params.items()}
    return [message.template, params, message.domain]


def _restored_text(kept: list[Any]) -> Text:
    template, params, domain = kept
    return Text(template, params, domain)
