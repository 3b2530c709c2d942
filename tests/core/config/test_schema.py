from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from linli.core.config import InstalledPlugin, check, config_schema, template
from linli.core.config.schema import DIALECT

Write = Callable[[str | bytes], Path]
Schema = dict[str, Any]

TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (),
    "number": (int, float),
    "object": (dict,),
    "string": (str, date, time),
}
NOTES = {"$defs", "$schema", "title", "description", "default", "examples", "format", "writeOnly"}


class Validator:
    """As much of JSON Schema 2020-12 as the schema uses; it refuses to overlook a keyword."""

    def __init__(self, root: Schema) -> None:
        self.root = root

    def accepts(self, value: Any, schema: Schema | bool) -> bool:
        if isinstance(schema, bool):
            return schema
        keywords = schema.keys() - NOTES
        return all(getattr(self, f"_{keyword.lstrip('$').lower()}")(value, schema) for keyword in keywords)

    def _ref(self, value: Any, schema: Schema) -> bool:
        return self.accepts(value, self.root["$defs"][schema["$ref"].removeprefix("#/$defs/")])

    def _type(self, value: Any, schema: Schema) -> bool:
        return isinstance(value, TYPES[schema["type"]]) and (schema["type"] == "boolean") == isinstance(value, bool)

    def _properties(self, value: Any, schema: Schema) -> bool:
        table = value if isinstance(value, dict) else {}
        return all(self.accepts(table[key], sub) for key, sub in schema["properties"].items() if key in table)

    def _additionalproperties(self, value: Any, schema: Schema) -> bool:
        table = value if isinstance(value, dict) else {}
        others = [table[key] for key in table.keys() - schema.get("properties", {}).keys()]
        return all(self.accepts(other, schema["additionalProperties"]) for other in others)

    def _propertynames(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or all(self.accepts(key, schema["propertyNames"]) for key in value)

    def _minproperties(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or len(value) >= schema["minProperties"]

    def _required(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, dict) or set(schema["required"]) <= value.keys()

    def _anyof(self, value: Any, schema: Schema) -> bool:
        return any(self.accepts(value, member) for member in schema["anyOf"])

    def _enum(self, value: Any, schema: Schema) -> bool:
        return value in schema["enum"]

    def _items(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, list) or all(self.accepts(item, schema["items"]) for item in value)

    def _uniqueitems(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, list) or len({str(item) for item in value}) == len(value)

    def _pattern(self, value: Any, schema: Schema) -> bool:
        text = value.isoformat() if isinstance(value, time) else value
        return not isinstance(text, str) or re.search(schema["pattern"], text) is not None

    def _minlength(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, str) or len(value) >= schema["minLength"]

    def _minimum(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, int) or value >= schema["minimum"]

    def _maximum(self, value: Any, schema: Schema) -> bool:
        return not isinstance(value, int) or value <= schema["maximum"]


def accepts(text: str, installed: list[InstalledPlugin]) -> bool:
    schema = config_schema(installed)
    return Validator(schema).accepts(tomllib.loads(text), schema)


def test_the_schema_names_its_dialect_and_holds_all_it_refers_to(installed: list[InstalledPlugin]) -> None:
    schema = config_schema(installed)

    assert schema["$schema"] == DIALECT == "https://json-schema.org/draft/2020-12/schema"
    references = set(re.findall(r"'#/\$defs/(\w+)'", str(schema)))
    assert references == set(schema["$defs"])


def test_the_schema_accepts_the_template(installed: list[InstalledPlugin]) -> None:
    assert accepts(template(installed), installed)


@pytest.mark.parametrize(
    "text",
    [
        "[districts.yue]\nname = 'x'\nplugins = ['venues']\nsettings.venues.opens = '08:00'\n",
        "[districts.yue]\nname = 'x'\nplugins = ['venues']\nsettings.venues.limits = {per_week = 1}\n",
        "[districts.yue]\nname = 'x'\nsettings.core.close_of_business = 16:00:00\n",
        "[districts.yue]\nname = 'x'\ncode = '430602000000'\ndatabase = 'sqlite://x.db'\n",
        "[districts.yue]\nname = 'x'\nplugins = ['elderly-care']\nregulated.sign-in-photos = 'Resolution 7'\n",
    ],
)
def test_the_schema_accepts_what_checking_accepts(write: Write, installed: list[InstalledPlugin], text: str) -> None:
    assert accepts(text, installed)
    assert "ERROR" not in {finding.severity for finding in check(write(text), installed)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[districts]\n",
        "[districts.Yue]\nname = 'x'\n",
        "[districts.yue]\n",
        "[databse]\n[districts.yue]\nname = 'x'\n",
        "[server]\nport = '8000'\n[districts.yue]\nname = 'x'\n",
        "[server]\nport = true\n[districts.yue]\nname = 'x'\n",
        "[server]\nport = 70000\n[districts.yue]\nname = 'x'\n",
        "[database]\nurl = 'mysql://x'\n[districts.yue]\nname = 'x'\n",
        "[districts.yue]\nname = 'x'\nlanguage = 'zh'\n",
        "[districts.yue]\nname = 'x'\ncode = 430602000000\n",
        "[districts.yue]\nname = 'x'\nplugins = ['venue']\n",
        "[districts.yue]\nname = 'x'\nplugins = ['venues', 'venues']\n",
        "[districts.yue]\nname = 'x'\nplugins = ['venues']\nsettings.venues.open = '08:00'\n",
        "[districts.yue]\nname = 'x'\nplugins = ['venues']\nsettings.venues.limits.per_day = 1\n",
        "[districts.yue]\nname = 'x'\nplugins = ['doors']\nsettings.doors = {}\n",
        "[districts.yue]\nname = 'x'\nplugins = ['volunteer-points', 'venues']\nsettings.volunteer-points.x = 1\n",
        "[districts.yue]\nname = 'x'\nsettings.core.crypto_suite = 'sm4'\n",
        "[districts.yue]\nname = 'x'\nplugins = ['elderly-care']\nregulated.sign-in-photos = ' '\n",
        "[districts.yue]\nname = 'x'\nregulated.tracks = 'x'\n",
    ],
)
def test_the_schema_refuses_what_checking_refuses(write: Write, installed: list[InstalledPlugin], text: str) -> None:
    assert not accepts(text, installed)
    assert "ERROR" in {finding.severity for finding in check(write(text), installed)}


def test_a_value_may_be_a_reference_but_a_table_may_not(installed: list[InstalledPlugin]) -> None:
    assert accepts(
        "[server]\nport = '$env:PORT'\n[districts.yue]\nname = '$file:name'\nplugins = '$env:P'\n", installed
    )
    assert not accepts("server = '$env:SERVER'\n[districts.yue]\nname = 'x'\n", installed)


def test_the_schema_is_the_same_in_every_process(installed: list[InstalledPlugin]) -> None:
    assert config_schema(installed)["$defs"]["VenueSettings"]["properties"]["tags"]["default"] == ["reading", "sport"]


def test_a_table_among_other_types_may_be_written(plugin: Callable[..., InstalledPlugin]) -> None:
    class Fee(BaseModel):
        fen: int

    class Payer(StrEnum):
        GUEST = "guest"

    class Fees(BaseModel):
        fee: int | Fee = 0
        payer: Payer = Payer.GUEST

    fees = plugin("fees", settings_model=Fees)
    text = "[districts.yue]\nname = 'x'\nplugins = ['fees']\nsettings.fees."

    for right in ("fee = 5", "fee = {fen = 5}", "payer = 'guest'", "payer = '$env:PAYER'"):
        assert accepts(text + right, [fees]), right
    for wrong in ("fee = {fun = 5}", "fee = '5'", "payer = 'host'"):
        assert not accepts(text + wrong, [fees]), wrong


def test_without_plugins_none_can_be_named(plugin: Callable[..., InstalledPlugin]) -> None:
    assert accepts("[districts.yue]\nname = 'x'\nplugins = []\n", [])
    assert not accepts("[districts.yue]\nname = 'x'\nplugins = ['venues']\n", [])


def test_models_of_one_name_are_told_apart(plugin: Callable[..., InstalledPlugin]) -> None:
    first = type("Settings", (BaseModel,), {"__annotations__": {"a": int}, "__module__": "one"})
    second = type("Settings", (BaseModel,), {"__annotations__": {"b": int}, "__module__": "two"})
    plugins = [plugin("one", settings_model=first), plugin("two", settings_model=second)]

    assert accepts("[districts.yue]\nname = 'x'\nsettings = {one = {a = 1}, two = {b = 1}}\n", plugins)
    assert not accepts("[districts.yue]\nname = 'x'\nsettings = {one = {b = 1}, two = {a = 1}}\n", plugins)


def test_a_model_that_allows_unknown_keys_is_not_obeyed(plugin: Callable[..., InstalledPlugin], write: Write) -> None:
    class Loose(BaseModel):
        model_config = ConfigDict(extra="allow")

        limit: int = 1

    plugins = [plugin("loose", settings_model=Loose)]
    text = "[districts.yue]\nname = 'x'\nplugins = ['loose']\nsettings.loose.limt = 2\n"

    assert not accepts(text, plugins)
    [finding] = check(write(text), plugins)
    assert finding.suggestion == 'did you mean "limit"?'
