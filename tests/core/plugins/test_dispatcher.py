"""How hooks are called: order, modes, isolation, time limits, cancellation, counters, partners that are off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from linli.core.errors import ForbiddenError, RejectedError
from linli.core.plugins.dispatcher import Hooks
from linli.core.plugins.inventory import Installed
from linli.core.plugins.problems import HookError, PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]

HOOKS = '''
@hookspec(time_limit=0.05)
async def venues_collect(value: int = 1) -> int:
    """Collect. 收集。"""
@hookspec(mode="veto", time_limit=0.05)
async def venues_veto(value: int) -> None:
    """Veto. 否决。"""
@hookspec(mode="first", time_limit=0.05)
async def venues_first(value: int) -> int:
    """First. 首个。"""
@hookspec(reverse=True)
async def venues_reverse() -> str:
    """Reverse. 倒序。"""
@hookspec(time_limit=None)
async def venues_unlimited() -> int:
    """Unlimited. 不限时。"""
@hookspec
def venues_now(value: int) -> int:
    """Now. 启动时。"""
'''


@pytest.fixture
def hooks_of(maker: PluginMaker, install: Install) -> Callable[..., Hooks]:
    """The hooks of a district with plugins a, b, .. that implement hooks of `venues`, each after the one before."""

    def make(*bodies: str, enabled: str | None = None) -> Hooks:
        names = "abcdefgh"[: len(bodies)]
        modules = [maker("venues", hookspecs=HOOKS)]
        for index, body in enumerate(bodies):
            depends_on = dict.fromkeys(["venues", *names[:index]], "")
            modules.append(maker(names[index], body, depends_on=depends_on))
        return Hooks(install(*modules), {"venues", *(names if enabled is None else enabled)})

    return make


HooksOf = Callable[..., Hooks]


def impl(hook: str, *lines: str, parameters: str = "", asynchronous: bool = True) -> str:
    """The source of an implementation of a hook of `venues`."""
    body = "".join(f"    {line}\n" for line in lines)
    return f"@hookimpl(of='venues')\n{'async ' if asynchronous else ''}def venues_{hook}({parameters}):\n{body}"


FAILS = impl("collect", "raise ValueError('of a')")


async def test_async_and_plain_implementations_answer_in_the_order_of_dependencies(hooks_of: HooksOf) -> None:
    hooks = hooks_of(
        impl("collect", "await asyncio.sleep(0.01)", "return value + 1", parameters="value"),
        impl("collect", "return value + 2", parameters="value", asynchronous=False),
        impl("collect", "return value + 3", parameters="value"),
    )
    assert await hooks.collect("venues_collect", value=10) == [("a", 11), ("b", 12), ("c", 13)]
    assert hooks.implementers("venues_collect") == ["a", "b", "c"]


async def test_a_plain_implementation_may_answer_with_something_to_await(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "return asyncio.sleep(0, 'awaited')", asynchronous=False))
    assert await hooks.collect("venues_collect") == [("a", "awaited")]


async def test_dependents_come_first_where_the_hook_says_so(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("reverse", "return 1"), impl("reverse", "return 2"))
    assert await hooks.collect("venues_reverse") == [("b", 2), ("a", 1)]


async def test_the_hooks_default_is_passed_to_an_implementation_with_another_default(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "return value", parameters="value=99"))
    assert await hooks.collect("venues_collect") == [("a", 1)]
    assert await hooks.collect("venues_collect", value=5) == [("a", 5)]


async def test_none_is_no_contribution(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "return None"), impl("collect", "return 0"))
    assert await hooks.collect("venues_collect") == [("b", 0)]


async def test_one_plugins_failure_is_logged_and_counted_and_the_others_run(hooks_of: HooksOf) -> None:
    hooks = hooks_of(FAILS, impl("collect", "return 2"))
    with capture_logs() as logs:
        assert await hooks.collect("venues_collect") == [("b", 2)]
    (entry,) = logs
    assert (entry["event"], entry["plugin"], entry["hook"]) == ("hook_failed", "a", "venues_collect")
    assert entry["log_level"] == "error"
    assert isinstance(entry["exc_info"].__cause__, ValueError)
    assert (hooks.stats["a"].calls, hooks.stats["a"].failures) == (1, 1)
    assert (hooks.stats["b"].calls, hooks.stats["b"].failures) == (1, 0)


async def test_outcomes_tell_failures_apart_from_silence(hooks_of: HooksOf) -> None:
    hooks = hooks_of(FAILS, impl("collect", "return None"), impl("collect", "return 3"))
    with capture_logs():
        failed, silent, answered = await hooks.outcomes("venues_collect")
    assert failed.failure is not None
    assert (failed.failure.plugin, failed.failure.hook) == ("a", "venues_collect")
    assert isinstance(failed.failure.failure, ValueError)
    assert (silent.plugin, silent.value, silent.failure) == ("b", None, None)
    assert (answered.plugin, answered.value, answered.failure) == ("c", 3, None)


async def test_a_rejection_where_there_is_no_veto_is_a_failure_like_any_other(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "raise RejectedError('no')"), impl("collect", "return 2"))
    with capture_logs():
        assert await hooks.collect("venues_collect") == [("b", 2)]
    assert hooks.stats["a"].failures == 1


async def test_a_veto_stops_and_names_the_plugin(hooks_of: HooksOf) -> None:
    hooks = hooks_of(
        impl("veto", "return None"),
        impl("veto", "raise RejectedError('closed', code='CLOSED')"),
        impl("veto", "calls.append(1)"),
    )
    with pytest.raises(RejectedError) as refused:
        await hooks.veto("venues_veto", value=1)
    assert (refused.value.code, refused.value.plugin) == ("CLOSED", "b")
    assert [hooks.stats[name].calls for name in "abc"] == [1, 1, 0]
    assert hooks.stats["b"].failures == 0


async def test_a_veto_keeps_its_kind_and_the_plugin_it_names_itself(hooks_of: HooksOf) -> None:
    body = impl("veto", "from linli.core.errors import ForbiddenError", "raise ForbiddenError('no', plugin='police')")
    with pytest.raises(ForbiddenError) as refused:
        await hooks_of(body).veto("venues_veto", value=1)
    assert refused.value.plugin == "police"


async def test_nobody_objects(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("veto", "calls.append(value)", parameters="value"), impl("veto", "return 'ignored'"))
    await hooks.veto("venues_veto", value=1)
    assert [hooks.stats[name].calls for name in "ab"] == [1, 1]


@pytest.mark.parametrize("mode", ["veto", "first"])
async def test_what_could_not_be_judged_stops_and_blames_the_plugin(hooks_of: HooksOf, mode: str) -> None:
    hooks = hooks_of(impl(mode, "raise ValueError('430602199001011234')"), impl(mode, "return 2"))
    with pytest.raises(HookError) as failed:
        await getattr(hooks, mode)(f"venues_{mode}", value=1)
    assert (failed.value.plugin, failed.value.hook) == ("a", f"venues_{mode}")
    assert str(failed.value).endswith(f"plugin 'a' failed in venues_{mode}: ValueError")
    assert isinstance(failed.value.__cause__, ValueError)
    assert (hooks.stats["a"].failures, hooks.stats["b"].calls) == (1, 0)


async def test_the_first_answer_that_is_not_none_wins(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("first", "return None"), impl("first", "return 0"), impl("first", "return 3"))
    assert await hooks.first("venues_first", value=1) == ("b", 0)
    assert hooks.stats["c"].calls == 0


async def test_nobody_answers_first(hooks_of: HooksOf) -> None:
    assert await hooks_of(impl("first", "return None")).first("venues_first", value=1) is None
    assert await hooks_of().first("venues_first", value=1) is None


async def test_a_rejection_in_place_of_a_first_answer_stops(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("first", "raise RejectedError('no')"), impl("first", "return 3"))
    with pytest.raises(RejectedError) as refused:
        await hooks.first("venues_first", value=1)
    assert refused.value.plugin == "a"


async def test_a_plugin_that_takes_too_long_fails_and_the_others_run(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "await asyncio.sleep(60)"), impl("collect", "return 2"))
    started = time.monotonic()
    with capture_logs():
        slow, quick = await hooks.outcomes("venues_collect")
    assert time.monotonic() - started < 5
    assert slow.failure is not None
    assert str(slow.failure.failure) == "took longer than its limit of 0.05 seconds"
    assert quick.value == 2
    assert hooks.stats["a"].failures == 1
    assert hooks.stats["a"].seconds >= 0.05


async def test_a_plugin_that_swallows_the_end_of_its_time_fails_all_the_same(hooks_of: HooksOf) -> None:
    swallow = impl(
        "collect", "try:", "    await asyncio.sleep(60)", "except asyncio.CancelledError:", "    return 'late'"
    )
    with capture_logs():
        (outcome,) = await hooks_of(swallow).outcomes("venues_collect")
    assert outcome.failure is not None
    assert isinstance(outcome.failure.failure, TimeoutError)


async def test_a_veto_that_takes_too_long_does_not_allow(hooks_of: HooksOf) -> None:
    with pytest.raises(HookError, match=r"plugin 'a' failed in venues_veto: TimeoutError"):
        await hooks_of(impl("veto", "await asyncio.sleep(60)")).veto("venues_veto", value=1)


async def test_a_plugins_own_timeout_is_told_in_its_own_words(hooks_of: HooksOf) -> None:
    with capture_logs():
        (outcome,) = await hooks_of(impl("collect", "raise TimeoutError('door')")).outcomes("venues_collect")
    assert outcome.failure is not None
    assert str(outcome.failure.failure) == "door"


async def test_a_hook_without_a_limit_waits(hooks_of: HooksOf) -> None:
    assert await hooks_of(impl("unlimited", "await asyncio.sleep(0.06)", "return 1")).collect("venues_unlimited") == [
        ("a", 1)
    ]


async def test_a_plain_implementation_beyond_the_limit_is_logged(hooks_of: HooksOf) -> None:
    lines = "import time", "time.sleep(0.06)", "return 1"
    hooks = hooks_of(impl("collect", *lines, asynchronous=False))
    with capture_logs() as logs:
        assert await hooks.collect("venues_collect") == [("a", 1)]
    assert [(entry["event"], entry["plugin"], entry["log_level"]) for entry in logs] == [
        ("hook_overran", "a", "warning")
    ]
    assert hooks.stats["a"].failures == 0


@pytest.mark.parametrize("mode", ["collect", "veto", "first"])
async def test_a_cancellation_of_the_caller_passes_through(hooks_of: HooksOf, mode: str) -> None:
    hooks = hooks_of(impl(mode, "calls.append(1)", "await asyncio.sleep(0.04)"), impl(mode, "return 2"))
    task = asyncio.create_task(getattr(hooks, mode)(f"venues_{mode}", value=1))
    await asyncio.sleep(0.01)
    task.cancel()
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await task
    assert logs == []
    assert (hooks.stats["a"].calls, hooks.stats["a"].failures, hooks.stats["b"].calls) == (1, 0, 0)


async def test_the_callers_own_time_limit_passes_through(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("unlimited", "await asyncio.sleep(60)"), impl("unlimited", "return 2"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await hooks.collect("venues_unlimited")
    assert (hooks.stats["a"].failures, hooks.stats["b"].calls) == (0, 0)


async def test_a_cancellation_inside_a_plugin_is_its_failure(hooks_of: HooksOf) -> None:
    lines = "task = asyncio.ensure_future(asyncio.sleep(60))", "task.cancel()", "await task"
    hooks = hooks_of(impl("collect", *lines), impl("collect", "return 2"))
    with capture_logs():
        assert await hooks.collect("venues_collect") == [("b", 2)]
    assert hooks.stats["a"].failures == 1


async def test_hooks_of_a_partner_that_is_off_are_left_out(maker: PluginMaker, install: Install) -> None:
    venues = maker("venues", hookspecs=HOOKS)
    body = impl("collect", "return 1") + "@hookimpl\nasync def linli_check(): return 'healthy'\n"
    found = install(venues, maker("elderly-care", body, works_with={"venues": ""}))
    both, alone = Hooks(found, ["venues", "elderly-care"]), Hooks(found, ["elderly-care"])
    assert await both.collect("venues_collect") == [("elderly-care", 1)]
    assert await alone.collect("venues_collect") == []
    assert await alone.collect("linli_check", district=None) == [("elderly-care", "healthy")]


async def test_a_plugin_that_is_off_is_not_asked(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "return 1"), impl("collect", "return 2"), enabled="b")
    assert await hooks.collect("venues_collect") == [("b", 2)]
    assert sorted(hooks.stats) == ["b", "venues"]
    assert hooks.enabled == {"venues", "b"}


async def test_two_callers_count_apart(hooks_of: HooksOf, maker: PluginMaker, install: Install) -> None:
    found = install(maker("meals", "@hookimpl\nasync def linli_check(): return 1\n"))
    enabled, stewards = Hooks(found, ["meals"]), Hooks(found, ["meals"])
    await enabled.collect("linli_check", district=None)
    assert (enabled.stats["meals"].calls, stewards.stats["meals"].calls) == (1, 0)


async def test_parts_of_the_platform_are_on_everywhere_and_first(maker: PluginMaker, install: Install) -> None:
    body = "@hookimpl\ndef linli_check(): return 1\n"
    found = install(maker("ants", body), maker("schema", body, platform=True))
    assert await Hooks(found, ["ants"]).collect("linli_check", district=None) == [("schema", 1), ("ants", 1)]
    assert await Hooks(found, []).collect("linli_check", district=None) == [("schema", 1)]


def test_a_choice_of_plugins_that_are_not_installed_is_refused(maker: PluginMaker, install: Install) -> None:
    with pytest.raises(PluginError) as refused:
        Hooks(install(maker("venues")), ["venus", "meals"])
    assert [str(problem) for problem in refused.value.problems] == [
        "plugin 'meals': found that it is not installed; expected one of 'venues'",
        "plugin 'venus': found that it is not installed; expected one of 'venues'; did you mean 'venues'?",
    ]


def test_start_up_hooks_are_collected_at_once(hooks_of: HooksOf) -> None:
    body = impl("now", "return value", parameters="value", asynchronous=False)
    hooks = hooks_of(body, impl("now", "return None", asynchronous=False), body)
    assert hooks.collect_now("venues_now", value=4) == [("a", 4), ("c", 4)]
    assert hooks.stats["a"].calls == 1


def test_a_failure_while_the_platform_starts_is_fatal(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("now", "raise KeyError('hours')", asynchronous=False))
    expected = "plugin 'a': found KeyError in venues_now: 'hours'; expected an answer, without which the platform"
    with pytest.raises(PluginError, match=expected) as failed:
        hooks.collect_now("venues_now", value=1)
    assert isinstance(failed.value.__cause__, KeyError)
    assert failed.value.problems[0].at is not None
    assert hooks.stats["a"].failures == 1


@pytest.mark.parametrize("answer", ["asyncio.sleep(1)", "asyncio.Future()"])
async def test_something_to_await_is_no_answer_while_the_platform_starts(hooks_of: HooksOf, answer: str) -> None:
    hooks = hooks_of(impl("now", f"return {answer}", asynchronous=False))
    with pytest.raises(PluginError, match="venues_now must answer at once, not with something to await"):
        hooks.collect_now("venues_now", value=1)


async def test_a_hook_is_called_in_its_own_mode_only(hooks_of: HooksOf) -> None:
    hooks = hooks_of()
    with pytest.raises(TypeError, match=r"mode 'veto': await Hooks\.veto\(\)"):
        await hooks.collect("venues_veto", value=1)
    with pytest.raises(TypeError, match=r"mode 'collect': await Hooks\.collect\(\)"):
        await hooks.first("venues_collect")
    with pytest.raises(TypeError, match=r"plain def: call Hooks\.collect_now\(\)"):
        await hooks.collect("venues_now", value=1)
    with pytest.raises(TypeError, match=r"async def: await Hooks\.first\(\)"):
        hooks.collect_now("venues_first", value=1)


async def test_a_call_with_wrong_arguments_or_of_an_unknown_hook_is_the_callers_mistake(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "return 1"))
    with pytest.raises(TypeError, match=r"venues_veto\(value.*missing \['value'\], unknown \['values'\]"):
        await hooks.veto("venues_veto", values=1)
    with pytest.raises(LookupError, match="no hook 'venues_colect'; the nearest is 'venues_collect'"):
        await hooks.collect("venues_colect")


async def test_one_plugins_hooks_run_in_many_requests_at_once(hooks_of: HooksOf) -> None:
    hooks = hooks_of(impl("collect", "await asyncio.sleep(0.001)", "return value", parameters="value"))
    answers = await asyncio.gather(*(hooks.collect("venues_collect", value=number) for number in range(100)))
    assert answers == [[("a", number)] for number in range(100)]
    assert hooks.stats["a"].calls == 100
