"""How far a long command is: a bar for people, now and then a line for everything else. 进度。"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from linli.core import clock
from linli.core.errors import Text

from .language import in_words, words
from .messages import note
from .tables import is_terminal

EVERY_SECONDS = 5.0


class Bar(Protocol):
    """Told how far the work is; `total` is 0 while nobody knows."""

    def __call__(self, what: Text | str, done: int, total: int) -> None: ...


@contextmanager
def progress() -> Iterator[Bar]:
    """Show on stderr how far the work inside is."""
    if not is_terminal(sys.stderr):
        yield _Lines()
        return
    from rich.console import Console  # noqa: PLC0415  only where there is something to show
    from rich.progress import Progress  # noqa: PLC0415

    # what goes to stdout meanwhile is printed above the bar, unless it is kept in a file
    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=is_terminal()) as shown:
        task = shown.add_task("", total=None)

        def bar(what: Text | str, done: int, total: int) -> None:
            shown.update(task, description=in_words(what), completed=done, total=total or None)

        yield bar


class _Lines:
    """A line when the work takes its time, then one every EVERY_SECONDS."""

    def __init__(self) -> None:
        self._told = clock.monotonic()

    def __call__(self, what: Text | str, done: int, total: int) -> None:
        if clock.monotonic() - self._told < EVERY_SECONDS:
            return
        self._told = clock.monotonic()
        note(words("{what}: {done} of {total}", what=what, done=done, total=total or "?"))
