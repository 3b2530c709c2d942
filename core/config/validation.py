"""Tables of a configuration against the models that declare them; what pydantic refuses becomes findings."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, time
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .document import Document, at, has
from .findings import Finding
from .positions import KeyPath
from .refusals import Refusal, explain

ModelT = TypeVar("ModelT", bound=BaseModel)


def validate(model: type[ModelT], document: Document, path: KeyPath) -> tuple[ModelT | None, list[Finding]]:
    """The table at `path` as a `model`, or what is wrong with it; unknown keys and wrong types are always refused.

    Texts of the environment and of references become, in the document too, what they are as TOML where the key takes
    no text.
    """
    value = at(document.data, path) if has(document.data, path) or not path else {}
    instance, errors = _attempt(model, value)
    texts = {_way(value, error) for error in errors}
    if _read_as_toml(value, [text for text in texts if document.is_text((*path, *text))]):
        instance, errors = _attempt(model, value)
    refusals = [Refusal(model, path, _way(value, error), error) for error in errors]
    findings = [explain(document, refusal) for refusal in refusals if not document.is_unresolved(refusal.path)]
    return instance, list(_joined(findings))


def _attempt(model: type[ModelT], value: Any) -> tuple[ModelT | None, list[ErrorDetails]]:
    """Strict as JSON is: types are not converted, yet times, enums and sets may be written as texts and lists."""
    try:
        text = json.dumps(value, default=_plain)
        return model.model_validate_json(text, strict=True, extra="forbid"), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _plain(value: date | time) -> str:
    return value.isoformat()


def _read_as_toml(value: Any, texts: Iterable[KeyPath]) -> bool:
    """Replace refused texts by what they are as TOML, in place; whether any was replaced."""
    replaced = False
    for path in texts:
        with suppress(tomllib.TOMLDecodeError):
            parsed = tomllib.loads(f"value = {at(value, path)}")
            if path and set(parsed) == {"value"}:
                at(value, path[:-1])[path[-1]] = parsed["value"]
                replaced = True
    return replaced


def _way(value: Any, error: ErrorDetails) -> KeyPath:
    """The error's way through the data: pydantic also names members of unions and marks keys, which are no steps."""
    path: KeyPath = ()
    for part in error["loc"]:
        if has(value, (*path, part)):
            path = (*path, part)
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _joined(findings: Iterable[Finding]) -> Iterator[Finding]:
    """One finding per place and code: a union refuses a value once for each of its members."""
    joined: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.where, finding.code, finding.found)
        before = joined.setdefault(key, finding)
        if finding.allowed and before.allowed != finding.allowed:
            allowed = f"{before.allowed} or {finding.allowed.removeprefix('expected ')}"
            joined[key] = replace(before, allowed=allowed, suggestion=before.suggestion or finding.suggestion)
    yield from joined.values()
