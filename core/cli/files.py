"""Files that commands write: never over another one."""

from __future__ import annotations

from pathlib import Path

from .language import words
from .messages import CommandError


def refuse_taken(file: Path) -> None:
    """Raise CommandError where there is something already, or no folder to put it in."""
    if file.exists() or file.is_symlink():
        raise CommandError(words("{file} is there already and is not overwritten; name another file", file=file))
    if not file.absolute().parent.is_dir():
        raise CommandError(words("{folder} is no folder; name a file in one", folder=file.absolute().parent))
