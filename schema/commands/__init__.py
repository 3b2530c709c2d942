"""The commands of the GraphQL face: `linli serve`, `linli schema` and `linli ledger`."""

from __future__ import annotations

import typer

from . import ledger, schema, serve


def add_commands(app: typer.Typer) -> None:
    """Add them to `linli`."""
    app.command()(serve.serve)
    app.add_typer(schema.app, name="schema")
    app.add_typer(ledger.app, name="ledger")
