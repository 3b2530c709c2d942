from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, computed_field, create_model

from linli.core.records.classes import FieldClass
from linli.core.records.event_types import (
    SUBJECT,
    EventType,
    EventTypeError,
    EventTypes,
    Internal,
    Personal,
    Public,
    Sensitive,
    UnknownEventTypeError,
)


class Guest(BaseModel):
    name: Personal[str]
    illness: Sensitive[str | None] = None


class Confirmed(BaseModel):
    venue: Public[str]
    minutes: Internal[int]
    guests: list[Guest] = []


class Loose(BaseModel):
    venue: str


class Weighed(BaseModel):
    kilograms: Public[float | None]


class Twice(BaseModel):
    guest: Public[Guest]


class Tree(BaseModel):
    name: Public[str]
    below: list[Tree] = []


CONFIRMED = EventType("venues.confirmed", 1, Confirmed, "A booking was confirmed", person=SUBJECT)


def test_the_classes_of_a_payload_reach_into_the_models_inside() -> None:
    assert CONFIRMED.classes == {
        "venue": FieldClass.PUBLIC,
        "minutes": FieldClass.INTERNAL,
        "guests.name": FieldClass.PERSONAL,
        "guests.illness": FieldClass.SENSITIVE,
    }


@pytest.mark.parametrize(
    ("payload", "advice"),
    [
        (Loose, r"venues\.x\.venue: say its class"),
        (Weighed, r"venues\.x\.kilograms: no floats"),
        (Twice, r"venues\.x\.guest: the fields of the model inside"),
        (Tree, r"venues\.x\.below: Tree contains itself"),
        (create_model("Inside", loose=(list[Loose], ...)), r"venues\.x\.loose\.venue: say its class"),
    ],
)
def test_a_payload_without_clear_classes_is_refused(payload: type[BaseModel], advice: str) -> None:
    with pytest.raises(EventTypeError, match=advice):
        EventType("venues.x", 1, payload, "x")


@pytest.mark.parametrize(
    "name", ["confirmed", "Venues.confirmed", "venues.confirmed.twice", "venues.", "v." + "x" * 99]
)
def test_a_name_is_plugin_and_what_happened(name: str) -> None:
    with pytest.raises(EventTypeError, match="<plugin>"):
        EventType(name, 1, Confirmed, "x")


def test_a_type_without_description_is_refused() -> None:
    with pytest.raises(EventTypeError, match="describe"):
        EventType("venues.confirmed", 1, Confirmed, " ")


@pytest.mark.parametrize(("version", "steps"), [(0, []), (1, [1]), (2, []), (3, [1]), (3, [1, 3])])
def test_every_older_version_needs_its_upcaster(version: int, steps: list[int]) -> None:
    with pytest.raises(EventTypeError, match="needs upcasters"):
        EventType("venues.confirmed", version, Confirmed, "x", dict.fromkeys(steps, dict))


def test_an_old_payload_is_read_in_the_present_shape() -> None:
    def hours_to_minutes(old: dict[str, Any]) -> dict[str, Any]:
        return {"venue": old["hall"], "minutes": old["hours"] * 60}

    def guests_added(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "guests": [{"name": "张三"}]}

    newest = EventType("venues.confirmed", 3, Confirmed, "x", {1: hours_to_minutes, 2: guests_added}, person=SUBJECT)
    assert newest.read(1, {"hall": "A", "hours": 2}) == Confirmed(venue="A", minutes=120, guests=[Guest(name="张三")])
    assert newest.read(3, {"venue": "A", "minutes": 5}) == Confirmed(venue="A", minutes=5)
    with pytest.raises(EventTypeError, match="version 4 was stored"):
        newest.read(4, {})


def test_the_catalogue_knows_names_and_owners() -> None:
    catalogue = EventTypes()
    other = EventType("core.org_created", 1, Guest, "x", person=SUBJECT)
    catalogue.register("venues", CONFIRMED)
    catalogue.register("core", other)
    assert catalogue.get("venues.confirmed") is CONFIRMED
    assert catalogue.owner("core.org_created") == "core"
    assert catalogue.names({"core"}) == {"core.org_created"}
    assert list(catalogue) == [CONFIRMED, other]


def test_a_type_of_another_plugin_is_refused() -> None:
    with pytest.raises(EventTypeError, match="volunteer_points may only register"):
        EventTypes().register("volunteer_points", CONFIRMED)


def test_a_name_in_use_is_refused() -> None:
    catalogue = EventTypes()
    catalogue.register("venues", CONFIRMED)
    with pytest.raises(EventTypeError, match="registered twice, by venues and venues"):
        catalogue.register("venues", CONFIRMED)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    catalogue = EventTypes()
    catalogue.register("venues", CONFIRMED)
    with pytest.raises(UnknownEventTypeError, match=r"did you mean 'venues\.confirmed'"):
        catalogue.get("venues.confirmd")


class Named(BaseModel):
    name: Public[str]


class Mixed(BaseModel):
    who: Named | Guest
    by_room: dict[str, Guest] = {}
    rows: list[Confirmed] = []

    @computed_field  # type: ignore[prop-decorator]  # as pydantic has it
    @property
    def told(self) -> str:
        return str(self.who.name)


def test_the_stricter_of_two_classes_counts_where_a_value_is_of_one_model_or_another() -> None:
    found = EventType("venues.mixed", 1, Mixed, "Two models in one place", person=SUBJECT)
    assert found.classes["who.name"] is FieldClass.PERSONAL


def test_only_what_a_key_declares_public_or_internal_is_told_on() -> None:
    found = EventType("venues.mixed", 1, Mixed, "Two models in one place", person=SUBJECT)
    inner = Confirmed(venue="礼堂", minutes=30, guests=[Guest(name="李四", illness="感冒")])
    payload = Mixed(who=Guest(name="王五"), by_room={"二楼": Guest(name="张三")}, rows=[inner])
    assert found.plain(payload) == {
        "who": {},
        "by_room": {},
        "rows": [{"venue": "礼堂", "minutes": 30, "guests": [{}]}],
    }
