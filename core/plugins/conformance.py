"""Whether a plugin's implementation fits a hook: the right name, the right owner, the right parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping

from .implementations import MARK, Implementation
from .manifest import Plugin
from .problems import listed, nearest
from .specifications import NAMED, Specification

Misfit = tuple[str, str, str | None]
"""What was found, what was expected, and the right spelling that comes closest."""


def misfits(
    implementation: Implementation,
    manifest: Plugin,
    hooks: Mapping[str, Specification],
    platform: Collection[str],
) -> Iterator[Misfit]:
    """Everything wrong with an implementation. `platform` names the owners whose hooks need no `of`."""
    yield from _partner_misfits(implementation, manifest, platform)
    hook = hooks.get(implementation.hook)
    if hook is None:
        owners = {implementation.of} if implementation.of else {*platform, manifest.name}
        yield _unknown(implementation, owners, hooks)
        return
    partner = None if hook.owner in {*platform, manifest.name} else hook.owner
    if partner != implementation.of:
        found = f"{_marker(implementation.of)} for {hook.name!r}, a hook of {hook.owner!r}"
        yield found, _marker(partner), None
    for found, expected in _mistakes(implementation.function, hook):
        yield f"for {hook.name!r} {found}", expected, None


def _partner_misfits(implementation: Implementation, manifest: Plugin, platform: Collection[str]) -> Iterator[Misfit]:
    partners = {**manifest.depends_on, **manifest.works_with}
    of = implementation.of
    if of is None or of in partners or of in platform or of == manifest.name:
        return
    expected = f"one of depends_on and works_with, which name {listed(partners)}"
    yield f"{_marker(of)} for {implementation.hook!r}", expected, nearest(of, partners)


def _unknown(implementation: Implementation, owners: Collection[str], hooks: Mapping[str, Specification]) -> Misfit:
    likely = [name for name, hook in hooks.items() if hook.owner in owners]
    return (
        f"{_marker(implementation.of)} for {implementation.hook!r}, which no installed plugin declares",
        f"a hook of {listed(owners)}",
        nearest(implementation.hook, likely) or nearest(implementation.hook, hooks),
    )


def _mistakes(function: Callable[..., object], hook: Specification) -> Iterator[tuple[str, str]]:
    options: Mapping[str, object] = getattr(function, MARK)
    used = sorted(name for name, value in options.items() if value)
    if used:
        yield f"pluggy's {', '.join(used)}", "`hookimpl` of linli.core: the dispatcher decides order and results"
    yield from _signature_mistakes(function, hook)
    if not hook.asynchronous and inspect.iscoroutinefunction(function):
        yield "an async def", "a def, for this hook is called while the platform starts"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        yield "a generator", "a function that returns"


def _signature_mistakes(function: Callable[..., object], hook: Specification) -> Iterator[tuple[str, str]]:
    parameters = inspect.signature(function).parameters
    unnamed = [name for name, parameter in parameters.items() if parameter.kind not in NAMED]
    if unnamed:
        yield f"the parameter {', '.join(unnamed)} without a name of its own", "parameters that are passed by name"
    unknown = sorted(parameters.keys() - hook.parameters.keys() - set(unnamed))
    if unknown:
        yield f"the parameter {', '.join(unknown)}", f"parameters of {hook.name}{inspect.signature(hook.function)}"


def _marker(of: str | None) -> str:
    return f"@hookimpl(of={of!r})" if of else "@hookimpl"
