"""`linli plugins`: what is installed, and who uses whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from linli.core.errors import Text

from .. import invocation
from ..group import Group
from ..language import half, language, words
from ..messages import UsageError, note, unknown
from ..tables import table
from .plugins_migration import migration
from .plugins_remove import remove

if TYPE_CHECKING:
    from linli.core.plugins.info import HookUse, PluginInfo
    from linli.core.plugins.inventory import InstalledPlugin

KINDS = {
    "type": words("types"),
    "field": words("fields"),
    "error code": words("error codes"),
    "permission": words("permissions"),
    "role": words("new roles"),
    "org kind": words("kinds of organisations"),
    "relation kind": words("kinds of relations"),
    "event type": words("types of events"),
    "timer": words("timers"),
    "table": words("tables"),
    "route prefix": words("routes under"),
    "command": words("commands"),
}

COUNTED = (
    words("district"),
    words("plugin"),
    words("hook"),
    words("calls"),
    words("failures"),
    words("seconds"),
)

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

    found = list_plugins(invocation.current().settled())
    rows = [
        (it.name, it.version, it.title.in_language(language()), _sort(platform=it.platform), it.distribution or "-")
        for it in found
    ]
    table([words("name"), words("version"), words("title"), words("sort"), words("distribution")], rows)


@app.command()
def info(name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin. 插件名。")]) -> None:
    """Tell everything about one plugin. 显示插件详情。"""
    from linli.core.plugins.info import plugin_info  # noqa: PLC0415

    installed = invocation.current().settled()
    if name not in installed:
        raise UsageError(unknown(words("plugin"), name, installed))
    table([words("what"), words("value")], [*_facts(plugin_info(installed, name)), *_settings(installed[name])])


@app.command()
def graph() -> None:
    """Tell which plugin uses which. 显示插件依赖关系。"""
    from linli.core.plugins.info import plugin_graph  # noqa: PLC0415

    edges = plugin_graph(invocation.current().settled())
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


@app.command()
def stats(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where the server listens; default as configured. 端口。")
    ] = None,
) -> None:
    """Tell how often a running server called the plugins' hooks, and how they did. 显示运行中插件的调用统计。"""
    from linli.core.plugins.remote import counters  # noqa: PLC0415

    call = invocation.current()
    process, found = counters(call.configuration().server.port if port is None else port)
    rows = [
        (it.district, it.plugin, it.hook, str(it.stats.calls), str(it.stats.failures), f"{it.stats.seconds:.3f}")
        for it in found
    ]
    table(COUNTED, rows)
    note(words("counted by process {process} since it started", process=process))


app.command()(remove)
app.command()(migration)


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
    yield from ((KINDS[kind], ", ".join(names)) for kind, names in it.names.items() if kind in KINDS)


def _settings(plugin: InstalledPlugin) -> Iterable[tuple[Text, str]]:
    """Each key with what counts where a district says nothing, as JSON."""
    if plugin.settings_model is None:
        return
    described = plugin.settings_model.model_json_schema().get("properties", {})
    for key, schema in described.items():
        default = json.dumps(schema["default"], ensure_ascii=False) if "default" in schema else "-"
        yield words("setting"), f"{key} = {default}"


def _ranges(partners: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {versions}".strip() for name, versions in partners.items()) or "-"


def _hook(use: HookUse) -> str:
    of = f" of {use.of}" if use.of else ""
    waiting = ", waits for it" if use.dormant else ""
    return f"{use.hook}{of}{waiting} ({use.at})"
