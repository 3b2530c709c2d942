"""`linli access`: who may do what, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from linli.core.errors import Text

from .. import invocation
from ..group import Group
from ..language import words
from ..messages import UsageError, say, unknown
from ..running import entered, run

app = typer.Typer(cls=Group, help="Who may do what. 权限查询。")


@app.callback()
def access() -> None:
    """A group also while it has one command."""


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
        viewer = await viewer_for(await account_of(key, name), district.roles)
        found = explained(viewer, permission, place.path, district.roles)
        return found.allowed, await lines_of(found, name, permission, place)
