"""The command group `linli`: every command takes `--config`, speaks the operator's language, and fails in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from . import invocation
from .failures import explained
from .language import half, words
from .messages import UsageError, tell, unknown

if TYPE_CHECKING:
    from typer._click.core import Command, Context, Parameter

    from linli.core.plugins.inventory import Installed


class Group(TyperGroup):
    """A group of commands that names the nearest one for a misspelt one."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """The command that is meant and its arguments."""
        name = args[0]
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            raise UsageError(unknown(words("command"), name, self.commands))
        return super().resolve_command(ctx, args)


class Root(Group):
    """`linli` itself. A subclass names the plugins that are `installed`."""

    installed: ClassVar[Installed]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in _within(self):
            _prepare(command)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Carry out a command line and end the process with its exit code."""
        invocation.begin(invocation.Invocation(self.installed))
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except Exception as error:
            failure = explained(error)
            if failure is None or not standalone_mode:
                raise
            tell(failure)
            code = failure.code
        return sys.exit(code or 0) if standalone_mode else code


def _within(group: TyperGroup) -> Iterator[Command]:
    yield group
    for command in group.commands.values():
        yield from _within(command) if isinstance(command, TyperGroup) else (command,)


def _prepare(command: Command) -> None:
    """Give a command `--config`, unless it has one of its own, and its texts in one language."""
    if not any("--config" in parameter.opts for parameter in command.params):
        command.params.append(_config_option())
    for described in (command, *command.params):
        told = getattr(described, "help", None)
        if isinstance(told, str):
            vars(described)["help"] = half(told)


def _config_option() -> Parameter:
    """An option is made by declaring it: this one stands in a command that is never run."""
    declared = get_command(_carrier())
    found = next(it for it in declared.params if isinstance(it, TyperOption) and "--config" in it.opts)
    found.help = (
        "The configuration; default LINLI_CONFIG, else ./linli.toml. 配置文件，默认 LINLI_CONFIG 或 ./linli.toml。"
    )
    return found


@cache
def _carrier() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(_with_config)
    return app


def _take(path: Path | None) -> Path | None:
    if path is not None:
        invocation.current().config = path
    return path


def _with_config(
    config: Annotated[
        Path | None, typer.Option("--config", metavar="PATH", callback=_take, expose_value=False, show_default=False)
    ] = None,
) -> None:
    """Declares `--config`."""
