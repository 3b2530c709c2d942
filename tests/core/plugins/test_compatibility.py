from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from linli.core.plugins.boot import boot
from linli.core.plugins.inventory import FoundPlugin, Installed
from linli.core.plugins.problems import PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]
Refusals = Callable[..., list[str]]


def start(core_version: str, *modules: ModuleType) -> Installed:
    return boot([FoundPlugin(module.plugin, module) for module in modules], core_version)


@pytest.mark.parametrize(
    ("requires", "core_version", "fits"),
    [
        (">=0.1,<0.2", "0.1.0", True),
        (">=0.1,<0.2", "0.1.7", True),
        (">=0.1,<0.2", "0.2.0", False),
        (">=0.2", "0.1.0", False),
        ("", "9.9", True),
        (">=0.2", "0.3.dev1", True),
        ("~=0.1.2", "0.1.1", False),
    ],
)
def test_a_plugin_runs_only_with_the_versions_of_core_it_requires(
    maker: PluginMaker, requires: str, core_version: str, fits: bool
) -> None:
    venues = maker("venues", requires=requires)
    if fits:
        assert list(start(core_version, venues)) == ["venues"]
        return
    with pytest.raises(PluginError) as refused:
        start(core_version, venues)
    assert str(refused.value) == (
        f"{venues.__file__}: plugin 'venues': found core {core_version}; expected a version of core in {requires!r}"
    )


def test_the_version_of_core_is_that_of_the_installed_distribution(maker: PluginMaker, refusals: Refusals) -> None:
    (problem,) = refusals(maker("venues", requires=">=99"))
    assert "expected a version of core in '>=99'" in problem


@pytest.mark.parametrize("relation", ["depends_on", "works_with"])
def test_a_partner_that_is_there_must_be_in_the_range(maker: PluginMaker, refusals: Refusals, relation: str) -> None:
    partners: dict[str, Any] = {relation: {"venues": ">=0.5"}}
    care = maker("elderly-care", **partners)
    problems = refusals(maker("venues", version="0.4.9"), care)
    expected = "found venues 0.4.9; expected a version of venues in '>=0.5'"
    assert problems == [f"{care.__file__}: plugin 'elderly-care': {expected}"]


def test_a_partner_to_work_with_may_be_absent(maker: PluginMaker, install: Install) -> None:
    assert list(install(maker("elderly-care", works_with={"venues": ">=0.5"}))) == ["elderly-care"]


def test_a_missing_dependency_is_refused_with_the_nearest_name(maker: PluginMaker, refusals: Refusals) -> None:
    care = maker("elderly-care", depends_on={"venue": ""})
    assert refusals(care, maker("venues"), maker("red-property")) == [
        f"{care.__file__}: plugin 'elderly-care': found a dependency on 'venue', which is not installed;"
        " expected a plugin that is installed: 'red-property', 'venues'; did you mean 'venues'?"
    ]


def test_all_versions_and_dependencies_that_do_not_fit_are_told_at_once(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", requires=">=7")
    care = maker("elderly-care", depends_on={"venues": ">=2", "meals": ""}, requires="<0")
    assert len(refusals(venues, care)) == 4


def test_a_part_of_the_platform_depends_on_no_feature(maker: PluginMaker, refusals: Refusals) -> None:
    schema = maker("schema", platform=True, depends_on={"venues": ""})
    (problem,) = refusals(schema, maker("venues"))
    assert "found a part of the platform that depends on 'venues'" in problem
    assert "expected dependencies on other parts of the platform only" in problem
