"""What the docs list is all there is: no hook and no command without a line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from linli.core import hookspecs as core_hooks
from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from linli.core.plugins.problems import Problems
from linli.core.plugins.specifications import read_specifications
from linli.schema import hookspecs as schema_hooks

CHECKOUT = Path(__file__).parents[1]
DOCUMENTS = [file for glob in ("*.md", "docs/*.md", "examples/**/*.md") for file in sorted(CHECKOUT.glob(glob))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def test_every_hook_is_listed_for_plugin_authors() -> None:
    listed = (CHECKOUT / "docs" / "plugins.md").read_text("utf-8")
    hooks = [
        hook.name
        for module in (core_hooks, schema_hooks)
        for hook in read_specifications(module, module.__name__, "", Problems())
    ]
    assert len(hooks) > 10
    assert [name for name in hooks if f"`{name}`" not in listed] == []


def test_every_command_is_listed_for_operators_and_every_listed_one_exists() -> None:
    told = (CHECKOUT / "docs" / "operators.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `linli ([a-z-]+)", told, re.M))
    group = typer.main.get_command(application(installed()))
    assert isinstance(group, typer.core.TyperGroup)
    assert listed == set(group.commands)


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(one.relative_to(CHECKOUT)) for one in DOCUMENTS])
def test_links_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []
