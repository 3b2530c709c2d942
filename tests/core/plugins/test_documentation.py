from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from linli.core import hookspecs
from linli.core.plugins import markers
from linli.core.plugins.documentation import example, undocumented
from linli.core.plugins.problems import Problems
from linli.core.plugins.specifications import read_specifications

if TYPE_CHECKING:
    from types import ModuleType

    from tests.core.plugins.conftest import PluginMaker

DOCUMENTED = '''
@hookspec
async def venues_price(area: int) -> int:
    """Ask for a price. 询价。

    Called: when `area` is let.
    Returns: fen.
    Failure: is logged.

    Example::

        @hookimpl
        async def venues_price(area: int) -> int:
            return area * 100
    """
'''


@pytest.fixture
def hooks_with(maker: PluginMaker) -> ModuleType:
    """A module of hooks that is documented."""
    module: ModuleType = maker("venues", "from . import hookspecs\n", hookspecs=DOCUMENTED).hookspecs
    return module


def test_a_hook_that_says_everything_is_documented(hooks_with: ModuleType) -> None:
    assert undocumented(hooks_with) == []
    (hook,) = read_specifications(hooks_with, "venues", "venues_", Problems())
    assert example(hook) == "@hookimpl\nasync def venues_price(area: int) -> int:\n    return area * 100\n"


@pytest.mark.parametrize(
    ("remove", "put", "gap"),
    [
        (DOCUMENTED[DOCUMENTED.index('    """') :], "    ...\n", "has no docstring"),
        ("    Called: when `area` is let.\n", "    `area`\n", "does not say 'Called:'"),
        ("    Returns: fen.\n", "", "does not say 'Returns:'"),
        ("    Failure: is logged.\n", "", "does not say 'Failure:'"),
        ("    Example::\n", "", "does not say 'Example::'"),
        ("`area`", "the area", "does not explain `area`"),
        ('venues_price(area: int) -> int:\n    "', 'venues_price(area) -> int:\n    "', "has no annotation for area"),
        (') -> int:\n    "', '):\n    "', "has no annotation for what it returns"),
        ("        async def venues_price(", "        async def venues_prize(", "has an example of something else"),
    ],
)
def test_what_is_missing_is_named_with_the_hook(maker: PluginMaker, remove: str, put: str, gap: str) -> None:
    assert remove in DOCUMENTED
    module = maker("venues", "from . import hookspecs\n", hookspecs=DOCUMENTED.replace(remove, put)).hookspecs
    (missing,) = undocumented(module)
    assert missing.endswith(f": venues_price {gap}")
    assert str(module.__file__) in missing


def test_a_module_without_hooks_is_not_documented() -> None:
    assert undocumented(markers) == ["linli.core.plugins.markers has no hooks"]


def test_every_hook_of_core_is_documented() -> None:
    assert undocumented(hookspecs) == []
