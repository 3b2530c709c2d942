from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from linli.core.config.installed import InstalledPlugin as ConfiguredPlugin
from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed
from linli.core.plugins.problems import PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]
Refusals = Callable[..., list[str]]
Where = Callable[[ModuleType, str], str]

SETTINGS = """
from pydantic import BaseModel
class Settings(BaseModel):
    weekend_is_holiday: bool = True
@hookimpl
def linli_settings():
    return Settings
"""


def test_installed_plugins_carry_what_configuration_asks(maker: PluginMaker, install: Install) -> None:
    regulated = {"ranking": "Ranks volunteers. 志愿者排名。"}
    points = maker("volunteer-points", SETTINGS, version="0.3", works_with={"venues": ">=0.1"}, regulated=regulated)
    plugin = install(points, maker("venues"))["volunteer-points"]
    asked: ConfiguredPlugin = plugin
    assert (asked.name, asked.version, asked.requires) == ("volunteer-points", "0.3", ">=0.1,<0.2")
    assert (dict(asked.depends_on), dict(asked.works_with)) == ({}, {"venues": ">=0.1"})
    assert dict(asked.regulated) == regulated
    assert asked.settings_model is points.Settings
    assert (plugin.label, plugin.module, plugin.manifest) == ("volunteer_points", points, points.plugin)


def test_a_plugin_without_settings_has_no_model(maker: PluginMaker, install: Install) -> None:
    assert install(maker("venues"))["venues"].settings_model is None


@pytest.mark.parametrize("value", ["dict", "'Settings'", "object()"])
def test_settings_that_are_no_pydantic_model_are_refused(
    maker: PluginMaker, refusals: Refusals, where: Where, value: str
) -> None:
    body = f"@hookimpl\ndef linli_settings():\n    return {value}\n"
    venues = maker("venues", body)
    (problem,) = refusals(venues)
    assert problem.startswith(f"{where(venues, '@hookimpl')}: plugin 'venues': found ")
    assert problem.endswith("from linli_settings; expected a subclass of pydantic.BaseModel")


def test_settings_that_fail_stop_the_start_with_their_cause(maker: PluginMaker) -> None:
    venues = maker("venues", "@hookimpl\ndef linli_settings():\n    raise OSError('no file')\n")
    with pytest.raises(PluginError, match="found OSError in linli_settings: no file; expected an answer") as refused:
        installed([venues], ())
    assert isinstance(refused.value.__cause__, OSError)


def test_plugins_are_listed_dependencies_first(maker: PluginMaker, install: Install) -> None:
    care, venues = maker("elderly-care", depends_on={"venues": ""}), maker("venues")
    found = install(care, maker("schema", platform=True), maker("zoo"), venues)
    assert list(found) == ["schema", "venues", "elderly-care", "zoo"]
    assert [plugin.name for plugin in found.platform] == ["schema"]
    assert [plugin.name for plugin in found.choosable] == ["venues", "elderly-care", "zoo"]
    assert found.dependents("venues") == ["elderly-care"]
    assert len(found) == 4


def test_names_claimed_later_are_owned_and_verified_like_hooks(maker: PluginMaker, install: Install) -> None:
    found = install(maker("venues"), maker("meals"))
    found.claims.claim("table", "venues_booking", "venues")
    assert found.owner_of("table", "venues_booking") == "venues"
    found.claims.claim("table", "venues_booking", "meals")
    with pytest.raises(PluginError, match="the table 'venues_booking', which plugin 'meals' defines too"):
        found.claims.verify()


def test_no_plugins_at_all_are_a_platform_too(install: Install) -> None:
    found = install()
    assert list(found) == []
    assert found.owner_of("hook", "linli_check") == "core"
