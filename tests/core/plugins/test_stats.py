from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from linli.core.plugins.stats import HookStats, PluginStats

CALLS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 1000), st.booleans()))


@given(CALLS)
def test_a_plugins_sums_are_those_of_its_hooks(calls: list[tuple[str, int, bool]]) -> None:
    stats = PluginStats()
    for hook, seconds, failed in calls:
        stats.record(hook, seconds, failed=failed)
    assert stats.calls == len(calls)
    assert stats.failures == sum(failed for _, _, failed in calls)
    assert stats.seconds == sum(seconds for _, seconds, _ in calls)
    assert set(stats.hooks) == {hook for hook, _, _ in calls}


def test_the_total_over_districts_leaves_the_parts_alone() -> None:
    here, there = PluginStats(), PluginStats()
    here.record("linli_check", 1.0, failed=True)
    there.record("linli_check", 2.0, failed=False)
    there.record("linli_demo", 4.0, failed=False)
    total = PluginStats.total([here, there])
    assert total.hooks == {"linli_check": HookStats(2, 1, 3.0), "linli_demo": HookStats(1, 0, 4.0)}
    assert (total.calls, total.failures, total.seconds) == (3, 1, 7.0)
    assert (here.calls, there.calls) == (1, 2)
    assert PluginStats.total([]).calls == 0
