from __future__ import annotations

import random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.plugins.inventory import FoundPlugin
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.order import in_order
from linli.core.plugins.problems import PluginError

NAMES = ["a", "b", "c", "d", "e", "f"]


def found(name: str, *depends_on: str, platform: bool = False) -> FoundPlugin:
    manifest = Plugin(
        name=name,
        title=Title(en=name, zh=name),
        description="Made for a test. 测试用。",
        version="0.1.0",
        requires="",
        depends_on=dict.fromkeys(depends_on, ""),
        platform=platform,
    )
    return FoundPlugin(manifest, ModuleType(f"package_of_{name}"))


def order(*plugins: FoundPlugin) -> list[str]:
    return [plugin.manifest.name for plugin in in_order({plugin.manifest.name: plugin for plugin in plugins})]


def test_dependencies_come_first_and_equals_are_alphabetical() -> None:
    plugins = found("zoo"), found("bees", "zoo"), found("ants"), found("cats", "bees")
    assert order(*plugins) == ["ants", "zoo", "bees", "cats"]


def test_parts_of_the_platform_come_before_everything_else() -> None:
    plugins = found("ants"), found("schema", "tools", platform=True), found("tools", platform=True)
    assert order(*plugins) == ["tools", "schema", "ants"]


@given(edges=st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))), seed=st.integers(0, 2**32))
def test_every_dependency_precedes_its_dependents_whatever_the_order_of_finding(
    edges: set[tuple[str, str]], seed: int
) -> None:
    downwards = {(source, target) for source, target in edges if source > target}
    plugins = [found(name, *(target for source, target in sorted(downwards) if source == name)) for name in NAMES]
    shuffled = random.Random(seed).sample(plugins, len(plugins))
    result = order(*shuffled)
    assert all(result.index(target) < result.index(source) for source, target in downwards)
    assert result == order(*plugins)
    assert result == NAMES


@given(edges=st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda edge: edge[0] != edge[1])))
def test_an_order_is_found_exactly_when_there_is_no_circle(edges: set[tuple[str, str]]) -> None:
    plugins = [found(name, *(target for source, target in sorted(edges) if source == name)) for name in NAMES]
    reached = {name: {target for source, target in edges if source == name} for name in NAMES}
    for _ in NAMES:
        reached = {name: ahead.union(*(reached[it] for it in ahead)) for name, ahead in reached.items()}
    if any(name in ahead for name, ahead in reached.items()):
        with pytest.raises(PluginError, match="a circle of dependencies"):
            order(*plugins)
    else:
        result = order(*plugins)
        assert all(result.index(target) < result.index(source) for source, target in edges)


def test_a_circle_is_refused_with_its_path_from_dependent_to_dependency() -> None:
    with pytest.raises(PluginError) as refused:
        order(found("d"), found("c", "a"), found("b", "c", "d"), found("a", "b"))
    (problem,) = refused.value.problems
    assert problem.plugin == "a"
    assert problem.found == "a circle of dependencies, a -> b -> c -> a"
    assert "works_with instead of depends_on" in problem.expected
    assert str(problem.at) == "package_of_a"
