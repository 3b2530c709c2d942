"""How plugins declare handlers, and what is refused of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from linli.core.deliveries.handlers import EventHandler, handlers_of, wanted_by
from linli.core.districts import District
from linli.core.plugins.discovery import installed
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

plugin = Plugin(
    name="town-criers",
    title=Title(en="Town criers", zh="传报"),
    description="Made for a test. 测试用。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)
declared: list[tuple[str, Mapping[str, int]]] = []

one_engine = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CREATED = {"core.person_created": 1}


async def nothing(*_: object) -> None:
    """Does nothing about an event."""


@hookimpl
def linli_event_handlers() -> Sequence[EventHandler]:
    """The handlers that the test at hand wants declared."""
    return [EventHandler(name, on, nothing, "Tells it") for name, on in declared]


def declaring(district: District, *handlers: tuple[str, Mapping[str, int]], on: bool = True) -> District:
    """The district with this module as a plugin that declares handlers."""
    declared[:] = handlers
    configuration = district.configuration.model_copy(update={"plugins": ("town-criers",) if on else ()})
    return District(district.key, configuration, installed([sys.modules[__name__]], entry_points=()), district.store)


@one_engine
async def test_a_plugin_that_is_on_declares_handlers(district: District) -> None:
    found = handlers_of(declaring(district, ("town_criers.tell", CREATED), ("town_criers.shout", CREATED)))
    assert {name: one.plugin for name, one in found.items()} == {
        "town_criers.tell": "town-criers",
        "town_criers.shout": "town-criers",
    }
    assert wanted_by(found) == {"core.person_created": ["town_criers.tell", "town_criers.shout"]}


@one_engine
async def test_a_plugin_that_is_off_declares_none(district: District) -> None:
    assert handlers_of(declaring(district, ("town_criers.tell", CREATED), on=False)) == {}


@pytest.mark.parametrize("names", [["venues.tell"], ["town_criers.tell", "town_criers.tell"]])
@one_engine
async def test_a_handler_of_another_plugin_or_declared_twice_is_refused(district: District, names: list[str]) -> None:
    with pytest.raises(ValueError, match="of plugin 'town-criers'"):
        declaring(district, *((name, CREATED) for name in names))


@one_engine
async def test_a_handler_written_for_another_version_of_an_event_is_refused_with_both(district: District) -> None:
    with pytest.raises(ValueError, match=r"reads version 7 of core\.person_created, which is at 1"):
        declaring(district, ("town_criers.tell", {"core.person_created": 7}))


@one_engine
async def test_events_of_a_partner_that_is_off_are_let_pass(district: District) -> None:
    found = handlers_of(declaring(district, ("town_criers.tell", {"ballots.cast": 3})))
    assert list(found) == ["town_criers.tell"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "tell"}, "expected <plugin>.<thing>"),
        ({"on": {}}, "on which types"),
        ({"attempts": 0}, "an attempt"),
        ({"seconds": 0}, "an attempt"),
        ({"description": " "}, "describe what it does"),
    ],
)
def test_a_handler_says_who_it_is_and_what_it_does(given: dict[str, Any], told: str) -> None:
    whole: dict[str, Any] = {"name": "test.tell", "on": CREATED, "handle": nothing, "description": "Tells it"}
    with pytest.raises(ValueError, match=told):
        EventHandler(**{**whole, **given})
