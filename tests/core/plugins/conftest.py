"""Plugins as real packages, written to a temporary directory and imported from there."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed
from linli.core.plugins.problems import PluginError

PREAMBLE = """\
from __future__ import annotations

import asyncio

from linli.core.errors import RejectedError
from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl, hookspec

calls = []
"""

MANIFEST = """\
plugin = Plugin(
    name={name!r}, title=Title(en="A plugin", zh="插件"), description="Made for a test. 测试用。", version={version!r},
    requires={requires!r}, {others}
)
"""

_numbers = itertools.count()


class PluginMaker:
    """Makes plugins: `maker("venues", body, hookspecs=..., depends_on=...)` answers the imported package."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.packages: list[str] = []

    def __call__(
        self,
        name: str,
        body: str = "",
        *,
        hookspecs: str | None = None,
        version: str = "0.1.0",
        requires: str = ">=0.1,<0.2",
        **others: object,
    ) -> ModuleType:
        more = ", ".join(f"{key}={value!r}" for key, value in others.items())
        manifest = MANIFEST.format(name=name, version=version, requires=requires, others=more)
        return importlib.import_module(self.write(name, manifest + textwrap.dedent(body), hookspecs))

    def write(self, name: str, source: str, hookspecs: str | None = None) -> str:
        """Write a package and answer its name, without importing it."""
        package = f"made_{name.replace('-', '_')}_{next(_numbers)}"
        folder = self.directory / package
        folder.mkdir()
        if hookspecs is not None:
            (folder / "hookspecs.py").write_text(PREAMBLE + textwrap.dedent(hookspecs), encoding="utf-8")
            source += "\n@hookimpl\ndef linli_add_hookspecs():\n    from . import hookspecs\n    return hookspecs\n"
        (folder / "__init__.py").write_text(PREAMBLE + source, encoding="utf-8")
        importlib.invalidate_caches()
        self.packages.append(package)
        return package

    def forget(self) -> None:
        """Take the packages out of the process again."""
        for module in list(sys.modules):
            if module.split(".")[0] in self.packages:
                del sys.modules[module]


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PluginMaker]:
    """Makes plugins as real packages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = PluginMaker(tmp_path)
    yield plugins
    plugins.forget()


@pytest.fixture
def install() -> Callable[..., Installed]:
    """Installs exactly the packages that are handed over."""

    def install_only(*modules: ModuleType) -> Installed:
        return installed(modules, entry_points=())

    return install_only


@pytest.fixture
def refusals() -> Callable[..., list[str]]:
    """The problems for which packages are refused, as texts."""

    def refuse(*modules: ModuleType) -> list[str]:
        with pytest.raises(PluginError) as refused:
            installed(modules, entry_points=())
        return [str(problem) for problem in refused.value.problems]

    return refuse


@pytest.fixture
def where() -> Callable[[ModuleType, str], str]:
    """`file:line` of the first line of a made package that contains a text."""

    def find(module: ModuleType, text: str) -> str:
        file = Path(str(module.__file__))
        lines = file.read_text(encoding="utf-8").splitlines()
        return f"{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}"

    return find
