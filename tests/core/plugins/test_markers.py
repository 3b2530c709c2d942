from __future__ import annotations

from typing import Any

import pytest

from linli.core.plugins.markers import DECLARATION, OF, Declaration, hookimpl, hookspec
from linli.core.plugins.problems import PluginError


def test_a_marked_function_stays_the_function_it_is() -> None:
    def linli_check() -> int:
        return 7

    assert hookimpl(linli_check) is linli_check
    assert hookimpl(of="venues")(linli_check) is linli_check
    assert hookspec(linli_check) is linli_check
    assert linli_check() == 7


def test_a_partner_is_stored_on_the_function() -> None:
    @hookimpl(of="venues")
    def venues_may_book() -> None: ...

    @hookimpl
    def linli_shutdown() -> None: ...

    assert getattr(venues_may_book, OF) == "venues"
    assert getattr(linli_shutdown, OF) is None


def test_a_hook_is_collected_within_five_seconds_unless_it_says_otherwise() -> None:
    @hookspec
    async def plain() -> None: ...

    @hookspec(mode="veto", time_limit=1.5, reverse=True)
    async def special() -> None: ...

    assert getattr(plain, DECLARATION) == Declaration("collect", 5.0, reverse=False)
    assert getattr(special, DECLARATION) == Declaration("veto", 1.5, reverse=True)


@pytest.mark.parametrize("marked", ["venues", int, print])
@pytest.mark.parametrize("marker", [hookimpl, hookspec])
def test_marks_are_for_functions_only(marker: Any, marked: object) -> None:
    with pytest.raises(PluginError, match=r"found @hook(impl|spec) on .*; expected @hook.* on a `def` or `async def`"):
        marker(marked)
