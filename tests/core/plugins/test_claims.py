from __future__ import annotations

import pytest

from linli.core.plugins.claims import Claims
from linli.core.plugins.locations import Location
from linli.core.plugins.problems import PluginError


@pytest.mark.parametrize("kind", ["type", "field", "permission", "role", "table", "event", "hook", "route", "org kind"])
def test_two_plugins_that_define_one_name_are_refused_with_both_named(kind: str) -> None:
    claims = Claims()
    claims.claim(kind, "Booking", "venues", at=Location("venues/graphql.py", 3))
    claims.claim(kind, "Booking", "elderly-care", at=Location("care/graphql.py", 8))
    with pytest.raises(PluginError) as refused:
        claims.verify()
    assert str(refused.value) == (
        f"venues/graphql.py:3: plugin 'venues': found the {kind} 'Booking', which plugin 'elderly-care'"
        f" (care/graphql.py:8) defines too; expected one plugin to define it: prefix the {kind} with the plugin's name"
    )


def test_all_conflicts_are_told_at_once_and_three_plugins_are_all_named() -> None:
    claims = Claims()
    for plugin in ("a", "b", "c"):
        claims.claim("type", "Booking", plugin)
        claims.claim("table", "bookings", plugin)
    with pytest.raises(PluginError) as refused:
        claims.verify()
    assert [problem.found for problem in refused.value.problems] == [
        "the table 'bookings', which plugin 'b' and plugin 'c' defines too",
        "the type 'Booking', which plugin 'b' and plugin 'c' defines too",
    ]


def test_one_name_in_two_kinds_and_one_plugin_claiming_twice_are_no_conflict() -> None:
    claims = Claims()
    claims.claim("type", "Booking", "venues")
    claims.claim("type", "Booking", "venues")
    claims.claim("event", "Booking", "elderly-care")
    claims.verify()
    assert claims.owner_of("type", "Booking") == "venues"
    assert claims.owner_of("event", "Booking") == "elderly-care"


def test_a_name_that_no_installed_plugin_defines_has_no_owner() -> None:
    claims = Claims()
    claims.claim("org kind", "CARE_CENTRE", "elderly-care")
    assert claims.owner_of("org kind", "VENUE") is None
    assert claims.owner_of("role", "CARE_CENTRE") is None


def test_the_names_of_a_plugin_are_listed_by_kind() -> None:
    claims = Claims()
    claims.claim("permission", "venues.b.read", "venues")
    claims.claim("permission", "venues.a.read", "venues")
    claims.claim("permission", "core.org.read", "core")
    claims.claim("role", "venues.c", "venues")
    assert claims.names("permission", "venues") == ["venues.a.read", "venues.b.read"]
