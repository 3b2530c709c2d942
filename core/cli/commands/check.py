"""`linli check`: everything there is to say about configuration, plugins and databases, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..language import words
from ..messages import CommandError, UsageError, note, say, unknown
from ..running import run

if TYPE_CHECKING:
    from linli.core.config import Finding


def check(
    profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="mlps3: also the controls of GB/T 22239, level 3. 等保三级。")
    ] = None,
) -> None:
    """Check configuration, plugins, versions and databases. 检查配置、插件、版本与数据库。"""
    from ..profile import PROFILES, show  # noqa: PLC0415  `linli --help` is to be quick

    if profile is not None and profile not in PROFILES:
        raise UsageError(unknown(words("profile"), profile, PROFILES))
    call = invocation.current()
    call.settled()
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
    if profile is not None:
        show(call)


def _findings(call: invocation.Invocation) -> list[Finding]:
    from linli.core.config import check as findings_of  # noqa: PLC0415  `linli --help` is to be quick

    findings = findings_of(call.file, call.installed)
    if not any(finding.severity == "ERROR" for finding in findings):
        findings += run(_of_districts(call))
    return findings


async def _of_districts(call: invocation.Invocation) -> list[Finding]:
    from ..district_findings import findings_of  # noqa: PLC0415

    return await findings_of(call.configuration(), call.installed)
