"""`linli init`: a configuration to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import invocation
from ..language import words
from ..messages import CommandError, note, say

NAME = "linli.toml"


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where; made if it is missing. 所在目录，不存在则创建。")
    ],
) -> None:
    """Write a commented linli.toml. 写出带注释的 linli.toml。"""
    from linli.core.config import template  # noqa: PLC0415  `linli --help` is to be quick

    file = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as written:
            written.write(template(invocation.current().installed))
    except FileExistsError as error:
        place = Path(error.filename or file)
        raise CommandError(
            words("{file} is there already and is not overwritten; name another folder", file=place)
        ) from error
    except OSError as error:
        raise CommandError(
            words("{file} cannot be written: {reason}; name another folder", file=file, reason=error.strerror)
        ) from error
    say(words("{file} is written", file=file))
    note(
        words("Next: change it, then `linli check`, `linli migrate` and `linli serve` with --config {file}", file=file)
    )
