"""`linli ledger`: ledgers as workbooks, written by an operator or as an account sees them. 台账。"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linli.core.cli import invocation
from linli.core.cli.files import refuse_taken
from linli.core.cli.group import Group
from linli.core.cli.instants import instant
from linli.core.cli.messages import UsageError, say, unknown
from linli.core.cli.running import run
from linli.core.cli.tables import table

from .texts import words

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(cls=Group, help="Ledgers: what is kept, as workbooks. 台账。")

DistrictOption = Annotated[str | None, typer.Option("--district", metavar="KEY", help="The district. 区县。")]
LanguageOption = Annotated[str, typer.Option("--language", metavar="TAG", help="zh-CN or en. 语言。")]
LANGUAGES = ("zh-CN", "en")


@app.command("list")
def list_(district: DistrictOption = None, language: LanguageOption = "zh-CN") -> None:
    """List the ledgers of a district with their columns and filters. 列出台账。"""
    from .ledgers import ledgers_of  # noqa: PLC0415  `linli --help` is to be quick

    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    key = invocation.chosen(configuration, district)
    found = run(ledgers_of(configuration, call.installed, key)).values()
    headings = [words("ledger"), words("title"), words("columns"), words("filters"), words("groups")]
    rows = [
        (
            one.code,
            one.title.in_language(_language(language)),
            *(_keys(of) for of in (one.columns, one.filters, one.groups)),
        )
        for one in found
    ]
    table(headings, rows)


@app.command()
def template(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Which ledger. 台账标识。")],
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="A new workbook. 输出文件，须为新文件。")],
    district: DistrictOption = None,
    language: LanguageOption = "zh-CN",
) -> None:
    """Write a workbook to begin a template of one's own with. 生成台账模板样例。"""
    from linli.schema.ledgers.starting import write  # noqa: PLC0415

    from .ledgers import ledgers_of  # noqa: PLC0415

    call = invocation.current()
    call.settled()
    configuration = call.configuration()
    key = invocation.chosen(configuration, district)
    refuse_taken(out)
    known = run(ledgers_of(configuration, call.installed, key))
    if code not in known:
        raise UsageError(unknown(words("ledger"), code, known))
    with out.open("xb") as written:
        write(known[code], written, _language(language))
    say(words("{file}: a template of {code}; name it in ledger_templates of the district", file=out, code=code))


@app.command()
def export(  # noqa: PLR0917  typer names them by their options
    code: Annotated[str, typer.Argument(metavar="CODE", help="Which ledger. 台账标识。")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.xlsx", help="A new workbook. 输出文件，须为新文件。")],
    district: DistrictOption = None,
    at: Annotated[
        str | None, typer.Option(metavar="[KIND:]CODE", help="The organisation; default the root. 组织，默认根节点。")
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="As this account sees it. 以该账号的权限导出。")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="What values are shown in full for; it is recorded. 完整信息的用途，将被记录。"
        ),
    ] = None,
    columns: Annotated[str | None, typer.Option(metavar="LIST", help="Which columns: a,b. 列。")] = None,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", metavar="KEY=VALUES", help="Only these: kind=A,B. 筛选，可重复。")
    ] = None,
    group_by: Annotated[str | None, typer.Option(metavar="KEY", help="Which grouping, or none. 分组。")] = None,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="Each group on a sheet of its own. 每组一张工作表。")
    ] = False,
    as_of: Annotated[str | None, typer.Option(metavar="INSTANT", help="As it was then. 时点。")] = None,
    template: Annotated[str | None, typer.Option(metavar="NAME", help="The district's own workbook. 模板。")] = None,
    language: LanguageOption = "zh-CN",
) -> None:
    """Write a ledger to a file that only its owner may read; that is recorded. 导出台账。"""
    from .ledgers import Wanted, written  # noqa: PLC0415

    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    refuse_taken(out)
    wanted = Wanted(
        code=code,
        at=at,
        account=as_,
        purpose=purpose,
        columns=None if columns is None else [one.strip() for one in columns.split(",")],
        filters=dict(map(_filter, filters or ())),
        group_by=group_by,
        sheets=sheets,
        as_of=None if as_of is None else instant(as_of, "--as-of", call.configuration),
        template=template,
        language=_language(language),
    )
    made = run(written(call, key, wanted, out.absolute()))
    say(words("{key}: {rows} rows are in {file}", key=key, rows=made.rows, file=out))
    if made.people:
        say(
            words(
                "values of {people} people are shown in full: {fields}",
                people=made.people,
                fields=", ".join(made.fields),
            )
        )


def _filter(written: str) -> tuple[str, list[str]]:
    key, equals, values = written.partition("=")
    if not (key and equals and values):
        raise UsageError(words('--filter "{found}" is no KEY=VALUES; write one such as kind=A,B', found=written))
    return key, [one.strip() for one in values.split(",")]


def _language(tag: str) -> str:
    if tag not in LANGUAGES:
        raise UsageError(unknown(words("language"), tag, LANGUAGES))
    return tag


def _keys(parts: Sequence[object]) -> str:
    return ", ".join(str(getattr(part, "key", "")) for part in parts)
