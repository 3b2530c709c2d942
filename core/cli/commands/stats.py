"""`linli stats`: figures of one district or of all. 统计。"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .. import invocation
from ..language import in_words, words
from ..messages import CommandError, say
from ..running import run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.districts.figures import DistrictFigures, Told
    from linli.core.errors import Text

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415


def stats(
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    all_districts: Annotated[
        bool, typer.Option("--all-districts", help="Of every configured district. 全部区县。")
    ] = False,
    form: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How they are printed. 输出格式。")
    ] = "table",
) -> None:
    """Count people, organisations, events and what waits, of a district or of all. 统计区县数据。"""
    call = invocation.current()
    configuration = call.configuration()
    keys = list(configuration.districts) if all_districts else [invocation.chosen(configuration, district)]
    told = run(_told(call, keys))
    if form == "json":
        typer.echo(json.dumps([_plain(one) for one in told], ensure_ascii=False))
    else:
        _table(told)
    if any(one.problem is not None for one in told):
        raise CommandError(
            words("figures are missing of {keys}", keys=", ".join(one.key for one in told if one.problem is not None))
        )


async def _told(call: invocation.Invocation, keys: list[str]) -> list[Told]:
    from linli.core.districts import open_platform
    from linli.core.districts.figures import every, figures_of
    from linli.core.districts.migrating import missing

    configuration, installed = call.configuration(), call.installed

    async def ask(key: str) -> DistrictFigures | Text:
        why = await missing(configuration, installed, key)
        if why is not None:
            return why
        async with open_platform(configuration, installed, [key]) as platform:
            return await figures_of(platform.districts[key])

    async with open_platform(configuration, installed, []):  # registers the models once, for all of them
        return await every(keys, ask)


def _table(told: list[Told]) -> None:
    headers = [words("district"), words("people"), words("organisations"), words("open deliveries")]
    headers += [words("timers late"), words("events"), words("last sequence"), words("plugins"), words("of plugins")]
    table(headers, [_row(one, one.figures) for one in told if one.figures is not None])
    for one in told:
        if one.problem is not None:
            say(words("{key}: {reason}", key=one.key, reason=one.problem))


def _row(told: Told, found: DistrictFigures) -> list[str]:
    counts = (found.people, found.organisations, found.open_deliveries, found.timers_late, found.events)
    contributed = [f"{one.plugin}.{one.name}={'<5' if one.value is None else one.value}" for one in found.contributed]
    contributed += [f"{plugin}: {in_words(words('failed'))}" for plugin in found.failed]
    return [told.key, *map(str, (*counts, found.last_sequence)), ", ".join(found.plugins), ", ".join(contributed)]


def _plain(told: Told) -> dict[str, Any]:
    if told.figures is None:
        return {"district": told.key, "problem": str(told.problem)}
    plain = asdict(told.figures)
    plain["contributed"] = {f"{one.plugin}.{one.name}": one.value for one in told.figures.contributed}
    return {"district": told.key, **plain}
