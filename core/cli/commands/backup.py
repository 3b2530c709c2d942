"""`linli backup` and `linli restore`: a district into one file, and out of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..files import refuse_taken
from ..language import words
from ..messages import CommandError, note, say
from ..operator import operator
from ..progress import progress
from ..running import entered, run

if TYPE_CHECKING:
    from linli.core.districts.backups.manifest import Manifest
    from linli.core.districts.backups.writing import Made

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The backup to write: a new zip. 备份文件，须为新文件。")
    ],
    district: DistrictOption = None,
) -> None:
    """Write all of a district to one file, while the server runs. 备份区县的全部数据。"""
    call = invocation.current()
    call.settled()
    key = invocation.chosen(call.configuration(), district)
    refuse_taken(file)
    made = run(_backup(call, key, file.absolute()))
    _tell(key, file, made)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup. 备份文件。")],
    district: DistrictOption = None,
) -> None:
    """Make an empty district what a backup holds, on either engine; no server may serve it. 从备份恢复区县。"""
    call = invocation.current()
    call.settled()
    key = invocation.chosen(call.configuration(), district)
    held = run(_restore(call, key, file.absolute()))
    counted = {"rows": held.rows, "tables": len(held.tables), "files": held.contents.files}
    say(words("{key}: {rows} rows of {tables} tables and {files} files are restored", key=key, **counted))
    say(
        words(
            "{key}: the last event is {sequence}; the backup is of {at}",
            key=key,
            sequence=held.last_sequence,
            at=_instant(held),
        )
    )
    off = sorted({*held.plugins_on} - {*call.configuration().districts[key].plugins})
    if off:
        note(words("{key}: on in the backup and off here: {plugins}", key=key, plugins=", ".join(off)))
    note(
        words(
            "go on with `linli migrate --district {key}`, then `linli audit verify` and `linli files verify`", key=key
        )
    )


def _instant(held: Manifest) -> str:
    return f"{held.made_at:%Y-%m-%d %H:%M:%S} UTC"


async def _backup(call: invocation.Invocation, key: str, file: Path) -> Made:
    from linli.core.districts.backups.writing import Backup

    configuration = call.configuration()
    async with entered(configuration, call.installed, key) as district:
        with progress() as bar:
            return await Backup(configuration, call.installed, district, file).make(bar)


async def _restore(call: invocation.Invocation, key: str, file: Path) -> Manifest:
    from linli.core.districts.backups.manifest import BackupError
    from linli.core.districts.backups.restoring import Restoring

    try:
        with progress() as bar:
            return await Restoring(call.configuration(), call.installed, key, file, operator()).carry_out(bar)
    except BackupError as error:
        raise CommandError(words("{code}: {reason}", code=error.code, reason=error.message)) from error


def _tell(key: str, file: Path, made: Made) -> None:
    held = made.manifest
    counted = {"rows": held.rows, "tables": len(held.tables), "files": held.contents.files}
    say(words("{key}: {rows} rows of {tables} tables and {files} files are in {file}", key=key, file=file, **counted))
    say(words("SHA-256 of the file: {sha256}", sha256=made.sha256))
    if made.left_out:
        note(words("{key}: left out, since no plugin knows them: {tables}", key=key, tables=", ".join(made.left_out)))
    for name in held.contents.missing:
        note(words("{key}: the content of file {id} is missing", key=key, id=name))
    note(words("the master keys are not in it: keep a copy of them elsewhere, or nobody can read it"))
