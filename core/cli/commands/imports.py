"""`linli import`: data from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import CommandError, UsageError, unknown
from ..progress import progress
from ..running import entered, run
from .import_boundaries import boundaries
from .import_sheets import command, list_imports, template, undo

if TYPE_CHECKING:
    from linli.core.graph.imports import ImportReport, Outcome

app = typer.Typer(cls=Group, help="Data from files. 导入数据。")
app.command()(boundaries)
for kind, told in (
    ("people", "Import people, where they live and as what. 导入人员及其住所。"),
    ("premises", "Import homes and who owns them. 导入房屋及业主。"),
    ("units", "Import units stationed at a place. 导入驻区单位。"),
    ("posts", "Import who holds which post. 导入任职。"),
):
    app.command(kind)(command(kind.upper(), told))
app.command("list")(list_imports)
app.command()(undo)
app.command()(template)


@app.callback()
def imports() -> None:
    """A group also while it has one command."""


@app.command()
def orgs(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="Organisations, CSV. 组织 CSV 文件。"),
    ],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and report, write nothing. 仅检查，不写入。")
    ] = False,
    apply: Annotated[
        str, typer.Option(metavar="LIST", help="Of renamed,moved,located,gone what is written too. 一并写入的变更。")
    ] = "",
    scope: Annotated[
        str | None,
        typer.Option(metavar="[KIND:]CODE", help="Beneath which what is missing in the file is gone. 消亡比对范围。"),
    ] = None,
) -> None:
    """Import organisations: code, level or kind, name, parent_code [, valid_from, lon, lat, crs]. 导入组织。"""
    from ..import_report import show  # noqa: PLC0415  `linli --help` is to be quick

    outcomes = _outcomes(apply, scope)
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    report = run(_import(call, key, file.read_bytes(), outcomes, dry_run=dry_run, scope=scope))
    show(report)
    if report.problem_count:
        raise CommandError(
            words("problems: {count}, so nothing is changed; mend them and repeat", count=report.problem_count)
        )


def _outcomes(apply: str, scope: str | None) -> list[Outcome]:
    from linli.core.graph.imports import Outcome  # noqa: PLC0415

    named = [name.strip() for name in apply.split(",") if name.strip()]
    known = [outcome.value for outcome in Outcome if outcome is not Outcome.ADDED]
    for name in named:
        if name not in known:
            raise UsageError(unknown(words("change in --apply"), name, known))
    if Outcome.GONE in named and scope is None:
        raise UsageError(
            words("--apply gone without --scope; name beneath which organisation, such as --scope 430602001000")
        )
    return [Outcome(name) for name in named]


async def _import(
    call: invocation.Invocation, key: str, content: bytes, outcomes: list[Outcome], *, dry_run: bool, scope: str | None
) -> ImportReport:
    from linli.core.graph.imports import import_orgs  # noqa: PLC0415

    from ..import_report import STAGES  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        with progress() as bar:
            return await import_orgs(
                content,
                district.kinds,
                district.zone,
                scope=scope,
                apply=outcomes,
                dry_run=dry_run,
                progress=lambda stage, done, total: bar(STAGES[stage], done, total),
            )
