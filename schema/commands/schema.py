"""`linli schema`: a district's API as text, and what changed in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linli.core.cli import invocation
from linli.core.cli.group import Group
from linli.core.cli.messages import CommandError, UsageError, note
from linli.core.cli.running import run
from linli.core.cli.tables import table

from .texts import words

app = typer.Typer(cls=Group, help="The API as text. 接口定义。")

Old = Annotated[Path, typer.Argument(metavar="OLD", exists=True, dir_okay=False, help="SDL before. 旧接口定义。")]
New = Annotated[Path, typer.Argument(metavar="NEW", exists=True, dir_okay=False, help="SDL after. 新接口定义。")]


@app.command("print")
def print_(
    district: Annotated[str | None, typer.Option(metavar="KEY", help="As this district has it. 按区县。")] = None,
    plugins: Annotated[
        str | None, typer.Option(metavar="LIST", help="With these plugins, a,b, or all of them. 按插件。")
    ] = None,
) -> None:
    """Print the sorted SDL of an API; needs no database. 输出排序后的 SDL。"""
    from .sdl import of_district, of_plugins  # noqa: PLC0415  `linli --help` is to be quick

    if district is not None and plugins is not None:
        raise UsageError(words("--district and --plugins at once; name one of them"))
    call = invocation.current()
    call.settled()
    if plugins is not None:
        typer.echo(run(of_plugins(call.installed, plugins)))
        return
    configuration = call.configuration()
    key = invocation.chosen(configuration, district)
    typer.echo(run(of_district(configuration, call.installed, key)))


@app.command()
def diff(old: Old, new: New) -> None:
    """Tell what changed from OLD to NEW; exit code 1 where clients would break. 比较接口定义。"""
    from .changes import changes, read  # noqa: PLC0415

    found = changes(read(old), read(new))
    if not found:
        note(words("nothing changed"))
        return
    table([words("weight"), words("change"), words("what")], [(it.weight, it.name, it.description) for it in found])
    if breaking := sum(it.breaks for it in found):
        raise CommandError(
            words("changes that break clients: {count}; deprecate first, and remove later", count=breaking)
        )


@app.command()
def explain(
    query: Annotated[Path, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="The operation. 查询文件。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="As this district has it. 按区县。")] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="As this account asks. 以该账号查询。")
    ] = None,
    variables: Annotated[str, typer.Option(metavar="JSON", help="Its variables. 变量。")] = "{}",
    operation: Annotated[str | None, typer.Option(metavar="NAME", help="Which of several. 操作名。")] = None,
) -> None:
    """Tell for each root field who answers it: one statement, and which, or why it is resolved. 说明查询如何执行。"""
    from .explaining import Wanted, explained  # noqa: PLC0415

    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    wanted = Wanted(query.read_text("utf-8"), variables, operation, as_)
    key = invocation.chosen(configuration, district)
    for one in run(explained(configuration, call.installed, key, wanted)):
        typer.echo(f"{one.field}: {one.executor}")
        if one.reason:
            typer.echo(f"  {one.reason}")
        for computed in one.computed:
            typer.echo(words("  computed by Python: {field}", field=computed))
        if one.sql:
            typer.echo(f"  {one.sql}")
