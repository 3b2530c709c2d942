"""What a hook's documentation must say; core's and the bundled plugins' tests ask here, a third party's may too."""

from __future__ import annotations

import inspect
import textwrap
from types import ModuleType

from .problems import Problems
from .specifications import Specification, read_specifications

PARTS = ("Called:", "Returns:", "Failure:", "Example::")


def undocumented(module: ModuleType) -> list[str]:
    """What is missing in the documentation of a module's hooks, one sentence each; empty when all is there.

    A hook's docstring has a first line, then says when and by whom the hook is called, what to return, how a failure
    is treated, and shows an example; it names every parameter in backticks; the signature is annotated.
    """
    hooks = read_specifications(module, module.__name__, "", Problems())
    missing = [f"{hook.at}: {hook.name} {gap}" for hook in hooks for gap in _gaps(hook)]
    return missing if hooks else [f"{module.__name__} has no hooks"]


def example(hook: Specification) -> str:
    """The source of the example in a hook's docstring."""
    _, _, rest = inspect.cleandoc(hook.function.__doc__ or "").partition("Example::\n")
    return textwrap.dedent(rest).strip() + "\n"


def _gaps(hook: Specification) -> list[str]:
    text = inspect.cleandoc(hook.function.__doc__ or "")
    if not text:
        return ["has no docstring"]
    gaps = [f"does not say {part!r}" for part in PARTS if f"\n{part}" not in text]
    gaps += [f"does not explain `{name}`" for name in hook.parameters if f"`{name}`" not in text]
    gaps += [f"has no annotation for {name}" for name, it in hook.parameters.items() if it.annotation is it.empty]
    if inspect.signature(hook.function).return_annotation is inspect.Signature.empty:
        gaps.append("has no annotation for what it returns")
    if "Example::" in text and f"def {hook.name}(" not in example(hook):
        gaps.append("has an example of something else")
    return gaps
