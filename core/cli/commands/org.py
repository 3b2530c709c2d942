"""`linli org`: organisations that are merged, split and renamed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..instants import instant
from ..language import words
from ..messages import UsageError
from ..progress import progress
from ..running import entered, run

if TYPE_CHECKING:
    from datetime import datetime

    from linli.core.succession.applying import Applied
    from linli.core.succession.reforms import Change, Target

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen, change nothing. 仅预演。")]
At = Annotated[str | None, typer.Option(metavar="ISO8601", help="Since when; now where not said. 生效时间。")]
Under = Annotated[
    str | None, typer.Option(metavar="[KIND:]CODE", help="Where new ones stand; as what ends did. 新组织的上级。")
]
INTO = "[KIND:]CODE[=NAME]"

app = typer.Typer(cls=Group, help="Merging, splitting and renaming organisations. 组织撤并、拆分与更名。")


@app.callback()
def org() -> None:
    """Organisations that are merged, split and renamed."""


@app.command()
def merge(
    sources: Annotated[list[str], typer.Argument(metavar="[KIND:]CODE..", help="What ends. 被撤并的组织。")],
    *,
    into: Annotated[
        str, typer.Option(metavar=INTO, help="What succeeds; with a name a new one. 承继组织，带名称则新建。")
    ],
    under: Under = None,
    at: At = None,
    dry_run: DryRun = False,
    district: DistrictOption = None,
) -> None:
    """Merge organisations into one. 撤并组织。"""
    from linli.core.succession.reforms import Merge

    _carry_out([Merge(_target(into, under), sources)], district, at, dry_run=dry_run)


@app.command()
def split(
    source: Annotated[str, typer.Argument(metavar="[KIND:]CODE", help="What ends. 被拆分的组织。")],
    *,
    into: Annotated[
        list[str], typer.Option(metavar=INTO, help="A successor, with a name a new one; repeat it. 承继组织，可重复。")
    ],
    child: Annotated[
        list[str] | None, typer.Option(metavar="CODE=CODE", help="Which goes to which; repeat it. 下级归属，可重复。")
    ] = None,
    heir: Annotated[
        str | None, typer.Option(metavar="CODE", help="The successor that takes the rest. 主要承继方。")
    ] = None,
    under: Under = None,
    at: At = None,
    dry_run: DryRun = False,
    district: DistrictOption = None,
) -> None:
    """Split an organisation into several. 拆分组织。"""
    from linli.core.succession.reforms import Split

    targets = [_target(one, under) for one in into]
    codes = [target.code for target in targets]
    children = [_pair(one) for one in child or ()]
    for name in [*(target for _, target in children), *([] if heir is None else [heir])]:
        if name not in codes:
            raise UsageError(words('"{name}" is none of the successors, {listed}', name=name, listed=", ".join(codes)))
    _carry_out([Split(source, targets, children, heir)], district, at, dry_run=dry_run)


@app.command()
def reform(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", exists=True, dir_okay=False, help="The changes, CSV. 区划调整方案 CSV。"),
    ],
    *,
    at: At = None,
    dry_run: DryRun = False,
    district: DistrictOption = None,
) -> None:
    """Carry out a file of changes: change, code, into, name, under, heir. 执行区划调整方案。"""
    from linli.core.succession.reforms import reform as read

    _carry_out(read(file.read_bytes()), district, at, dry_run=dry_run)


def _target(written: str, under: str | None) -> Target:
    from linli.core.succession.reforms import Target

    code, _, name = written.partition("=")
    return Target(code, name or None, under)


def _pair(written: str) -> tuple[str, str]:
    child, _, target = written.partition("=")
    if not (child and target):
        raise UsageError(words('--child "{found}" names no successor; write CODE=CODE', found=written))
    return child, target


def _carry_out(changes: Sequence[Change], district: str | None, at: str | None, *, dry_run: bool) -> None:
    from ..succession_report import show

    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    since = None if at is None else instant(at, "--at", call.configuration)
    show(run(_apply(call, key, changes, since, dry_run=dry_run)), dry_run=dry_run)


async def _apply(
    call: invocation.Invocation, key: str, changes: Sequence[Change], at: datetime | None, *, dry_run: bool
) -> list[Applied]:
    from linli.core.succession.applying import apply_reform

    async with entered(call.configuration(), call.installed, key) as entered_district:
        with progress() as bar:
            return await apply_reform(
                entered_district,
                changes,
                at=at,
                dry_run=dry_run,
                progress=lambda done, total: bar(words("changes"), done, total),
            )
