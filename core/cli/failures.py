"""From what can go wrong in a command to what the operator is told; what nobody foresaw keeps its traceback."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from typer.exceptions import TyperException

from linli.core.errors import RejectedError, Text, ValidationError

from . import usage
from .language import words
from .messages import CommandError

if TYPE_CHECKING:
    from linli.core.config import Finding


def explained(error: Exception) -> CommandError | None:
    """The failure in words, None where there are none: then it is a fault of Linli's or of a plugin's."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, TyperException):
        return usage.refused(error)
    if isinstance(error, ModuleNotFoundError) and error.name == "asyncpg":
        return CommandError(words("PostgreSQL needs its driver; run `pip install 'linli[postgres]'`"))
    if isinstance(error, OSError) and error.filename is not None:
        return CommandError(words("{file}: {reason}", file=error.filename, reason=error.strerror))
    if isinstance(error, RejectedError):
        return CommandError(*rejection(error))
    return _of_start(error) or _of_database(error)


def rejection(error: RejectedError) -> list[Text]:
    """Every reason of a refusal."""
    if isinstance(error, ValidationError) and error.problems:
        return [words("{where}: {reason}", where=it.path, reason=it.message) for it in error.problems]
    return [error.message]


def _of_start(error: Exception) -> CommandError | None:
    from linli.core.config import ConfigurationError  # noqa: PLC0415  only where something is wrong
    from linli.core.crypto.masters import MasterKeyError  # noqa: PLC0415
    from linli.core.crypto.suites import TamperedError  # noqa: PLC0415
    from linli.core.plugins.problems import HookError, PluginError  # noqa: PLC0415
    from linli.core.records.keys import NoKeysError  # noqa: PLC0415

    if isinstance(error, MasterKeyError | NoKeysError):
        return CommandError(str(error))
    if isinstance(error, TamperedError):
        return CommandError(str(error), hints=[words("`linli audit verify` names all values that were altered")])
    if isinstance(error, ConfigurationError):
        return _configuration_refused(error.findings)
    if isinstance(error, PluginError):
        return CommandError(*map(str, error.problems))
    return CommandError(str(error)) if isinstance(error, HookError) else None


def _configuration_refused(findings: Sequence[Finding]) -> CommandError:
    errors = [finding.render() for finding in findings if finding.severity == "ERROR"]
    others = [finding.render() for finding in findings if finding.severity != "ERROR"]
    hint = words("mend the configuration; `linli check` tells whether it will do")
    return CommandError(*errors, hints=[*others, hint])


def _of_database(error: Exception) -> CommandError | None:
    from linli.core.records.migrations.errors import (  # noqa: PLC0415  only where something is wrong
        BadMigrationError,
        UnreadableNamespaceError,
    )
    from linli.core.records.store import StoreBusyError, driver_error  # noqa: PLC0415

    if isinstance(error, BadMigrationError):
        return CommandError(str(error))
    cause = driver_error(error)
    unavailable: tuple[type[BaseException], ...] = (
        UnreadableNamespaceError,
        StoreBusyError,
        sqlite3.OperationalError,
        *_postgres_errors(),
    )
    return CommandError(_database_failed(cause)) if isinstance(cause, unavailable) else None


def _database_failed(error: BaseException) -> Text:
    """That the database does not do what it should, with its own words and what to look at."""
    reason = str(error) or type(error).__name__
    return words("the database failed: {reason}; see that it runs and that [database] url leads to it", reason=reason)


def _postgres_errors() -> tuple[type[BaseException], ...]:
    asyncpg = sys.modules.get("asyncpg")  # an extra; where it was not imported it raised nothing
    if asyncpg is None:
        return ()
    named = ("PostgresConnectionError", "OperatorInterventionError", "InsufficientResourcesError", "InterfaceError")
    return tuple(getattr(asyncpg, name) for name in named)
