"""`linli person`: what people may ask about their data."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import CommandError, UsageError, say
from ..running import entered, run

if TYPE_CHECKING:
    from linli.core.districts import District

app = typer.Typer(cls=Group, help="What people may ask about their data. 个人信息权利。")
BY = "linli person export"


@app.callback()
def person() -> None:
    """A group also while it has one command."""


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is kept: a new zip. 导出文件，须为新文件。")],
    person: Annotated[str, typer.Option(metavar="ID", help="The person: a UUID. 人员标识。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    purpose: Annotated[str, typer.Option(metavar="TEXT", help="What for; it is recorded. 用途，将被记录。")] = BY,
) -> None:
    """Write all that is kept of a person to a file that only its owner may read. 导出个人信息副本。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    try:
        wanted = UUID(person)
    except ValueError as error:
        raise UsageError(words('"{id}" is no UUID; a person\'s id is expected', id=person)) from error
    if file.exists() or file.is_symlink():
        raise CommandError(words("{file} is there already and is not overwritten; name another file", file=file))
    rows, sha256 = run(_export(call, key, wanted, purpose, file.absolute()))
    say(words("{key}: {rows} rows are in {file}", key=key, rows=rows, file=file))
    say(words("SHA-256 of the file: {sha256}", sha256=sha256))


async def _export(call: invocation.Invocation, key: str, person_id: UUID, purpose: str, file: Path) -> tuple[int, str]:
    async with entered(call.configuration(), call.installed, key) as district:
        return await _write(district, person_id, purpose, file)


async def _write(district: District, person_id: UUID, purpose: str, file: Path) -> tuple[int, str]:
    from linli.core.files.contents import content  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.files.persons import described, files_about  # noqa: PLC0415
    from linli.core.people.models import Person  # noqa: PLC0415
    from linli.core.privacy import exporting, requests  # noqa: PLC0415
    from linli.core.records.archive import Archive  # noqa: PLC0415
    from linli.core.records.sealing import seal_now  # noqa: PLC0415
    from linli.core.records.unit_of_work import transact  # noqa: PLC0415

    found = await Person.get_or_none(id=person_id)
    if found is None:
        raise CommandError(words("{key}: there is no person {id}", key=district.key, id=person_id))
    await transact(lambda _unit: requests.record_export(found, purpose))
    await seal_now(district.store)
    told, files = await exporting.document(district, person_id), await files_about(person_id)
    with Archive(file) as archive:
        parts = {f"{part['plugin']}/{part['what']}": part["rows"] for part in told.pop("records")}
        counts = {name: await archive.add(name, _each(rows)) for name, rows in parts.items()}
        counts["history"] = await archive.add("history", _each(told.pop("history")))
        told["files"] = [described(one) for one in files]
        for one in files:
            await archive.put(described(one)["path"], await content(district, one))
        return sum(counts.values()), archive.finish({**told, "purpose": purpose, "rows": counts})


async def _each(rows: Sequence[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
    for row in rows:
        yield row
