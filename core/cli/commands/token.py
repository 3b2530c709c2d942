"""`linli token`: access tokens for scripts and other programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from linli.core import clock

from .. import invocation
from ..durations import after
from ..group import Group
from ..running import entered, run

app = typer.Typer(cls=Group, help="Access tokens. 访问令牌。")


@app.callback()
def token() -> None:
    """A group also while it has one command."""


@app.command()
def create(
    account: Annotated[str, typer.Option(metavar="NAME", help="The user name. 用户名。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    ttl: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="How long it counts, such as 30d; default for ever. 有效期，默认永久。"),
    ] = None,
    permission: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="All it allows; give it several times. 仅限的权限，可重复。"),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="[KIND:]CODE", help="Where it counts, with all beneath. 仅限的组织及其下级。"),
    ] = None,
) -> None:
    """Print a new token of an account, nothing else. 签发并输出访问令牌。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    expires_at = None if ttl is None else after(clock.now(), ttl, "--ttl")
    typer.echo(run(_issue(call, key, account, expires_at, permissions=permission, at=at)))


async def _issue(
    call: invocation.Invocation,
    key: str,
    name: str,
    expires_at: datetime | None,
    *,
    permissions: list[str] | None,
    at: str | None,
) -> str:
    from linli.core.access.services import issue_token  # noqa: PLC0415  `linli --help` is to be quick
    from linli.core.records.unit_of_work import transact  # noqa: PLC0415

    from ..accounts import account_of, narrowed  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        account = await account_of(key, name)
        limits = await narrowed(district, permissions, at)
        return await transact(lambda _unit: issue_token(account, expires_at, limits))
