"""`linli config`: about the configuration file."""

from __future__ import annotations

import json

import typer

from .. import invocation
from ..group import Group

app = typer.Typer(cls=Group, help="About linli.toml. 关于配置文件。")


@app.callback()
def config() -> None:
    """A group also while it has one command."""


@app.command()
def schema() -> None:
    """Print the JSON Schema of linli.toml for the installed plugins. 输出 linli.toml 的 JSON Schema。"""
    from linli.core.config import config_schema  # noqa: PLC0415  `linli --help` is to be quick

    typer.echo(json.dumps(config_schema(invocation.current().installed), ensure_ascii=False, indent=2))
