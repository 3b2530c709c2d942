from __future__ import annotations

import functools
import json
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from linli.core.plugins.discovery import installed
from linli.core.plugins.locations import Location, of_error, of_function, of_module
from linli.core.plugins.problems import PluginError

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker


def written_here() -> None: ...


def test_a_function_is_where_it_was_written_also_beneath_a_decorator() -> None:
    line = written_here.__code__.co_firstlineno
    assert str(of_function(written_here)) == f"{__file__}:{line}"
    assert of_function(functools.cache(written_here)) == Location(__file__, line)


def test_a_function_without_source_is_told_by_its_module() -> None:
    assert str(of_function(len)) == "builtins"


def test_a_module_is_its_file() -> None:
    assert str(of_module(json)) == json.__file__


def test_an_error_that_was_never_raised_is_nowhere() -> None:
    assert of_error(ValueError()) is None


def test_a_library_that_fails_is_told_by_the_plugins_line_that_called_it(maker: PluginMaker) -> None:
    package = maker.write("meals", "import json\njson.loads('no json')\n")
    with pytest.raises(PluginError) as refused:
        installed(entry_points=[EntryPoint("meals", package, "linli.plugins")])
    (problem,) = refused.value.problems
    assert problem.at is not None
    assert problem.at.file == str(maker.directory / package / "__init__.py")
