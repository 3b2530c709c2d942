"""Core's commands, each in a module of its own."""

from __future__ import annotations

import typer

from . import (
    access,
    account,
    audit,
    backup,
    check,
    clock,
    config,
    events,
    files,
    imports,
    init,
    jobs,
    keys,
    migrate,
    org,
    person,
    plugins,
    retention,
    stats,
    token,
)


def add_commands(app: typer.Typer) -> None:
    """Add core's commands."""
    for command in (
        init.init,
        check.check,
        migrate.migrate,
        backup.backup,
        backup.restore,
        retention.retention,
        stats.stats,
    ):
        app.command()(command)
    for name, group in {
        "config": config.app,
        "account": account.app,
        "access": access.app,
        "token": token.app,
        "import": imports.app,
        "org": org.app,
        "plugins": plugins.app,
        "clock": clock.app,
        "keys": keys.app,
        "files": files.app,
        "person": person.app,
        "audit": audit.app,
        "events": events.app,
        "jobs": jobs.app,
    }.items():
        app.add_typer(group, name=name)
