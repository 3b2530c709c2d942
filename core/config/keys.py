"""Which keys a table may have, and which hide their values, read from the JSON Schema of its model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from .positions import KeyPath

Schema = dict[str, Any]
UNIONS = ("anyOf", "oneOf", "allOf")


def keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that the table at `path` within a `model` knows, sorted."""
    return sorted({key for schema in _schemas_at(model, path) for key in schema.get("properties", {})})


def is_secret(model: type[BaseModel], path: KeyPath) -> bool:
    """Whether the value at `path` within a `model` is one that pydantic hides (`SecretStr` and the like)."""
    return any(schema.get("writeOnly") for schema in _schemas_at(model, path))


def _schemas_at(model: type[BaseModel], path: KeyPath) -> list[Schema]:
    root: Schema = model.model_json_schema()
    schemas = list(_members(root, root))
    for part in path:
        below = [child for schema in schemas for child in _children(schema, part)]
        schemas = [member for child in below for member in _members(root, child)]
    return schemas


def _members(root: Schema, schema: Schema) -> Iterator[Schema]:
    """The schema, references followed and unions taken apart."""
    if "$ref" in schema:
        yield from _members(root, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
        return
    yield schema
    for union in UNIONS:
        for member in schema.get(union, ()):
            yield from _members(root, member)


def _children(schema: Schema, part: str | int) -> Iterator[Schema]:
    if isinstance(part, int):
        candidates = [schema.get("items"), *schema.get("prefixItems", ())[part : part + 1]]
    else:
        candidates = [schema.get("properties", {}).get(part), schema.get("additionalProperties")]
    yield from (candidate for candidate in candidates if isinstance(candidate, dict))
