"""What `linli check` finds in a district: whether its database answers and is up to date, and its plugins' health."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from linli.core.config import Configuration, Finding, Severity
from linli.core.crypto.masters import MasterKeyError
from linli.core.districts import District, open_platform
from linli.core.districts.migrating import pending
from linli.core.graph.sql import fetch
from linli.core.records.keys import NoKeysError
from linli.core.records.migrations import MigrationRefusedError, UnreadableNamespaceError

from . import admin_findings, cluster_findings, key_findings
from .failures import explained

if TYPE_CHECKING:
    from linli.core.plugins.dispatcher import Outcome
    from linli.core.plugins.inventory import Installed


async def findings_of(configuration: Configuration, installed: Installed) -> list[Finding]:
    """All findings about the districts beyond their configuration. Reads, and changes nothing."""
    standing = await asyncio.gather(*(_standing(configuration, installed, key) for key in configuration.districts))
    found = key_findings.of_masters(configuration, installed)
    found += [finding for of_one in standing for finding in of_one]
    for key, of_one in zip(configuration.districts, standing, strict=True):
        if all(finding.code in cluster_findings.USABLE for finding in of_one):
            found += await _opened(configuration, installed, key)
    return list(dict.fromkeys(found))  # what is wrong with the master keys concerns many, and is told once


async def _standing(configuration: Configuration, installed: Installed, key: str) -> list[Finding]:
    """Whether the database answers and has what the plugins need; all districts are asked at once."""
    try:
        steps = await pending(configuration, installed, key)
        about = await cluster_findings.of_district(configuration, key)
    except MigrationRefusedError as error:
        hint = "install the version of Linli and of the plugins that it was last migrated with"
        return [_finding(key, error.code, str(error.message), hint, Severity.WARNING)]
    except Exception as error:  # what nobody foresaw is raised again
        return [_unreachable(key, error)]
    if not steps:
        return about
    found = f"{len(steps)} migrations are missing, the first is {steps[0]}"
    behind = _finding(key, "MIGRATIONS_MISSING", found, f"run `linli migrate --district {key}`", Severity.WARNING)
    return [*about, behind]


async def _opened(configuration: Configuration, installed: Installed, key: str) -> list[Finding]:
    try:
        async with open_platform(configuration, installed, [key]) as platform:
            district = platform.districts[key]
            return [
                *key_findings.of_district(district),
                *await admin_findings.of_district(district),
                *await _durability(district),
                *await _health(district),
            ]
    except (MasterKeyError, NoKeysError) as error:
        return [key_findings.of_failure(error, key)]
    except Exception as error:  # what nobody foresaw is raised again
        return [_unreachable(key, error)]


def _unreachable(key: str, error: Exception) -> Finding:
    """That a database cannot be used, with the driver's own words; raises `error` where it is something else."""
    if isinstance(error, UnreadableNamespaceError):
        hint = "see that it runs, and that the database URL leads to it"
        return _finding(key, "DATABASE_UNREACHABLE", f"the database does not answer: {error}", hint)
    told = explained(error)
    if told is None:
        raise error
    return _finding(key, "DATABASE_UNUSABLE", str(told), None)


async def _durability(district: District) -> list[Finding]:
    """Whether PostgreSQL keeps what it acknowledged when its machine loses power: nothing is lost but by that."""
    if district.store.dialect != "postgres":
        return []
    with district.scope():
        rows = await fetch("SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')")
    hint = "set it to on; until then what was acknowledged in the last moments is lost when the machine stops"
    return [
        _finding(district.key, "COMMITS_NOT_DURABLE", f"{row['name']} of PostgreSQL is off", hint, Severity.WARNING)
        for row in sorted(rows, key=lambda one: str(one["name"]))
        if row["setting"] == "off"
    ]


async def _health(district: District) -> list[Finding]:
    with district.scope():
        outcomes = await district.hooks.outcomes("linli_check", district=district)
    return [finding for outcome in outcomes for finding in _told(district.key, outcome)]


def _told(key: str, outcome: Outcome) -> Iterator[Finding]:
    if outcome.failure is not None:
        found = f"the health check of {outcome.plugin} failed: {outcome.failure}"
        yield _finding(key, "HEALTH_CHECK_FAILED", found, "the log has its traceback")
    for problem in outcome.value or ():
        severity = Severity.ERROR if problem.fatal else Severity.WARNING
        yield _finding(key, "UNHEALTHY", f"{outcome.plugin}: {problem.message}", problem.remedy, severity)


def _finding(key: str, code: str, found: str, hint: str | None, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(severity, f"district {key}", None, "", code, found, None, hint)
