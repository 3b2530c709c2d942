"""What pluggy does and Linli must not: each pitfall shown in pluggy, so that an upgrade that moves it is noticed."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pluggy
import pytest
from structlog.testing import capture_logs

from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.inventory import Installed

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]
Refusals = Callable[..., list[str]]

mark = pluggy.HookimplMarker("linli")
declare = pluggy.HookspecMarker("linli")


def manager(*plugins: object, firstresult: bool = False) -> Any:
    """A plain pluggy manager with one hook, `answer`."""

    @declare(firstresult=firstresult)
    def answer(limit: int = 1) -> object: ...

    bare = pluggy.PluginManager("linli")
    hooks = ModuleType("hooks")
    hooks.answer = answer  # type: ignore[attr-defined]
    bare.add_hookspecs(hooks)
    for plugin in plugins:
        bare.register(plugin)
    return bare


async def abstain() -> None:
    return None


def test_pluggy_accepts_a_misspelt_hook_and_we_refuse_it(maker: PluginMaker, refusals: Refusals) -> None:
    bare = manager(SimpleNamespace(anwser=mark(lambda: 1)))
    assert bare.hook.answer() == []
    with pytest.raises(pluggy.PluginValidationError, match="unknown hook 'anwser'"):
        bare.check_pending()
    (problem,) = refusals(maker("meals", "@hookimpl\nasync def linli_chek(): ...\n"))
    assert "did you mean 'linli_check'?" in problem


def test_pluggys_check_knows_no_partner_that_is_off_and_with_optionalhook_no_misspelling(
    maker: PluginMaker, install: Install
) -> None:
    with pytest.raises(pluggy.PluginValidationError):
        manager(SimpleNamespace(hook_of_a_partner_that_is_off=mark(lambda: 1))).check_pending()
    manager(SimpleNamespace(anwser=mark(lambda: 1, optionalhook=True))).check_pending()
    found = install(maker("meals", "@hookimpl(of='venues')\ndef venues_x(): ...\n", works_with={"venues": ""}))
    assert [it.hook for it in found.registry.dormant] == ["venues_x"]


async def test_pluggy_awaits_nothing_and_we_await_every_hook(maker: PluginMaker, install: Install) -> None:
    (answer,) = manager(SimpleNamespace(answer=mark(abstain))).hook.answer()
    assert inspect.iscoroutine(answer)
    answer.close()
    found = install(maker("meals", "@hookimpl\nasync def linli_check():\n    await asyncio.sleep(0)\n    return 7\n"))
    assert await Hooks(found, ["meals"]).collect("linli_check", district=None) == [("meals", 7)]


async def test_in_pluggy_one_failure_stops_all_and_here_the_others_run(maker: PluginMaker, install: Install) -> None:
    def fail() -> None:
        raise ValueError

    asked: list[int] = []
    bare = manager(SimpleNamespace(answer=mark(lambda: asked.append(1))), SimpleNamespace(answer=mark(fail)))
    with pytest.raises(ValueError):
        bare.hook.answer()
    assert asked == []
    broken = maker("ants", "@hookimpl\nasync def linli_check():\n    raise ValueError\n")
    found = install(broken, maker("bees", "@hookimpl\nasync def linli_check():\n    return 7\n"))
    with capture_logs():
        assert await Hooks(found, ["ants", "bees"]).collect("linli_check", district=None) == [("bees", 7)]


async def test_in_pluggy_an_abstaining_coroutine_is_the_first_result_and_here_it_is_none(
    maker: PluginMaker, install: Install
) -> None:
    bare = manager(SimpleNamespace(answer=mark(lambda: 7)), SimpleNamespace(answer=mark(abstain)), firstresult=True)
    answer = bare.hook.answer()
    assert inspect.iscoroutine(answer)
    assert await asyncio.wait_for(answer, 1) is None
    hooks = "@hookspec(mode='first')\nasync def meals_price(): ...\n"
    meals = maker("meals", "@hookimpl\nasync def meals_price(): return None\n", hookspecs=hooks)
    bees = maker("bees", "@hookimpl(of='meals')\ndef meals_price(): return 7\n", depends_on={"meals": ""})
    assert await Hooks(install(meals, bees), ["meals", "bees"]).first("meals_price") == ("bees", 7)


async def test_pluggy_passes_nothing_to_a_keyword_only_parameter_and_we_do(
    maker: PluginMaker, install: Install
) -> None:
    def answer(*, limit: int) -> int:
        return limit

    with pytest.raises(TypeError):
        manager(SimpleNamespace(answer=mark(answer))).hook.answer(limit=9)
    found = install(maker("meals", "@hookimpl\nasync def linli_check(*, district): return district\n"))
    assert await Hooks(found, ["meals"]).collect("linli_check", district="here") == [("meals", "here")]


def test_pluggy_passes_over_a_mark_beneath_a_cache_and_we_refuse_it(maker: PluginMaker, refusals: Refusals) -> None:
    assert manager(SimpleNamespace(answer=functools.cache(mark(lambda: 1)))).hook.answer() == []
    (problem,) = refusals(maker("meals", "import functools\n@functools.cache\n@hookimpl\ndef linli_locale(): ...\n"))
    assert "expected a plain function" in problem
