"""What is wrong with a command line, in the operator's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from linli.core.errors import Text

from .language import words
from .messages import CommandError

if TYPE_CHECKING:
    from typer.exceptions import TyperException

NO_COMMAND = "Missing command."
"""What the parser says of a group without a command."""


def refused(error: TyperException) -> CommandError:
    """What the parser of command lines raised, as an error of ours with the same exit code."""
    context: Any = getattr(error, "ctx", None)
    hints = [] if context is None else [words("`{command} --help` tells more", command=context.command_path)]
    return CommandError(_found(error), code=error.exit_code, hints=hints)


def _found(error: TyperException) -> Text | str:
    parameter: Any = getattr(error, "param", None)
    option: str | None = getattr(error, "option_name", None)
    if isinstance(error, typer.BadParameter) and parameter is not None:
        name = _spelled(parameter)
        # only a parameter that was not given has a kind and no reason
        missing = getattr(error, "param_type", "") is None and not error.message
        return (
            words("{name} is missing", name=name)
            if missing
            else words("{name}: {reason}", name=name, reason=error.message)
        )
    if option is not None and hasattr(error, "possibilities"):
        return _unknown_option(option, error.possibilities or ())
    if error.message == NO_COMMAND:
        return words("no command; expected one of: {listed}", listed=", ".join(_commands(error)))
    return error.format_message()


def _unknown_option(option: str, near: Any) -> Text:
    if near:
        return words("unknown option {name}; did you mean {near}?", name=option, near=", ".join(sorted(near)))
    return words("unknown option {name}", name=option)


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.display_name_raw)


def _commands(error: TyperException) -> list[str]:
    context: Any = getattr(error, "ctx", None)
    return list(getattr(context and context.command, "commands", ()))
