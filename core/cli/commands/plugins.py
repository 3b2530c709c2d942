"""`linli plugins`: what is installed, and who uses whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from linli.core.errors import Text

from .. import invocation
from ..group import Group
from ..language import half, language, words
from ..messages import UsageError, note, unknown
from ..tables import table

if TYPE_CHECKING:
    from linli.core.plugins.info import HookUse, PluginInfo

app = typer.Typer(cls=Group, invoke_without_command=True, help="Installed plugins. 已安装的插件。")


@app.callback()
def plugins(context: typer.Context) -> None:
    """Without a command: the list."""
    if context.invoked_subcommand is None:
        list_()


@app.command("list")
def list_() -> None:
    """List all installed plugins, dependencies first. 列出已安装的插件。"""
    from linli.core.plugins.info import list_plugins  # noqa: PLC0415  `linli --help` is to be quick

    found = list_plugins(invocation.current().installed)
    rows = [
        (it.name, it.version, it.title.in_language(language()), _sort(platform=it.platform), it.distribution or "-")
        for it in found
    ]
    table([words("name"), words("version"), words("title"), words("sort"), words("distribution")], rows)


@app.command()
def info(name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin. 插件名。")]) -> None:
    """Tell everything about one plugin. 显示插件详情。"""
    from linli.core.plugins.info import plugin_info  # noqa: PLC0415

    installed = invocation.current().installed
    if name not in installed:
        raise UsageError(unknown(words("plugin"), name, installed))
    table([words("what"), words("value")], _facts(plugin_info(installed, name)))


@app.command()
def graph() -> None:
    """Tell which plugin uses which. 显示插件依赖关系。"""
    from linli.core.plugins.info import plugin_graph  # noqa: PLC0415

    edges = plugin_graph(invocation.current().installed)
    if not edges:
        note(words("no plugin uses another"))
        return
    rows = [
        (
            it.source,
            it.relation,
            it.target,
            it.versions or "*",
            words("installed") if it.installed else words("missing"),
        )
        for it in edges
    ]
    table([words("plugin"), words("relation"), words("partner"), words("versions"), words("state")], rows)


def _sort(*, platform: bool) -> Text:
    return words("part of the platform") if platform else words("plugin")


def _facts(it: PluginInfo) -> Iterable[tuple[Text, Text | str]]:
    yield words("name"), it.summary.name
    yield words("title"), it.summary.title.in_language(language())
    yield words("description"), half(it.description)
    yield words("version"), it.summary.version
    yield words("sort"), _sort(platform=it.summary.platform)
    yield words("distribution"), it.summary.distribution or "-"
    yield words("runs with Linli"), it.requires or "*"
    yield words("depends on"), _ranges(it.depends_on)
    yield words("works with"), _ranges(it.works_with)
    yield words("needed by"), ", ".join(it.dependents) or "-"
    yield from ((words("regulated"), f"{feature}: {half(why)}") for feature, why in it.regulated.items())
    yield from ((words("hook"), _hook(use)) for use in it.hooks)
    yield from ((words("offers the hook"), name) for name in it.specifications)


def _ranges(partners: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {versions}".strip() for name, versions in partners.items()) or "-"


def _hook(use: HookUse) -> str:
    of = f" of {use.of}" if use.of else ""
    waiting = ", waits for it" if use.dormant else ""
    return f"{use.hook}{of}{waiting} ({use.at})"
