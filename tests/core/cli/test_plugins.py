from __future__ import annotations

import pytest

from linli.core.plugins import info
from linli.core.plugins.info import Edge
from tests.core.cli.projects import Linli


@pytest.mark.parametrize("arguments", [["plugins"], ["plugins", "list"]])
def test_the_list_is_the_default(linli: Linli, arguments: list[str]) -> None:
    result = linli(*arguments)
    assert result.exit_code == 0
    header, *rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert header == ["name", "version", "title", "sort", "distribution"]
    assert ["graphql", "0.1.0", "GraphQL", "part of the platform", "linli"] in rows
    assert ["venues", "0.1.0", "Shared venues", "plugin", "linli"] in rows


def test_everything_about_one_plugin(linli: Linli) -> None:
    result = linli("plugins", "info", "venues")
    facts = [tuple(line.split("\t")) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert ("name", "venues") in facts
    assert ("description", "Units open their venues under the 1+3 rule.") in facts
    assert ("runs with Linli", ">=0.1,<0.2") in facts
    told = {what: value.split(", ") for what, value in facts if what != "setting"}
    assert {"Venue", "BookVenueInput", "BookVenueResult", "VenueFilter", "BookingState"} <= set(told["types"])
    assert {"Query.venues", "Mutation.bookVenue", "OrgNode.venues"} <= set(told["fields"])
    assert "venues.booking.read" in told["permissions"]
    assert "venues.confirmed" in told["types of events"]
    assert "venues.booking_due" in told["timers"]
    assert "NOT_ELIGIBLE" in told["error codes"]
    assert "venues_booking" in told["tables"]
    assert ("setting", "off_day_partners = false") in facts
    assert any(fact[0] == "hook" and fact[1].startswith("linli_storage (") for fact in facts)


def test_the_graph_shows_who_uses_whom(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    edges = [
        Edge("venues", "graphql", "depends_on", ">=0.1", installed=True),
        Edge("venues", "points", "works_with", "", installed=False),
    ]
    monkeypatch.setattr(info, "plugin_graph", lambda _installed: edges)
    result = linli("plugins", "graph")
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["plugin", "relation", "partner", "versions", "state"],
        ["venues", "depends_on", "graphql", ">=0.1", "installed"],
        ["venues", "works_with", "points", "*", "missing"],
    ]


def test_a_graph_without_edges_says_so(linli: Linli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(info, "plugin_graph", lambda _installed: [])
    result = linli("plugins", "graph")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no plugin uses another\n")


def test_an_unknown_plugin_is_refused_with_the_nearest(linli: Linli) -> None:
    result = linli("plugins", "info", "venue")
    assert (result.exit_code, result.stderr) == (2, 'error: unknown plugin "venue"; did you mean "venues"?\n')
