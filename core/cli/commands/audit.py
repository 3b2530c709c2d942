"""`linli audit`: whether what is recorded was altered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..files import refuse_taken
from ..group import Group
from ..language import words
from ..messages import CommandError, say
from ..running import entered, run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.errors import Text
    from linli.core.records.checkpoints import Checkpoint
    from linli.core.records.verify import Verification
    from linli.core.records.verify_findings import Anchor, Finding

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist. 输出文件。")]

app = typer.Typer(cls=Group, help="The chain of events. 审计链。")


@app.callback()
def audit() -> None:
    """The chain of events."""


@app.command()
def verify(
    district: DistrictOption = None,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A checkpoint that the chain must still contain. 检查点文件。")
    ] = None,
) -> None:
    """Check that no event and no encrypted value was altered; exit code 1 where one was. 校验审计链与加密值。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    noted = None if checkpoint is None else _read(checkpoint, key)
    found = run(_verify(call, key, None if noted is None else noted.anchor))
    _tell(key, found, run(_altered(call, key)))
    if noted is not None:
        say(words("{key}: it contains the checkpoint of {at}", key=key, at=f"{noted.at:%Y-%m-%d %H:%M:%S} UTC"))


@app.command()
def checkpoint(file: NewFile, district: DistrictOption = None) -> None:
    """Note down the end of a chain that holds, to be kept elsewhere. 导出审计检查点。"""
    from linli.core import clock
    from linli.core.records.checkpoints import Checkpoint

    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    refuse_taken(file)
    found = run(_verify(call, key, None))
    _tell(key, found)
    if found.head is None:
        raise CommandError(words("{key}: there are no events yet", key=key))
    suite = run(_suite(call, key, found.head))
    file.write_text(Checkpoint(key, found.head, suite, clock.now()).written(), encoding="utf-8")
    say(words("{key}: event {sequence} is noted down in {file}", key=key, sequence=found.head.sequence, file=file))


@app.command()
def export(file: NewFile, district: DistrictOption = None) -> None:
    """Write the chain without any payload as lines of JSON, to be checked elsewhere. 导出审计链。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    refuse_taken(file)
    count = run(_export(call, key, file))
    say(words("{key}: {count} events are in {file}", key=key, count=count, file=file))


def _tell(key: str, found: Verification, altered: Sequence[Finding] | None = None) -> None:
    """Tell of the chain and, where they were looked for, of altered values: of both, since a broken chain stays so."""
    errors = [*_of_chain(key, found), *_of_values(key, altered)]
    if errors:
        hint = words("bring the rows back from a backup of before, and find out who could write to the database")
        raise CommandError(*errors, hints=[hint] if altered else [])


def _of_chain(key: str, found: Verification) -> Iterator[Text]:
    if not found.ok:
        rows = [(it.kind.value, str(it.sequence or ""), it.event_id or "", it.message) for it in found.findings]
        table([words("kind"), words("sequence"), words("event"), words("what")], rows)
        yield words("{key}: the chain is broken in {count} places", key=key, count=len(rows))
        return
    say(words("{key}: {count} events, the chain holds", key=key, count=found.checked))
    if found.erased:
        say(words("{count} of them are erased", count=found.erased))


def _of_values(key: str, altered: Sequence[Finding] | None) -> Iterator[Text]:
    if altered:
        table([words("kind"), words("what")], [(it.kind.value, it.message) for it in altered])
        yield words("{key}: {count} encrypted values were altered", key=key, count=len(altered))
    elif altered is not None:
        say(words("{key}: every encrypted value stands where it belongs", key=key))


def _read(file: Path, key: str) -> Checkpoint:
    from linli.core.records.checkpoints import CheckpointError, read

    try:
        found = read(file.read_text(encoding="utf-8"))
    except (OSError, CheckpointError, UnicodeDecodeError) as error:
        raise CommandError(words("{file} cannot be used as a checkpoint: {reason}", file=file, reason=error)) from error
    if found.district != key:
        raise CommandError(
            words("{file} is a checkpoint of {other}, not of {key}", file=file, other=found.district, key=key)
        )
    return found


async def _verify(call: invocation.Invocation, key: str, anchor: Anchor | None) -> Verification:
    from linli.core.records.sealing import seal_now
    from linli.core.records.verify import verify as verified

    async with entered(call.configuration(), call.installed, key) as district:
        await seal_now(district.store)
        return await verified(anchor=anchor)


async def _altered(call: invocation.Invocation, key: str) -> list[Finding]:
    from linli.core.districts.stewards import kept_models
    from linli.core.records.encrypting import encrypted_columns
    from linli.core.records.verify_values import altered_values

    async with entered(call.configuration(), call.installed, key) as district:
        columns = encrypted_columns(await kept_models(district))
        return [finding async for finding in altered_values(columns)]


async def _suite(call: invocation.Invocation, key: str, head: Anchor) -> str:
    from linli.core.records.checkpoints import suite_at

    async with entered(call.configuration(), call.installed, key):
        return await suite_at(head.sequence)


async def _export(call: invocation.Invocation, key: str, file: Path) -> int:
    from linli.core.records.checkpoints import exported
    from linli.core.records.sealing import seal_now

    count = 0
    async with entered(call.configuration(), call.installed, key) as district:
        await seal_now(district.store)
        with file.open("x", encoding="utf-8") as lines:
            async for line in exported():
                lines.write(line)
                count += 1
    return count
