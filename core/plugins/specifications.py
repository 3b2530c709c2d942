"""A hook's specification, as it is read from a module of `@hookspec` functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from .locations import Location, of_function, of_module
from .markers import DECLARATION, PROJECT, Declaration
from .problems import Problems

PLATFORM_PREFIX = "linli_"
NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Specification:
    """A hook: its name, the plugin that owns it (`core` for core's), the function that declares it."""

    name: str
    owner: str
    function: Callable[..., object]
    declaration: Declaration

    @property
    def at(self) -> Location:
        """Where the hook is declared."""
        return of_function(self.function)

    @cached_property
    def asynchronous(self) -> bool:
        """Whether the hook is awaited while the platform runs, rather than called while it starts."""
        return inspect.iscoroutinefunction(self.function)

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The hook's parameters by name."""
        return inspect.signature(self.function).parameters

    def bind(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """A call's arguments, completed with defaults; TypeError when one is missing or unknown."""
        unknown = arguments.keys() - self.parameters.keys()
        bound = {**self._defaults, **arguments}
        missing = self.parameters.keys() - bound.keys()
        if unknown or missing:
            raise TypeError(
                f"{self.name}{inspect.signature(self.function)}: missing {sorted(missing)}, unknown {sorted(unknown)}"
            )
        return bound

    @cached_property
    def _defaults(self) -> Mapping[str, object]:
        kept = self.parameters.items()
        return {name: parameter.default for name, parameter in kept if parameter.default is not parameter.empty}


def read_specifications(module: ModuleType, owner: str, prefix: str, problems: Problems) -> list[Specification]:
    """The hooks that a module declares, in the order of their names; what is wrong goes to `problems`.

    Every name starts with `prefix`: `linli_` for the platform's, the plugin's label for a plugin's own.
    """
    read = [specification for name in dir(module) if (specification := _read(module, name, owner))]
    if not read:
        problems.add(owner, "no @hookspec function", "at least one", at=of_module(module))
    for specification in read:
        for found, expected in _mistakes(specification, prefix):
            problems.add(owner, f"hook {specification.name!r} {found}", expected, at=specification.at)
    return read


def _read(module: ModuleType, name: str, owner: str) -> Specification | None:
    function = inspect.getattr_static(module, name)
    if not inspect.isfunction(function) or not hasattr(function, f"{PROJECT}_spec"):
        return None
    return Specification(name, owner, function, getattr(function, DECLARATION, Declaration()))


def _mistakes(specification: Specification, prefix: str) -> Iterator[tuple[str, str]]:
    options: Mapping[str, object] = getattr(specification.function, f"{PROJECT}_spec")
    used = sorted(name for name, value in options.items() if value)
    if used:
        yield f"with pluggy's {', '.join(used)}", "`hookspec` of linli.core: its mode says which results count"
    if not specification.name.startswith(prefix):
        yield "with a name of its own", f"a name that starts with {prefix!r}"
    if any(parameter.kind not in NAMED for parameter in specification.parameters.values()):
        yield "with *args, **kwargs or positional-only parameters", "parameters that have names"
    if not specification.asynchronous and specification.declaration.mode != "collect":
        yield f"as a plain def with mode {specification.declaration.mode!r}", "an async def"
