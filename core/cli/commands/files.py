"""`linli files`: the files of a district, checked and taken out. 文件。"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import CommandError, note, say
from ..progress import progress
from ..running import entered, run

if TYPE_CHECKING:
    from linli.core.districts import District

app = typer.Typer(cls=Group, help="Files that were uploaded. 上传的文件。")

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]


@app.command()
def verify(district: DistrictOption = None) -> None:
    """Read every file and compare it with what came. 核对全部文件内容。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    count, damaged, left = run(_verify(call, key))
    for name, what in damaged:
        if what == "MISSING":
            say(words("{key}: the content of file {id} is missing", key=key, id=name))
        else:
            say(words("{key}: the content of file {id} was altered", key=key, id=name))
    if left:
        note(words("{key}: contents without a file, which a server takes away: {count}", key=key, count=left))
    if damaged:
        raise CommandError(words("{key}: {count} files are not what came", key=key, count=len(damaged)))
    say(words("{key}: {count} files are what came", key=key, count=count))


async def _verify(call: invocation.Invocation, key: str) -> tuple[int, list[tuple[str, str]], int]:
    async with entered(call.configuration(), call.installed, key) as district:
        from linli.core.files.keeping import damage, kept_files, leftovers  # noqa: PLC0415  `linli --help` is to be quick

        count, damaged = 0, []
        with progress() as bar:
            async for file in kept_files():
                count += 1
                what = await damage(district, file)
                if what is not None:
                    damaged.append((str(file.id), what))
                bar("files", count, 0)
        return count, damaged, len(await leftovers(district))


@app.command()
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where they are kept: a new zip. 导出文件，须为新文件。")
    ],
    district: DistrictOption = None,
) -> None:
    """Write every file, decrypted, to a zip that only its owner may read. 导出全部文件（解密）。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    if file.exists() or file.is_symlink():
        raise CommandError(words("{file} is there already and is not overwritten; name another file", file=file))
    count, sha256 = run(_export(call, key, file.absolute()))
    say(words("{key}: {count} files are in {file}", key=key, count=count, file=file))
    say(words("SHA-256 of the file: {sha256}", sha256=sha256))


async def _export(call: invocation.Invocation, key: str, file: Path) -> tuple[int, str]:
    async with entered(call.configuration(), call.installed, key) as district:
        return await _written(district, file)


async def _written(district: District, place: Path) -> tuple[int, str]:
    from linli.core.files.contents import content  # noqa: PLC0415
    from linli.core.files.keeping import kept_files  # noqa: PLC0415
    from linli.core.files.persons import described  # noqa: PLC0415
    from linli.core.records.archive import Archive  # noqa: PLC0415

    told = []
    with Archive(place) as archive, progress() as bar:
        async for one in kept_files():
            row = described(one)
            await archive.put(row["path"], await content(district, one))
            told.append(row)
            bar("files", len(told), 0)
        return len(told), archive.finish({"format": "linli files export 1", "district": district.key, "files": told})
