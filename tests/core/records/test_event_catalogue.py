"""The catalogue of events: the committed page is what the code says, and says all of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel

from linli.core.districts.event_catalogue import catalogue_of
from linli.core.plugins.discovery import installed
from linli.core.records.event_catalogue import entries, markdown, written
from linli.core.records.event_types import EventType, EventTypes, Internal, Personal, Public
from tools.schema_files import events

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
ENTRIES = entries(catalogue_of(installed()))


def test_the_committed_catalogue_is_current() -> None:
    assert PAGE.read_text("utf-8") == events(installed()), "run `python -m tools.schema_files`"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_every_type_says_when_it_happens_and_what_it_tells(entry: dict[str, Any]) -> None:
    assert any("\u4e00" <= sign <= "\u9fff" for sign in entry["when"]), "give the Chinese term too"
    assert not entry["tells"].startswith("!!! abstract"), "the payload has no docstring of its own"
    assert len(entry["tells"]) > 10
    assert all(step["does"] for step in entry["upcasters"]), "say what the upcaster does"


def _of_old(values: dict[str, Any]) -> dict[str, Any]:
    """`who` was called `guest`."""
    return {"who": values.pop("guest"), **values}


class Guest(BaseModel):
    """Who comes."""

    name: Personal[str]
    phone: Personal[str | None]


class Invited(BaseModel):
    """Who was invited, and whereto."""

    who: Public[UUID]
    guests: tuple[Guest, ...]
    room: Internal[Literal["A", "B"]]


def test_an_entry_names_values_inside_of_others_and_how_earlier_versions_are_read() -> None:
    types = EventTypes()
    invited = EventType("tea.invited", 2, Invited, "Guests are invited. 邀请。", {1: _of_old}, person="who")
    types.register("tea", invited)
    (entry,) = entries(types)
    assert entry["fields"] == [
        {"name": "who", "type": "id", "class": "PUBLIC"},
        {"name": "guests.name", "type": "text", "class": "PERSONAL"},
        {"name": "guests.phone", "type": "text | null", "class": "PERSONAL"},
        {"name": "room", "type": '"A" | "B"', "class": "INTERNAL"},
    ]
    assert (entry["person"], entry["upcasters"]) == ("who", [{"from": 1, "to": 2, "does": "`who` was called `guest`."}])
    page = markdown([entry])
    assert "| `guests.phone` | text \\| null | PERSONAL |" in page
    assert "From version 1 to 2: `who` was called `guest`." in page


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (datetime | None, "instant | null"),
        (tuple[str, ...], "list of text"),
        (dict[str, int], "object of integer"),
        (list[UUID] | None, "list of id | null"),
    ],
)
def test_types_are_written_as_readers_of_json_think_of_them(annotation: Any, words: str) -> None:
    assert written(annotation) == words
