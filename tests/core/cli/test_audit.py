from __future__ import annotations

import sqlite3

from tests.core.cli.projects import Linli, Project


def prepared(linli: Linli, project: Project) -> list[object]:
    """A district with a few events; the options that name it."""
    named: list[object] = ["--config", project.config, "--district", project.key]
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    return named


def test_a_chain_that_nobody_touched_holds(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    result = linli("audit", "verify", *named)
    assert (result.exit_code, "the chain holds" in result.stdout) == (0, True)


def test_a_changed_event_is_named_and_ends_the_command_with_1(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    with sqlite3.connect(migrated.file()) as database:
        database.execute("UPDATE core_event SET type = 'core.org_ended' WHERE sequence = 1")
    database.close()
    result = linli("audit", "verify", *named)
    assert result.exit_code == 1
    assert "chain is broken" in result.stderr
