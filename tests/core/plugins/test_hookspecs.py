"""Core's hooks: each example in the documentation is a working implementation, each declares what it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from linli.core import hookspecs
from linli.core.plugins.claims import Claims
from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.documentation import example
from linli.core.plugins.health import HealthProblem
from linli.core.plugins.inventory import Installed
from linli.core.plugins.problems import Problems
from linli.core.plugins.registry import Registry
from linli.core.plugins.specifications import Specification, read_specifications

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]

HOOKS = {hook.name: hook for hook in read_specifications(hookspecs, "core", "linli_", Problems())}
START_UP = {
    "linli_add_hookspecs",
    "linli_storage",
    "linli_settings",
    "linli_permissions",
    "linli_roles",
    "linli_public_rows",
    "linli_keys",
    "linli_authentication",
    "linli_org_kinds",
    "linli_relation_kinds",
    "linli_thing_kinds",
    "linli_event_handlers",
    "linli_event_types",
    "linli_notice_kinds",
    "linli_channels",
    "linli_timers",
    "linli_jobs",
    "linli_purposes",
    "linli_retention_rules",
    "linli_file_purposes",
    "linli_file_storage",
    "linli_names",
    "linli_locale",
    "linli_cli",
}


VETOES = {"linli_event", "linli_file_scanners"}


def test_core_declares_few_hooks_and_awaits_those_of_the_running_platform() -> None:
    assert {name for name, hook in HOOKS.items() if not hook.asynchronous} == START_UP
    assert set(HOOKS) == START_UP | {
        "linli_event",
        "linli_demo",
        "linli_check",
        "linli_person_export",
        "linli_person_erase",
        "linli_person_merge",
        "linli_succession",
        "linli_shutdown",
        "linli_stats",
        "linli_file_scanners",
    }
    assert {name for name, hook in HOOKS.items() if hook.declaration.mode != "collect"} == VETOES


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
def test_the_example_in_the_documentation_implements_its_hook(maker: PluginMaker, hook: Specification) -> None:
    module = maker("venues", example(hook))
    registry, problems = Registry(Claims(), [module.plugin]), Problems()
    registry.add_specifications(hookspecs, "core", problems)
    registry.add_plugin("venues", module, problems)
    problems.settle()
    assert [it.hook for it in registry.implementations_of("venues")] == [hook.name]


def test_start_up_hooks_hand_over_what_plugins_return(maker: PluginMaker, install: Install) -> None:
    body = """
from pathlib import Path
from linli.core.plugins.storage import Storage
@hookimpl
def linli_storage():
    return Storage(models="meals.models", migrations="meals.migrations")
@hookimpl
def linli_locale():
    return Path(__file__).parent / "locale"
@hookimpl
def linli_cli(app):
    app.append("meals")
"""
    meals, commands = maker("meals", body), list[str]()
    hooks = Hooks(install(meals), ["meals"])
    ((plugin, storage),) = hooks.collect_now("linli_storage")
    assert (plugin, storage.models, storage.migrations) == ("meals", "meals.models", "meals.migrations")
    assert hooks.collect_now("linli_locale") == [("meals", Path(str(meals.__file__)).parent / "locale")]
    assert hooks.collect_now("linli_cli", app=commands) == []
    assert commands == ["meals"]


async def test_a_plugin_whose_health_cannot_be_told_is_told_apart(maker: PluginMaker, install: Install) -> None:
    body = """
from linli.core.plugins.health import HealthProblem
@hookimpl
async def linli_check(district):
    return [HealthProblem(message=f"No venue in {district}.", remedy="Create one.")]
"""
    broken = maker("ants", "@hookimpl\nasync def linli_check():\n    raise OSError\n")
    hooks = Hooks(install(maker("venues", body), broken), ["ants", "venues"])
    with capture_logs():
        ants, venues = await hooks.outcomes("linli_check", district="yueyanglou")
    assert ants.failure is not None
    assert venues.value == [HealthProblem(message="No venue in yueyanglou.", remedy="Create one.", fatal=False)]


async def test_dependents_shut_down_before_what_they_depend_on(maker: PluginMaker, install: Install) -> None:
    body = "@hookimpl\nasync def linli_shutdown():\n    return 'closed'\n"
    found = install(maker("venues", body), maker("elderly-care", body, depends_on={"venues": ""}))
    assert await Hooks(found, found).collect("linli_shutdown") == [("elderly-care", "closed"), ("venues", "closed")]
