from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from linli.core.plugins.discovery import GROUP, installed
from linli.core.plugins.problems import PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Refusals = Callable[..., list[str]]


def distribute(directory: Path, distribution: str, **points: str) -> list[EntryPoint]:
    """Install a distribution's metadata beside the packages and answer its entry points."""
    metadata = directory / f"{distribution.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    lines = "".join(f"{name.replace('_', '-')} = {value}\n" for name, value in points.items())
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
    return [point for point in importlib.metadata.entry_points(group=GROUP) if point.value in points.values()]


def refused(points: list[EntryPoint]) -> PluginError:
    with pytest.raises(PluginError) as error:
        installed(entry_points=points)
    return error.value


def test_plugins_are_found_by_their_entry_points(maker: PluginMaker) -> None:
    meals, venues = maker("meal-service").__name__, maker("venues").__name__
    points = distribute(maker.directory, "kitchen-for-linli", meal_service=meals, venues=venues)
    found = installed(entry_points=points)
    assert list(found) == ["meal-service", "venues"]
    assert found["meal-service"].distribution == "kitchen-for-linli"
    assert found["meal-service"].module.__name__ == meals


def test_the_entry_points_of_the_environment_are_the_default(
    maker: PluginMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = distribute(maker.directory, "kitchen", meals=maker("meals").__name__)
    asked: list[str] = []

    def entry_points(*, group: str) -> list[EntryPoint]:
        asked.append(group)
        return points

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    assert list(installed()) == ["meals"]
    assert asked == ["linli.plugins"]


def test_a_package_handed_over_directly_joins_those_with_entry_points(maker: PluginMaker) -> None:
    points = distribute(maker.directory, "kitchen", meals=maker("meals").__name__)
    found = installed([maker("venues")], entry_points=points)
    assert list(found) == ["meals", "venues"]
    assert found["venues"].distribution is None


def test_the_same_package_found_twice_is_one_plugin(maker: PluginMaker) -> None:
    meals = maker("meals")
    assert list(installed([meals, meals], distribute(maker.directory, "kitchen", meals=meals.__name__))) == ["meals"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import a_module_that_is_not_there", ModuleNotFoundError),
        ("value = 1 / 0", ZeroDivisionError),
        ("def broken(:", SyntaxError),
    ],
)
def test_an_import_error_names_plugin_distribution_cause_and_line(
    maker: PluginMaker, source: str, error: type[Exception]
) -> None:
    package = maker.write("meals", f"\n{source}\n")
    problem = refused(distribute(maker.directory, "kitchen", meals=package))
    (told,) = problem.problems
    assert told.plugin == "meals"
    assert told.found.startswith(f"{error.__name__} on importing {package} of distribution 'kitchen': ")
    assert told.at is not None
    assert told.at.file == str(maker.directory / package / "__init__.py")
    lines = Path(told.at.file).read_text().splitlines()
    assert lines[(told.at.line or 0) - 1] == source
    assert isinstance(problem.__cause__, error)


def test_an_entry_point_to_a_package_that_is_not_there_is_refused(maker: PluginMaker) -> None:
    problem = refused(distribute(maker.directory, "kitchen", meals="made_nowhere"))
    assert "ModuleNotFoundError on importing made_nowhere of distribution 'kitchen'" in str(problem)


def test_every_plugin_that_cannot_be_imported_is_told_at_once(maker: PluginMaker) -> None:
    broken = {name: maker.write(name, "1 / 0") for name in ("meals", "rooms")}
    problem = refused(distribute(maker.directory, "kitchen", **broken))
    assert [told.plugin for told in problem.problems] == ["meals", "rooms"]


def test_a_wrong_manifest_is_refused_with_the_line_it_stands_on(maker: PluginMaker) -> None:
    package = maker.write(
        "meals", "\nplugin = Plugin(name='Meals', title='x', description='', version='', requires='')"
    )
    problem = refused(distribute(maker.directory, "kitchen", meals=package))
    assert len(problem.problems) == 4
    for told in problem.problems:
        assert told.plugin == "meals"
        assert told.at is not None
        assert Path(told.at.file).read_text().splitlines()[(told.at.line or 0) - 1].startswith("plugin = Plugin(")


def test_a_plugin_called_otherwise_than_its_entry_point_is_refused(maker: PluginMaker) -> None:
    meals = maker("meals")
    problem = refused(distribute(maker.directory, "kitchen", dinners=meals.__name__))
    assert str(problem) == (
        f"{meals.__file__}: plugin 'dinners': found the manifest of 'meals' at the entry point 'dinners'; expected one"
        " name in both: the entry point 'meals' or Plugin(name='dinners')"
    )


def test_an_entry_point_that_is_no_package_is_refused(maker: PluginMaker) -> None:
    points = distribute(maker.directory, "kitchen", meals=f"{maker('meals').__name__}:plugin")
    assert "found Plugin at the entry point" in str(refused(points))
    assert "expected the plugin's package, such as 'my_distribution.my_plugin'" in str(refused(points))


@pytest.mark.parametrize(
    ("attribute", "found", "near"),
    [
        ("pluggin = None", "no attribute 'plugin'", "pluggin"),
        ("manifest = Plugin(**VALUES)", "no attribute 'plugin'", "manifest"),
        ("plugin = 'venues'", "plugin = 'venues'", None),
        ("", "no attribute 'plugin'", None),
    ],
)
def test_a_package_without_a_manifest_is_refused_with_what_comes_nearest(
    maker: PluginMaker, attribute: str, found: str, near: str | None
) -> None:
    values = "VALUES = dict(name='meals', title=Title(en='a', zh='b'), description='c', version='1', requires='')\n"
    package = maker.write("meals", f"{values}{attribute}\n")
    problem = refused(distribute(maker.directory, "kitchen", meals=package))
    (told,) = problem.problems
    assert (told.found, told.expected) == (found, "plugin = Plugin(...) in the package")
    assert told.nearest == near
    assert told.at is not None
    assert told.at.file.endswith("__init__.py")


def test_two_plugins_of_one_name_are_refused_with_both_files(maker: PluginMaker, refusals: Refusals) -> None:
    first, second = maker("venues"), maker("venues")
    assert refusals(first, second) == [
        f"{second.__file__}: plugin 'venues': found a second plugin of this name beside {first.__file__};"
        " expected one plugin of a name"
    ]


def test_a_module_without_a_file_can_be_a_plugin(maker: PluginMaker) -> None:
    module = ModuleType("made_in_memory")
    module.plugin = maker("venues").plugin  # type: ignore[attr-defined]
    assert list(installed([module], ())) == ["venues"]
