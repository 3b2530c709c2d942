"""`linli account`: accounts, what they may do, and their sessions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from linli.core.errors import Text

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import UsageError, say
from ..running import entered, run
from ..tables import Cell, table

if TYPE_CHECKING:
    from ..accounts import Wanted

app = typer.Typer(cls=Group, help="Accounts. 账号。")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user name. 用户名。")]
DistrictOption = Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")]


@app.command()
def create(
    name: NameArgument,
    district: DistrictOption = None,
    role: Annotated[str | None, typer.Option(help="A role to give. 授予的角色。")] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="[KIND:]CODE", help="Where the role counts; default the root. 授权所在组织，默认根节点。"),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from stdin. 从标准输入读取密码。")
    ] = False,
) -> None:
    """Create an account, or add to one what it lacks. 创建账号或补充角色。"""
    if at is not None and role is None:
        raise UsageError(words("--at without --role; add --role, or leave out --at"))
    from ..accounts import Wanted  # noqa: PLC0415  `linli --help` is to be quick

    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    wanted = Wanted(name, role, at, _password() if password_stdin else None)
    run(_create(call, key, wanted))


def _password() -> str:
    """The first line of stdin, as it is."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError(words("no password on stdin; write it as the first line"))
    return password


async def _create(call: invocation.Invocation, key: str, wanted: Wanted) -> None:
    from ..accounts import ensure_account  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        done = await ensure_account(district, wanted)
    for line in done:
        say(line)


@app.command()
def sessions(name: NameArgument, district: DistrictOption = None) -> None:
    """List the sessions of an account that are not over. 列出会话。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    span = (words("since (UTC)"), words("renewed (UTC)"), words("until (UTC)"))
    columns = (words("session"), words("provider"), words("device"), *span)
    table(columns, run(_sessions(call, key, name)))


@app.command("sign-out")
def sign_out(
    name: NameArgument,
    district: DistrictOption = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this one, as `sessions` shows it. 仅结束该会话。")
    ] = None,
) -> None:
    """End the sessions of an account, also while the district is served. 结束会话。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    for line in run(_sign_out(call, key, name, session)):
        say(line)


@app.command()
def close(name: NameArgument, district: DistrictOption = None) -> None:
    """Close an account: its sessions end, and none of its tokens counts any more. 停用账号。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    for line in run(_close(call, key, name)):
        say(line)


async def _sessions(call: invocation.Invocation, key: str, name: str) -> Sequence[Sequence[Cell]]:
    from ..accounts import account_of  # noqa: PLC0415
    from ..withdrawing import sessions_of  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        return await sessions_of(district, await account_of(key, name))


async def _sign_out(call: invocation.Invocation, key: str, name: str, session: str | None) -> list[Text]:
    from .. import withdrawing  # noqa: PLC0415
    from ..accounts import account_of  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key):
        return await withdrawing.sign_out(await account_of(key, name), session)


async def _close(call: invocation.Invocation, key: str, name: str) -> list[Text]:
    from .. import withdrawing  # noqa: PLC0415
    from ..accounts import account_of  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key):
        return await withdrawing.close(await account_of(key, name))
