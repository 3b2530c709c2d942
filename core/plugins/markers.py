"""The decorators `hookspec` and `hookimpl`: a hook's declaration, and a plugin's implementation of it. 钩子标记。"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, overload

import pluggy

from .problems import PluginError, PluginProblem

PROJECT: Final = "linli"
OF: Final = "linli_of"
DECLARATION: Final = "linli_declaration"

Mode = Literal["collect", "veto", "first"]
F = TypeVar("F", bound=Callable[..., object])

_specification = pluggy.HookspecMarker(PROJECT)
_implementation = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class Declaration:
    """How a hook is called: its mode, seconds allowed to each implementation (None: no limit), and the order."""

    mode: Mode = "collect"
    time_limit: float | None = 5.0
    reverse: bool = False


@overload
def hookspec(function: F, /) -> F: ...
@overload
def hookspec(*, mode: Mode = "collect", time_limit: float | None = 5.0, reverse: bool = False) -> Callable[[F], F]: ...
def hookspec(
    function: F | None = None,
    /,
    *,
    mode: Mode = "collect",
    time_limit: float | None = 5.0,
    reverse: bool = False,
) -> F | Callable[[F], F]:
    """Declare a hook; the function's name is the hook's, its docstring the documentation, its body is never run.

    An `async def` is called while the platform runs, implementations may be `async def` or `def`. A plain `def` is
    called while the platform starts: implementations are `def`, a failure is fatal, and the mode is `collect`.

    `mode`: `collect` gathers what every plugin returns and sets a failing plugin aside; `veto` lets every plugin
    refuse by raising RejectedError; `first` takes the first answer that is not None. `time_limit` is in seconds for
    each implementation and binds `async def` ones. Dependencies come before dependents, with `reverse` after.
    """
    declaration = Declaration(mode, time_limit, reverse)

    def mark(function: F) -> F:
        _require_function(function, "@hookspec")
        setattr(function, DECLARATION, declaration)
        return _specification(function)

    return mark if function is None else mark(function)


@overload
def hookimpl(function: F, /) -> F: ...
@overload
def hookimpl(*, of: str | None = None) -> Callable[[F], F]: ...
def hookimpl(function: F | None = None, /, *, of: str | None = None) -> F | Callable[[F], F]:
    """Mark a function of a plugin's package as the implementation of the hook of the same name.

    It takes, by name, those of the hook's parameters that it needs. `of` names the plugin that a partner's hook
    belongs to (`@hookimpl(of="venues")`), which must be in `depends_on` or `works_with`; the implementation is left
    out where that plugin is off. Hooks of the platform and of the plugin itself need no `of`.
    """

    def mark(function: F) -> F:
        _require_function(function, "@hookimpl")
        setattr(function, OF, of)
        return _implementation(function)

    return mark if function is None else mark(function)


def _require_function(function: object, marker: str) -> None:
    if not inspect.isfunction(function):
        raise PluginError(
            PluginProblem(
                plugin=str(getattr(function, "__module__", "unknown")),
                found=f"{marker} on {function!r}",
                expected=f"{marker} on a `def` or `async def`",
            )
        )
