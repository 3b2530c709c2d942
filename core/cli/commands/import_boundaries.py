"""`linli import boundaries`: outlines of organisations from a GeoJSON file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import invocation
from ..instants import instant
from ..language import words
from ..messages import CommandError, UsageError, unknown
from ..progress import progress
from ..running import entered, run

if TYPE_CHECKING:
    from linli.core.graph.imports import BoundaryImport
    from linli.core.graph.points import Crs

EVER = "ever"


def boundaries(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.geojson", exists=True, dir_okay=False, help="Outlines, GeoJSON. 边界 GeoJSON 文件。"
        ),
    ],
    *,
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    crs: Annotated[str, typer.Option(metavar="CRS", help="WGS84, CGCS2000, GCJ02 or BD09. 坐标系。")] = "CGCS2000",
    since: Annotated[
        str | None,
        typer.Option(
            metavar="ISO8601", help="Since when they hold, or ever; now where not said. 生效时间，ever 为自始。"
        ),
    ] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(metavar="FILE.geojson", dir_okay=False, help="Where what is replaced is kept. 被替换的边界存入。"),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and report, write nothing. 仅检查，不写入。")
    ] = False,
) -> None:
    """Import outlines of organisations by code; lists gaps and overlaps. 导入组织边界，列出缝隙与重叠。"""
    import orjson  # noqa: PLC0415  `linli --help` is to be quick

    from ..boundary_report import show  # noqa: PLC0415

    call = invocation.current()
    datum, valid_from = _datum(crs), _since(since, call)
    key = invocation.chosen(call.configuration(), district)
    done = run(_draw(call, key, file.read_bytes(), dry_run=dry_run, crs=datum, valid_from=valid_from))
    if earlier is not None and done.report.written:
        earlier.write_bytes(orjson.dumps(done.earlier))
    show(done.report)
    if count := done.report.problem_count:
        raise CommandError(words("problems: {count}, so nothing is changed; mend them and repeat", count=count))


def _datum(named: str) -> Crs:
    from linli.core.graph.points import Crs  # noqa: PLC0415

    if named not in Crs.__members__:
        raise UsageError(unknown(words("datum"), named, list(Crs.__members__)))
    return Crs(named)


def _since(written: str | None, call: invocation.Invocation) -> Any:
    from linli.core.graph.unset import UNSET  # noqa: PLC0415

    if written is None:
        return UNSET
    return None if written == EVER else instant(written, "--since", call.configuration)


async def _draw(
    call: invocation.Invocation, key: str, content: bytes, *, dry_run: bool, **given: Any
) -> BoundaryImport:
    from linli.core.graph.imports import BoundaryImport  # noqa: PLC0415

    from ..import_report import STAGES  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        with progress() as bar:
            made = BoundaryImport(
                district.kinds, progress=lambda stage, done, total: bar(STAGES[stage], done, total), **given
            )
            await made.run(content, dry_run=dry_run)
            return made
