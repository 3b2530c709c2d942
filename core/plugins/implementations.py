"""A plugin's implementation of a hook, as it is read from the plugin's package."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from .locations import Location, of_function, of_module
from .markers import OF, PROJECT
from .problems import Problems

MARK = f"{PROJECT}_impl"


@dataclass(frozen=True)
class Implementation:
    """One plugin's function for one hook; `of` is the partner whose hook it is, None for the platform's and its own."""

    plugin: str
    hook: str
    function: Callable[..., object]
    of: str | None = None

    @property
    def at(self) -> Location:
        """Where the function was written."""
        return of_function(self.function)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the hook's parameters that the function takes."""
        return tuple(inspect.signature(self.function).parameters)

    def call(self, arguments: Mapping[str, object]) -> object:
        """Call the function with those of the hook's arguments that it takes."""
        return self.function(**{name: arguments[name] for name in self.parameters})


def read_implementations(module: ModuleType, plugin: str, problems: Problems) -> list[Implementation]:
    """What a plugin's package marks with `@hookimpl`; a mark on anything but a plain function goes to `problems`."""
    read = []
    for name in dir(module):
        value = inspect.getattr_static(module, name)
        if not isinstance(inspect.getattr_static(value, MARK, None), dict):
            continue
        if inspect.isfunction(value):
            read.append(Implementation(plugin, name, value, getattr(value, OF, None)))
        else:
            problems.add(plugin, f"@hookimpl {name!r} as {value!r}", "a plain function", at=of_module(module))
    return read


def unmarked(module: ModuleType, plugin: str, hooks: Collection[str]) -> Iterator[Implementation]:
    """Functions of a plugin's package that are named like a hook and lack the mark."""
    for name in dir(module):
        value = inspect.getattr_static(module, name)
        if name in hooks and inspect.isfunction(value) and not _is_marked(value):
            yield Implementation(plugin, name, value)


def _is_marked(function: object) -> bool:
    return hasattr(function, MARK) or hasattr(function, f"{PROJECT}_spec")
