"""`linli account`: accounts and what they may do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import UsageError, say
from ..running import entered, run

if TYPE_CHECKING:
    from ..accounts import Wanted

app = typer.Typer(cls=Group, help="Accounts. 账号。")


@app.callback()
def account() -> None:
    """A group also while it has one command."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user name. 用户名。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
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
