"""What `linli check` finds in a district: whether its database answers and is up to date, and its plugins' health."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from linli.core.config import Configuration, Finding, Severity
from linli.core.districts import District, open_platform
from linli.core.districts.migrating import pending
from linli.core.errors import RejectedError
from linli.core.records.migrations import UnreadableNamespaceError

if TYPE_CHECKING:
    from linli.core.plugins.dispatcher import Outcome
    from linli.core.plugins.inventory import Installed


async def findings_of(configuration: Configuration, installed: Installed, key: str) -> list[Finding]:
    """All findings about one district beyond its configuration. Reads, and changes nothing."""
    try:
        steps = await pending(configuration, installed, key)
    except UnreadableNamespaceError as error:
        hint = "see that it runs, and that the database URL leads to it"
        return [_finding(key, "DATABASE_UNREACHABLE", f"the database does not answer: {error}", hint)]
    except RejectedError as error:
        hint = "install the version of Linli and of the plugins that it was last migrated with"
        return [_finding(key, error.code, str(error.message), hint, Severity.WARNING)]
    if steps:
        found = f"{len(steps)} migrations are missing, the first is {steps[0]}"
        return [_finding(key, "MIGRATIONS_MISSING", found, f"run `linli migrate --district {key}`")]
    async with open_platform(configuration, installed, [key]) as platform:
        return await _health(platform.districts[key])


async def _health(district: District) -> list[Finding]:
    with district.scope():
        outcomes = await district.hooks.outcomes("linli_check", district=district)
    return [finding for outcome in outcomes for finding in _told(district.key, outcome)]


def _told(key: str, outcome: Outcome) -> Iterator[Finding]:
    if outcome.failure is not None:
        found = f"the health check of {outcome.plugin} failed: {outcome.failure}"
        yield _finding(key, "HEALTH_CHECK_FAILED", found, "the log has its traceback", Severity.ERROR)
    for problem in outcome.value or ():
        severity = Severity.ERROR if problem.fatal else Severity.WARNING
        yield _finding(key, "UNHEALTHY", f"{outcome.plugin}: {problem.message}", problem.remedy, severity)


def _finding(key: str, code: str, found: str, hint: str, severity: Severity = Severity.NOTE) -> Finding:
    return Finding(severity, f"district {key}", None, "", code, found, None, hint)
