"""The GraphQL face of Linli: composes a schema per district, executes, serves over HTTP."""

from __future__ import annotations

import asyncio
from types import ModuleType
from typing import TYPE_CHECKING

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from linli.core.districts import District
    from linli.core.plugins.claims import Name
    from linli.core.plugins.health import HealthProblem
    from linli.core.plugins.inventory import Installed
    from linli.core.plugins.problems import PluginProblem

    from .contributions import GraphQL as GraphQL

plugin = Plugin(
    name="graphql",
    title=Title(en="GraphQL", zh="GraphQL 接口"),
    description="The API of every district over HTTP. 各区县的 GraphQL 接口。",
    version="0.1.0",
    requires=">=0.1,<0.2",
    platform=True,
)


@hookimpl
def linli_add_hookspecs() -> ModuleType:
    """The hooks by which plugins extend the API."""
    from . import hookspecs  # noqa: PLC0415

    return hookspecs


@hookimpl
def linli_names(installed: Installed) -> Sequence[Name | PluginProblem]:
    """The types, fields and error codes of all plugins."""
    from .names import names  # noqa: PLC0415

    return names(installed)


@hookimpl
def linli_cli(app: typer.Typer) -> None:
    """`linli serve`, `linli schema` and `linli ledger`."""
    from .commands import add_commands  # noqa: PLC0415

    add_commands(app)


@hookimpl
async def linli_check(district: District) -> Sequence[HealthProblem]:
    """Templates of ledgers that cannot be filled."""
    from .ledgers.checks import problems  # noqa: PLC0415

    return await asyncio.to_thread(lambda: list(problems(district)))


def __getattr__(name: str) -> object:
    """`GraphQL`, when it is asked for: a command that serves nothing does not load GraphQL."""
    if name == "GraphQL":
        from .contributions import GraphQL  # noqa: PLC0415

        return GraphQL
    raise AttributeError(name)
