"""`linli access`: who may do what and why, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from linli.core.errors import Text

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import UsageError, say, unknown
from ..running import entered, run
from ..tables import Cell, table

app = typer.Typer(cls=Group, help="Who may do what. 权限查询与撤销。")


@app.command()
def explain(
    account: Annotated[str, typer.Option(metavar="NAME", help="The user name. 用户名。")],
    can: Annotated[str, typer.Option(metavar="PERMISSION", help="The permission. 权限。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="[KIND:]CODE", help="The organisation; default the root. 组织，默认根节点。")
    ] = None,
) -> None:
    """Say whether an account may do something, and which grant decides; exit code 1 for no. 说明权限来源。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    allowed, lines = run(_explain(call, key, account, can, at))
    for line in lines:
        say(line)
    if not allowed:
        raise typer.Exit(1)


@app.command()
def grants(
    account: Annotated[str, typer.Option(metavar="NAME", help="The user name. 用户名。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
) -> None:
    """List the grants of an account that count now or will. 列出账号的授权。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    span = (words("from (UTC)"), words("until (UTC)"))
    columns = (words("grant"), words("role"), words("at"), *span, words("delegated by"))
    table(columns, run(_grants(call, key, account)))


@app.command()
def revoke(
    grant: Annotated[str, typer.Argument(metavar="GRANT", help="Its id, as `grants` shows it. 授权标识。")],
    district: Annotated[str | None, typer.Option(metavar="KEY", help="The district. 区县。")] = None,
) -> None:
    """Take a role back, also while the district is served; it counts no longer at once. 撤销授权。"""
    call = invocation.current()
    key = invocation.chosen(call.configuration(), district)
    for line in run(_revoke(call, key, grant)):
        say(line)


async def _grants(call: invocation.Invocation, key: str, name: str) -> Sequence[Sequence[Cell]]:
    from ..accounts import account_of  # noqa: PLC0415  `linli --help` is to be quick
    from ..withdrawing import grants_of  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key):
        return await grants_of(await account_of(key, name))


async def _revoke(call: invocation.Invocation, key: str, grant: str) -> list[Text]:
    from .. import withdrawing  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        return await withdrawing.revoke(district, grant)


async def _explain(
    call: invocation.Invocation, key: str, name: str, permission: str, at: str | None
) -> tuple[bool, list[Text]]:
    from linli.core.access.active_grants import viewer_for  # noqa: PLC0415
    from linli.core.access.explaining import explain as explained  # noqa: PLC0415  `linli --help` is to be quick

    from ..accounts import account_of, place_of  # noqa: PLC0415
    from ..explanations import lines_of  # noqa: PLC0415

    async with entered(call.configuration(), call.installed, key) as district:
        if permission not in district.permissions:
            raise UsageError(unknown(words("permission"), permission, sorted(district.permissions)))
        place = await place_of(district, at)
        viewer = await viewer_for(await account_of(key, name), district.roles, district.majority)
        found = explained(viewer, permission, place.path, district.roles)
        return found.allowed, await lines_of(found, name, permission, place)
