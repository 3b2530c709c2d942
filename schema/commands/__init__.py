"""The commands of the GraphQL face: `linli serve` and `linli schema`."""

from __future__ import annotations

import typer

from . import schema, serve


def add_commands(app: typer.Typer) -> None:
    """Add them to `linli`."""
    app.command()(serve.serve)
    app.add_typer(schema.app, name="schema")
