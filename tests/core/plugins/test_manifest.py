from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.plugins.manifest import NAME, Plugin, Title
from linli.core.plugins.problems import PluginError

TITLE = Title(en="Volunteer points", zh="志愿积分")


def manifest(**changes: Any) -> Plugin:
    values: dict[str, Any] = {
        "name": "volunteer-points",
        "title": TITLE,
        "description": "Points for volunteers. 志愿积分。",
        "version": "0.1.0",
        "requires": ">=0.1,<0.2",
    }
    return Plugin(**{**values, **changes})


def test_the_one_name_is_spelt_in_three_ways() -> None:
    plugin = manifest()
    assert (plugin.name, plugin.label, plugin.graphql_name) == (
        "volunteer-points",
        "volunteer_points",
        "VolunteerPoints",
    )


@given(st.from_regex(NAME, fullmatch=True).filter(lambda name: name.isascii() and name not in ("all", "core", "linli")))
def test_labels_and_graphql_names_are_identifiers_for_every_valid_name(name: str) -> None:
    plugin = manifest(name=name)
    assert plugin.label.isidentifier()
    assert plugin.graphql_name.isidentifier()
    assert plugin.label.replace("_", "-") == name


@pytest.mark.parametrize(
    ("changes", "found", "expected"),
    [
        ({"name": "volunteer_points"}, "name='volunteer_points'", "words joined by hyphens"),
        ({"name": "Venues"}, "name='Venues'", "lower-case letters"),
        ({"name": "2nd"}, "name='2nd'", "lower-case letters"),
        ({"name": "venues-"}, "name='venues-'", "words joined by hyphens"),
        ({"name": "venues\n"}, "name='venues\\n'", "words joined by hyphens"),
        ({"name": ""}, "name=''", "words joined by hyphens"),
        ({"name": None}, "name=None", "words joined by hyphens"),
        ({"name": "core"}, "name='core'", "not reserved (reserved are 'all', 'core', 'linli')"),
        ({"title": "Points"}, "title='Points'", "title=Title(en=..., zh=...)"),
        ({"title": Title(en="Points", zh="")}, "zh=''", "title=Title(en=..., zh=...)"),
        ({"description": " "}, "description=' '", "English then Chinese"),
        ({"version": "one"}, "version='one'", "a PEP 440 version such as '0.1.0'"),
        ({"version": 1}, "version=1", "a PEP 440 version"),
        ({"requires": "^0.1"}, "requires: 'core' '^0.1'", "a PEP 440 range such as '>=0.1,<0.2'"),
        ({"requires": None}, "requires: 'core' None", "a PEP 440 range"),
        ({"depends_on": {"venues": "newest"}}, "depends_on: 'venues' 'newest'", "a PEP 440 range"),
        ({"works_with": {"venues": "=>1"}}, "works_with: 'venues' '=>1'", "a PEP 440 range"),
        ({"depends_on": {"red_property": ""}}, "the partner 'red_property'", "words joined by hyphens"),
        ({"works_with": {"volunteer-points": ""}}, "the plugin's own name", "the names of other plugins"),
        (
            {"depends_on": {"venues": ""}, "works_with": {"venues": ""}},
            "'venues' in depends_on and in works_with",
            "each plugin in one of the two",
        ),
    ],
)
def test_a_wrong_manifest_is_refused_with_what_was_found_and_expected(
    changes: dict[str, Any], found: str, expected: str
) -> None:
    with pytest.raises(PluginError) as refused:
        manifest(**changes)
    (problem,) = refused.value.problems
    assert found in problem.found
    assert expected in problem.expected


def test_everything_wrong_in_a_manifest_is_told_at_once() -> None:
    with pytest.raises(PluginError) as refused:
        manifest(name="Venues", version="one", requires="two")
    assert len(refused.value.problems) == 3


def test_a_manifest_cannot_be_changed_not_even_through_the_mapping_it_was_made_from() -> None:
    partners = {"venues": ">=0.1"}
    plugin = manifest(depends_on=partners)
    partners["red-property"] = ""
    assert dict(plugin.depends_on) == {"venues": ">=0.1"}
    with pytest.raises(TypeError):
        plugin.depends_on["x"] = ""  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        plugin.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-CN", "志愿积分"),
        ("zh", "志愿积分"),
        ("ZH-hans", "志愿积分"),
        ("en", "Volunteer points"),
        ("fr", "Volunteer points"),
    ],
)
def test_a_title_is_shown_in_the_readers_language(language: str, text: str) -> None:
    assert TITLE.in_language(language) == text
    assert str(TITLE) == "Volunteer points"
