"""Finds the installed plugins by the entry point group `linli.plugins`. 插件发现。"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint
from types import ModuleType

from .boot import boot
from .inventory import FoundPlugin, Installed
from .locations import of_error, of_module
from .manifest import Plugin
from .problems import PluginError, PluginProblem, Problems, nearest

GROUP = "linli.plugins"
MANIFEST = "plugin"


def installed(extra: Sequence[ModuleType] = (), entry_points: Iterable[EntryPoint] | None = None) -> Installed:
    """All plugins of this Python environment and the packages in `extra`, checked and in order.

    `entry_points` replaces those of the environment. Raises PluginError with everything wrong that could be told
    at once; a plugin that cannot be imported is never passed over.
    """
    points = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    problems = Problems()
    found = [_load(point, problems) for point in sorted(points, key=lambda point: point.name)]
    found += [_read(module, None, None, problems) for module in extra]
    problems.settle()
    return boot([plugin for plugin in found if plugin is not None])


def _load(point: EntryPoint, problems: Problems) -> FoundPlugin | None:
    distribution = point.dist.name if point.dist else None
    try:
        module = point.load()
    except PluginError as error:
        problems.extend([_placed(problem, point, error) for problem in error.problems], cause=error)
    except Exception as error:
        problems.extend([_import_problem(point, distribution, error)], cause=error)
    else:
        return _read(module, point, distribution, problems)
    return None


def _import_problem(point: EntryPoint, distribution: str | None, error: Exception) -> PluginProblem:
    return PluginProblem(
        plugin=point.name,
        found=f"{type(error).__name__} on importing {point.value} of distribution {distribution!r}: {error}",
        expected="a package that can be imported",
        at=of_error(error, point.module),
    )


def _placed(problem: PluginProblem, point: EntryPoint, error: PluginError) -> PluginProblem:
    """A problem that the plugin's own lines raised (a manifest, a mark), with the plugin's name and the line."""
    return PluginProblem(
        plugin=point.name,
        found=problem.found,
        expected=problem.expected,
        nearest=problem.nearest,
        at=problem.at or of_error(error, point.module),
    )


def _read(module: object, point: EntryPoint | None, distribution: str | None, problems: Problems) -> FoundPlugin | None:
    name = point.name if point else getattr(module, "__name__", repr(module))
    if not isinstance(module, ModuleType):
        found = f"{type(module).__name__} at the entry point {point.value if point else name!r}"
        problems.add(name, found, "the plugin's package, such as 'my_distribution.my_plugin'")
        return None
    manifest = getattr(module, MANIFEST, None)
    if not isinstance(manifest, Plugin):
        _refuse_manifest(module, name, manifest, problems)
        return None
    if point is not None and manifest.name != point.name:
        found = f"the manifest of {manifest.name!r} at the entry point {point.name!r}"
        expected = f"one name in both: the entry point {manifest.name!r} or Plugin(name={point.name!r})"
        problems.add(point.name, found, expected, at=of_module(module))
        return None
    return FoundPlugin(manifest, module, distribution)


def _refuse_manifest(module: ModuleType, name: str, value: object, problems: Problems) -> None:
    found = f"no attribute {MANIFEST!r}" if value is None else f"{MANIFEST} = {value!r}"
    near = _misspelt_manifest(module) if value is None else None
    problems.add(name, found, f"{MANIFEST} = Plugin(...) in the package", nearest=near, at=of_module(module))


def _misspelt_manifest(module: ModuleType) -> str | None:
    values = {key: value for key, value in vars(module).items() if not inspect.isclass(value)}
    elsewhere = (key for key, value in values.items() if isinstance(value, Plugin))
    return next(elsewhere, None) or nearest(MANIFEST, values)
