from __future__ import annotations

import sqlite3
import sys

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from linli.core.cli import invocation
from linli.core.cli.failures import explained
from linli.core.cli.language import in_words
from linli.core.errors import ConflictError, FieldProblem, ValidationError, text
from linli.core.plugins.locations import Location
from linli.core.plugins.problems import HookError
from linli.core.records.migrations import BadMigrationError, UnreadableNamespaceError
from linli.core.records.store import StoreBusyError

PROBLEMS = [FieldProblem("name", "X", text("A name is needed")), FieldProblem("code", "Y", text("A code is needed"))]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConflictError("in use"), ["in use"]),
        (ValidationError(*PROBLEMS), ["name: A name is needed", "code: A code is needed"]),
        (ValidationError(), ["The input is not valid"]),
        (BadMigrationError("core.0002: no class"), ["core.0002: no class"]),
        (
            HookError("venues", "linli_demo", Location("venues.py", 1), ValueError()),
            ["venues.py:1: plugin 'venues' failed in linli_demo: ValueError"],
        ),
        (FileNotFoundError(2, "No such file", "x.csv"), ["x.csv: No such file"]),
    ],
)
def test_what_can_be_foreseen_is_told_in_words(error: Exception, told: list[str]) -> None:
    found = explained(error)
    assert found is not None
    assert ([in_words(message) for message in found.messages], found.code) == (told, 1)


@pytest.mark.parametrize(
    "error",
    [
        UnreadableNamespaceError("away"),
        StoreBusyError("away"),
        sqlite3.OperationalError("away"),
        OperationalError(sqlite3.OperationalError("away")),
        asyncpg.ConnectionDoesNotExistError("away"),
        OperationalError(asyncpg.TooManyConnectionsError("away")),
        asyncpg.InterfaceError("away"),
    ],
)
def test_a_database_that_fails_is_told_with_its_own_words(error: Exception) -> None:
    found = explained(error)
    assert found is not None
    assert [in_words(message) for message in found.messages] == [
        "the database failed: away; see that it runs and that [database] url leads to it"
    ]


def test_without_the_driver_for_postgres_there_are_none_of_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "asyncpg")
    assert explained(asyncpg.InterfaceError("away")) is None
    assert explained(sqlite3.OperationalError("away")) is not None


@pytest.mark.parametrize("error", [ValueError(), OSError("no file"), sqlite3.IntegrityError(), KeyError("x")])
def test_what_nobody_foresaw_is_not_explained(error: Exception) -> None:
    assert explained(error) is None


def test_outside_of_linli_no_command_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invocation, "_current", None)
    with pytest.raises(RuntimeError, match="no command is under way"):
        invocation.current()
