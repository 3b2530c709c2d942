"""Rows of a result: a table for people at a terminal, tabs between the values for everything else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

import typer

from linli.core.errors import Text

from .language import in_words

Cell = Text | str


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether somebody looks at a stream; stdout unless another is given."""
    return (stream or sys.stdout).isatty()


def table(headers: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
    """Show rows under headers, on stdout. Nothing is cut off: long values wrap."""
    titles = [in_words(header) for header in headers]
    values = [[in_words(value) for value in row] for row in rows]
    if is_terminal():
        _for_people(titles, values)
    else:
        for row in (titles, *values):
            typer.echo("\t".join(" ".join(value.split()) for value in row))


def _for_people(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  only where there is something to show
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Plain  # noqa: PLC0415

    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        shown.add_column(title, overflow="fold")
    for row in rows:
        shown.add_row(*map(Plain, row))
    Console().print(shown)
