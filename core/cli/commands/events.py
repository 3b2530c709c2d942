"""`linli events`: who handles events, what waits or was given up, and telling handlers again. 事件处理。"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import half, words
from ..messages import note, say
from ..progress import progress
from ..running import entered, run
from ..tables import table

if TYPE_CHECKING:
    from linli.core.deliveries.lag import Lag
    from linli.core.records.delivery_models import Delivery

# Commands import what they do when they do it: `linli --help` is to be quick.
# ruff: noqa: PLC0415

app = typer.Typer(cls=Group, help="What is done about events. 事件处理。")

DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]
HandlerOption = Annotated[str, typer.Option("--handler", metavar="NAME", help="The handler. 处理器。")]

MOST_LISTED = 200


@app.command()
def handlers(district: DistrictOption = None) -> None:
    """List the handlers, how many events each has still to be told of, and how many were given up. 列出处理器。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    found = run(_handlers(call, key))
    headers = [words("handler"), words("events"), words("waiting"), words("seconds behind"), words("given up")]
    rows = [(lag.handler, types, str(lag.pending), str(lag.seconds), str(lag.dead), told) for lag, types, told in found]
    table([*headers, words("what it does")], rows)


async def _handlers(call: invocation.Invocation, key: str) -> list[tuple[Lag, str, str]]:
    from linli.core.deliveries.lag import lags

    async with entered(call.configuration(), call.installed, key) as district:
        known = {name: one.handler for name, one in district.event_handlers.items()}
        found = await lags(known)
        return [(lag, ", ".join(known[lag.handler].on), half(known[lag.handler].description)) for lag in found]


@app.command()
def dead(
    district: DistrictOption = None,
    handler: Annotated[str | None, typer.Option(metavar="NAME", help="Of this one alone. 仅此处理器。")] = None,
) -> None:
    """List what was given up, the oldest first. 列出已放弃的投递。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    found, count = run(_dead(call, key, handler))
    headers = [
        words("handler"),
        words("event"),
        words("sequence"),
        words("attempts"),
        words("problem"),
        words("log id"),
    ]
    rows = [(it.handler, it.type, str(it.sequence), str(it.attempts), it.problem or "", str(it.id)) for it in found]
    table(headers, rows)
    if count > len(found):
        note(words("{key}: the first {listed} of {count}", key=key, listed=len(found), count=count))
    say(words("{key}: given up: {count}", key=key, count=count))


async def _dead(call: invocation.Invocation, key: str, handler: str | None) -> tuple[list[Delivery], int]:
    from linli.core.records.delivery_models import Delivery, DeliveryState

    async with entered(call.configuration(), call.installed, key):
        wanted = {"state": DeliveryState.DEAD.value, **({} if handler is None else {"handler": handler})}
        found = Delivery.filter(**wanted)
        return await found.order_by("sequence", "handler").limit(MOST_LISTED), await found.count()


@app.command()
def retry(handler: HandlerOption, district: DistrictOption = None) -> None:
    """Have everything tried anew that was given up of a handler; a running server does it. 重试已放弃的投递。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    count = run(_retry(call, key, handler))
    say(words("{key}: tried anew: {count}", key=key, count=count))


async def _retry(call: invocation.Invocation, key: str, name: str) -> int:
    from linli.core.deliveries.replaying import handler_of, retry_all
    from linli.core.records.unit_of_work import transact

    async with entered(call.configuration(), call.installed, key) as district:
        handler = handler_of(district.event_handlers, name)
        return await transact(lambda _unit: retry_all(handler.name))


@app.command()
def catalogue(
    district: DistrictOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs. 以 JSON 输出。")] = False,
) -> None:
    """Print what every type of event tells, of all installed plugins or of those on in a district. 事件目录。"""
    import json

    from linli.core.districts.event_catalogue import catalogue_of
    from linli.core.records.event_catalogue import entries, markdown

    call = invocation.current()
    on = None
    if district is not None:
        key = invocation.chosen(call.configuration(), district)
        on = call.configuration().districts[key].plugins
    found = entries(catalogue_of(call.settled(), on))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else markdown(found), nl=as_json)


@app.command()
def replay(
    handler: HandlerOption,
    first: Annotated[int, typer.Option("--from", min=1, metavar="SEQ", help="From this event on. 起始序号。")],
    last: Annotated[
        int | None, typer.Option("--to", min=1, metavar="SEQ", help="Up to this one, else the newest. 截止序号。")
    ] = None,
    district: DistrictOption = None,
) -> None:
    """Tell a handler of past events, also of those it was told of: what it wrote then, it writes again. 重放事件。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    count = run(_replay(call, key, handler, first, last))
    say(words("{key}: {handler} is told of {count} events by a running server", key=key, handler=handler, count=count))


async def _replay(call: invocation.Invocation, key: str, name: str, first: int, last: int | None) -> int:
    from linli.core.deliveries.replaying import handler_of
    from linli.core.deliveries.replaying import replay as replayed
    from linli.core.records.sealing import seal_now

    async with entered(call.configuration(), call.installed, key) as district:
        await seal_now(district.store)
        handler = handler_of(district.event_handlers, name)
        with progress() as bar:
            return await replayed(handler, first, last, lambda done, total: bar(words("events"), done, total))
