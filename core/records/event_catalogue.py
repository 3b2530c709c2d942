"""The catalogue of events: what each type tells, by name, class and type of its values. 事件目录。"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from inspect import getdoc
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from .event_types import SUBJECT, EventType, EventTypes

Entry = Mapping[str, Any]


def entries(catalogue: EventTypes) -> list[Entry]:
    """Every type, by its name, as plain JSON: owner, versions, when it happens, what it tells, about whom."""
    return [_entry(one, catalogue.owner(one.name)) for one in sorted(catalogue, key=lambda it: it.name)]


def _entry(one: EventType[Any], owner: str) -> Entry:
    kinds: dict[str, str] = {}
    for path, kind in _types(one.payload):
        kinds[path] = kind if kinds.get(path, kind) == kind else f"{kinds[path]} | {kind}"
    return {
        "name": one.name,
        "owner": owner,
        "version": one.version,
        "when": one.description,
        "tells": " ".join((getdoc(one.payload) or "").split()),
        "person": "subject" if one.person == SUBJECT else one.person,
        "fields": [{"name": path, "type": kinds[path], "class": mark.value} for path, mark in one.classes.items()],
        "upcasters": [{"from": step, "to": step + 1, "does": _does(one.upcasters[step])} for step in one.upcasters],
    }


def _does(upcaster: Any) -> str:
    return " ".join((getdoc(upcaster) or "").split())


def _types(model: type[BaseModel], before: str = "", after: str = "") -> Iterator[tuple[str, str]]:
    """The type of every value, of models inside too, by its path."""
    for name, info in model.model_fields.items():
        path, inner = f"{before}{name}", list(_models(info.annotation))
        if not inner:
            yield path, written(info.annotation)
        for one in inner:
            yield from _types(one, f"{path}.", after)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def written(annotation: Any) -> str:
    """A type as JSON readers think of it: `text | null`, `list of id`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in arguments)
    if origin is not None and arguments:
        return _composed(origin, [written(one) for one in arguments if one is not Ellipsis])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " | ".join(f'"{one.value}"' for one in annotation)
    return _WORDS.get(getattr(annotation, "__name__", ""), str(getattr(annotation, "__name__", annotation)))


def _composed(origin: Any, parts: list[str]) -> str:
    """A type that is made of others."""
    if origin is Annotated:
        return parts[0]
    if origin in (Union, types.UnionType):
        return " | ".join(parts)
    if origin in (list, tuple, set, frozenset):
        return f"list of {' | '.join(dict.fromkeys(parts))}"
    return f"object of {parts[-1]}"


_WORDS = {
    "str": "text",
    "int": "integer",
    "bool": "boolean",
    "UUID": "id",
    "NoneType": "null",
    "datetime": "instant",
    "date": "date",
    "dict": "object",
    "Any": "JSON",
}


def markdown(found: Iterable[Entry]) -> str:
    """The catalogue as a page, one section for each owner."""
    lines = [_HEAD]
    owner = None
    for entry in sorted(found, key=lambda it: (it["owner"] != "core", it["owner"], it["name"])):
        if entry["owner"] != owner:
            owner = entry["owner"]
            lines.append(f"## {owner}\n")
        lines += _section(entry)
    return "\n".join(lines).rstrip() + "\n"


_HEAD = """# Events 事件目录

Every type of event of core and of the bundled plugins. This page is generated (`python -m tools.schema_files`);
`linli events catalogue` prints the same for a district with plugins of its own, `--json` for programs.

An event has an envelope (id, sequence, type, schema version, subject, organisation, actor, instant) and the values
below. Values that are PERSONAL or SENSITIVE are kept encrypted under the key of the person whom they are about, and
leave the district by no webhook. A change of shape gives a type a new version; values of earlier ones are brought up to
it as they are read.
"""


def _section(entry: Entry) -> Iterator[str]:
    versions = "version 1" if entry["version"] == 1 else f"versions 1 to {entry['version']}"
    yield f"### `{entry['name']}`\n"
    about = "" if entry["person"] is None else f" About a person: {_whom(entry['person'])}."
    yield f"{entry['when']} ({versions}){about}\n"
    yield f"{entry['tells']}\n"
    if entry["fields"]:
        yield "| value | type | class |"
        yield "| --- | --- | --- |"
        yield from (f"| `{it['name']}` | {_cell(it['type'])} | {it['class']} |" for it in entry["fields"])
        yield ""
    for step in entry["upcasters"]:
        yield f"From version {step['from']} to {step['to']}: {step['does'] or '-'}\n"


def _whom(person: str) -> str:
    return "its subject" if person == "subject" else f"`{person}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
