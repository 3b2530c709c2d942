"""`linli check`: everything there is to say about configuration, plugins and databases, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import invocation
from ..language import words
from ..messages import CommandError, note, say
from ..running import run

if TYPE_CHECKING:
    from linli.core.config import Finding


def check() -> None:
    """Check configuration, plugins, versions and databases. 检查配置、插件、版本与数据库。"""
    call = invocation.current()
    findings = _findings(call)
    for finding in findings:
        say(finding.render())
    errors = sum(finding.severity == "ERROR" for finding in findings)
    if errors:
        told = words(
            "{file} has errors: {count}; mend them, for nothing starts with them", count=errors, file=call.file
        )
        raise CommandError(told)
    note(words("no errors in {file}; other remarks: {count}", file=call.file, count=len(findings)))


def _findings(call: invocation.Invocation) -> list[Finding]:
    from linli.core.config import check as findings_of  # noqa: PLC0415  `linli --help` is to be quick

    findings = findings_of(call.file, call.installed)
    if not any(finding.severity == "ERROR" for finding in findings):
        findings += run(_of_districts(call))
    return findings


async def _of_districts(call: invocation.Invocation) -> list[Finding]:
    from ..district_findings import findings_of  # noqa: PLC0415

    configuration = call.configuration()
    found = [await findings_of(configuration, call.installed, key) for key in configuration.districts]
    return [finding for of_one in found for finding in of_one]
