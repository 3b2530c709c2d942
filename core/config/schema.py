"""The JSON Schema of linli.toml, for editors: exactly what is installed can be written, and is explained."""

from __future__ import annotations

import copy

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .core_settings import CoreSettings
from .installed import CORE, AnyInstalled, Installed, by_name, choosable
from .keys import UNIONS, Schema
from .models import DISTRICT_KEY, Configuration, DistrictConfiguration

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "Reference"
_NOTES = ("title", "description", "default", "examples", "deprecated")


def config_schema(installed: AnyInstalled) -> Schema:
    """The JSON Schema (draft 2020-12) of linli.toml for the installed plugins.

    Every value may also be a reference, a text that begins with `$env:` or `$file:`.
    """
    plugins = by_name(installed)
    places, definitions = _definitions(plugins)
    root = definitions.pop(_name(places[Configuration]))
    _describe_districts(root, places[DistrictConfiguration])
    _describe_district(definitions[_name(places[DistrictConfiguration])], plugins, places)
    for schema in (root, *definitions.values()):
        _close(schema, definitions)
    definitions[_REFERENCE] = {"type": "string", "pattern": "^\\$(env|file):.", "description": "A reference. 引用。"}
    return {"$schema": DIALECT, **root, "title": "linli.toml", "$defs": dict(sorted(definitions.items()))}


def _definitions(plugins: Installed) -> tuple[dict[type[BaseModel], Schema], dict[str, Schema]]:
    """A reference to the schema of every model, and the schemas by name: models of one name are told apart."""
    stated = [plugin.settings_model for plugin in plugins.values() if plugin.settings_model is not None]
    spine: list[type[BaseModel]] = [Configuration, DistrictConfiguration, CoreSettings]
    models = dict.fromkeys(spine + stated)
    places, schema = models_json_schema([(model, "validation") for model in models])
    return {model: places[model, "validation"] for model in models}, copy.deepcopy(schema["$defs"])


def _name(place: Schema) -> str:
    return str(place["$ref"]).rsplit("/", 1)[-1]


def _describe_districts(root: Schema, district: Schema) -> None:
    root["properties"]["districts"] |= {
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{DISTRICT_KEY}$"},
        "additionalProperties": district,
    }
    root["required"] = ["districts"]


def _describe_district(schema: Schema, plugins: Installed, places: dict[type[BaseModel], Schema]) -> None:
    properties, names = schema["properties"], choosable(plugins)
    properties["plugins"] |= {"items": {"enum": names} if names else False, "uniqueItems": True}
    sections = {CORE: places[CoreSettings]}
    for plugin in plugins.values():
        model = plugin.settings_model
        sections[plugin.name] = places[model] if model is not None else _table({})
    properties["settings"] = _noted(properties["settings"]) | _table(sections)
    features = {
        name: {"type": "string", "pattern": "\\S", "description": f"{explanation} ({plugin.name})"}
        for plugin in plugins.values()
        for name, explanation in plugin.regulated.items()
    }
    properties["regulated"] = _noted(properties["regulated"]) | _table(features)


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _noted(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key in _NOTES}


def _close(schema: Schema, definitions: dict[str, Schema]) -> None:
    """Refuse unknown keys, whatever the model says, as reading does; allow references for values."""
    if "properties" not in schema:
        return
    schema["additionalProperties"] = False
    for key, value in schema["properties"].items():
        if value.get("uniqueItems") and "default" in value:
            value["default"] = sorted(value["default"], key=str)  # a set's order differs between processes
        if not _is_table(value, definitions):
            schema["properties"][key] = _or_reference(value)


def _is_table(schema: Schema, definitions: dict[str, Schema]) -> bool:
    if "$ref" in schema:
        return _is_table(definitions[_name(schema)], definitions)
    members = [member for union in UNIONS for member in schema.get(union, ())]
    return schema.get("type") == "object" or any(_is_table(member, definitions) for member in members)


def _or_reference(schema: Schema) -> Schema:
    constraints = {key: value for key, value in schema.items() if key not in _NOTES}
    if constraints == {"type": "string"}:
        return schema
    return _noted(schema) | {"anyOf": [constraints, {"$ref": f"#/$defs/{_REFERENCE}"}]}
