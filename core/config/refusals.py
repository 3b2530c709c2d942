"""What pydantic refuses, in words that carry the fix."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .document import Document, at, dotted
from .findings import Finding, did_you_mean, listing
from .keys import is_secret, keys_at
from .positions import KeyPath

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a table",
    "float_type": "a number",
    "frozen_set_type": "a list",
    "int_from_float": "an integer",
    "int_type": "an integer",
    "list_type": "a list",
    "model_type": "a table",
    "set_type": "a list",
    "string_type": "a text in quotes",
    "time_type": 'a time in quotes, "HH:MM"',
    "tuple_type": "a list",
}
_JSON_TYPES: dict[str, tuple[type, ...]] = {"bool_type": (bool,), "int_type": (int,), "float_type": (int, float)}
_FROM_VALIDATORS = ("value_error", "assertion_error")
_HIDDEN = "found a value that is not shown"


@dataclass(frozen=True)
class Refusal:
    """An error of pydantic about the table at `table`, `way` down from there, validated as `model`."""

    model: type[BaseModel]
    table: KeyPath
    way: KeyPath
    error: ErrorDetails

    @property
    def path(self) -> KeyPath:
        """The way from the top of the configuration."""
        return (*self.table, *self.way)


def explain(document: Document, refusal: Refusal) -> Finding:
    """The finding for one refusal."""
    match refusal.error["type"]:
        case "missing":
            return _missing(document, refusal.path)
        case "extra_forbidden":
            return _unknown_key(document, refusal)
        case kind if kind in _EXPECTED:
            return _wrong_type(document, refusal)
        case kind if kind.isupper():
            return _own_code(document, refusal)
        case _:
            return _wrong_value(document, refusal)


def _missing(document: Document, path: KeyPath) -> Finding:
    suggestion = f"write it below [{dotted(path[:-1])}]"
    return document.finding(path, "MISSING_KEY", f'missing key "{path[-1]}"', None, suggestion)


def _unknown_key(document: Document, refusal: Refusal) -> Finding:
    key, known = str(refusal.path[-1]), keys_at(refusal.model, refusal.way[:-1])
    found, allowed = f'unknown key "{key}"', listing("allowed", known)
    return document.finding(refusal.path, "UNKNOWN_KEY", found, allowed, did_you_mean(key, known))


def _wrong_type(document: Document, refusal: Refusal) -> Finding:
    kind, found = refusal.error["type"], _found(document, refusal)
    suggestion = None if found == _HIDDEN else _rewritten(document, refusal.path, kind)
    return document.finding(refusal.path, "WRONG_TYPE", found, f"expected {_EXPECTED[kind]}", suggestion)


def _own_code(document: Document, refusal: Refusal) -> Finding:
    """A custom error in capitals is a code of ours; its context may say what was found and what to do."""
    context = refusal.error.get("ctx", {})
    found = context.get("found") or _found(document, refusal)
    allowed = f"expected {refusal.error['msg']}"
    return document.finding(refusal.path, refusal.error["type"], found, allowed, context.get("suggestion") or None)


def _wrong_value(document: Document, refusal: Refusal) -> Finding:
    found, error = _found(document, refusal), refusal.error
    choices = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
    suggestion = did_you_mean(str(at(document.data, refusal.path)), choices)
    secret = error["type"] in _FROM_VALIDATORS and (found == _HIDDEN or document.reference(refusal.path))
    allowed = "its validator refuses it" if secret else _sentence(error)
    return document.finding(refusal.path, "INVALID_VALUE", found, allowed, suggestion)


def _found(document: Document, refusal: Refusal) -> str:
    secret = is_secret(refusal.model, refusal.way) and not document.reference(refusal.path)
    return _HIDDEN if secret else f"found {document.shown(refusal.path)}"


def _sentence(error: ErrorDetails) -> str:
    """Pydantic's sentence as the end of ours."""
    message = re.sub("^(Value error|Assertion failed), ", "", error["msg"])
    return re.sub("^(Input|String) should", "it should", message).replace("'", '"')


def _rewritten(document: Document, path: KeyPath, kind: str) -> str | None:
    """How the value would have to be written, where the spelling is all that is wrong with it."""
    value = at(document.data, path)
    if document.is_text(path) or isinstance(value, (dict, list)):
        return None
    if _EXPECTED[kind] == "a list":
        return f"write [{document.shown(path)}]"
    if kind == "string_type":
        return f'write "{_toml(value)}"'
    return f"write {value}, without quotes" if _reads_as(value, kind) else None


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reads_as(value: Any, kind: str) -> bool:
    parsed = None
    with suppress(ValueError):
        parsed = json.loads(value) if isinstance(value, str) else None
    return type(parsed) in _JSON_TYPES.get(kind, ())
