from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.info import Edge, HookUse, PluginSummary, list_plugins, plugin_graph, plugin_info
from linli.core.plugins.inventory import Installed
from linli.core.plugins.manifest import Title
from linli.core.plugins.problems import PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]
Where = Callable[[ModuleType, str], str]

CARE = """
@hookimpl
async def linli_check():
    return []
@hookimpl(of="venues")  # partner
async def venues_price(): ...
@hookimpl(of="meals")  # absent
async def meals_price(): ...
"""
HOOKS = "@hookspec\nasync def venues_price(): ...\n@hookspec\nasync def venues_area(): ...\n"


@pytest.fixture
def care(maker: PluginMaker) -> ModuleType:
    """A plugin that depends on `venues` and would work with `meals`."""
    return maker(
        "elderly-care",
        CARE,
        version="0.7",
        depends_on={"venues": ">=0.1"},
        works_with={"meals": "<9"},
        regulated={"check-in": "Proves presence. 打卡。"},
    )


def test_plugins_are_listed_in_their_order(maker: PluginMaker, install: Install, care: ModuleType) -> None:
    title = Title(en="A plugin", zh="插件")
    found = install(care, maker("venues", hookspecs=HOOKS), maker("schema", platform=True))
    assert list_plugins(found) == [
        PluginSummary("schema", "0.1.0", title, platform=True, distribution=None),
        PluginSummary("venues", "0.1.0", title, platform=False, distribution=None),
        PluginSummary("elderly-care", "0.7", title, platform=False, distribution=None),
    ]


async def test_everything_about_a_plugin_is_told(
    maker: PluginMaker, install: Install, care: ModuleType, where: Where
) -> None:
    found = install(care, maker("venues", hookspecs=HOOKS))
    district = Hooks(found, found)
    await district.collect("linli_check", district=None)
    info = plugin_info(found, "elderly-care", [district, Hooks(found, ["venues"])])
    assert (info.summary.name, info.requires, info.description) == (
        "elderly-care",
        ">=0.1,<0.2",
        "Made for a test. 测试用。",
    )
    assert (dict(info.depends_on), dict(info.works_with)) == ({"venues": ">=0.1"}, {"meals": "<9"})
    assert dict(info.regulated) == {"check-in": "Proves presence. 打卡。"}
    assert info.hooks == [
        HookUse("linli_check", None, dormant=False, at=where(care, "@hookimpl")),
        HookUse("meals_price", "meals", dormant=True, at=where(care, "# absent")),
        HookUse("venues_price", "venues", dormant=False, at=where(care, "# partner")),
    ]
    assert (info.stats.calls, info.stats.failures) == (1, 0)


def test_a_plugins_own_hooks_and_dependents_are_told(maker: PluginMaker, install: Install, care: ModuleType) -> None:
    info = plugin_info(install(care, maker("venues", hookspecs=HOOKS)), "venues")
    assert info.specifications == ["venues_area", "venues_price"]
    assert info.dependents == ["elderly-care"]
    assert info.stats.calls == 0


def test_a_plugin_that_is_not_installed_is_refused_with_the_nearest_name(maker: PluginMaker, install: Install) -> None:
    with pytest.raises(PluginError, match=r"found no such plugin; expected one of 'venues'; did you mean 'venues'\?"):
        plugin_info(install(maker("venues")), "venus")


def test_the_graph_shows_who_uses_whom(maker: PluginMaker, install: Install, care: ModuleType) -> None:
    assert plugin_graph(install(care, maker("venues", hookspecs=HOOKS))) == [
        Edge("elderly-care", "venues", "depends_on", ">=0.1", installed=True),
        Edge("elderly-care", "meals", "works_with", "<9", installed=False),
    ]
