"""What is refused when plugins' hooks are read: names, owners, parameters, marks, pluggy's own options."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from linli.core.plugins.inventory import Installed

if TYPE_CHECKING:
    from tests.core.plugins.conftest import PluginMaker

Install = Callable[..., Installed]
Refusals = Callable[..., list[str]]
Where = Callable[[ModuleType, str], str]

VENUE_HOOKS = '''
@hookspec(mode="veto")
async def venues_may_book(venue: str, hours: int = 1) -> None:
    """Refuse a booking. 拒绝预约。"""
'''


def test_a_misspelt_hook_is_refused_with_the_nearest_name_plugin_file_and_line(
    maker: PluginMaker, refusals: Refusals, where: Where
) -> None:
    venues = maker("venues", "@hookimpl\ndef linli_setings(): ...\n")
    assert refusals(venues) == [
        f"{where(venues, '@hookimpl')}: plugin 'venues': found @hookimpl for 'linli_setings', which no installed plugin"
        " declares; expected a hook of 'core', 'venues'; did you mean 'linli_settings'?"
    ]


def test_a_misspelt_hook_of_a_partner_is_refused_with_the_partners_nearest_name(
    maker: PluginMaker, refusals: Refusals, where: Where
) -> None:
    venues = maker("venues", hookspecs=VENUE_HOOKS)
    care = maker(
        "elderly-care",
        "@hookimpl(of='venues')\nasync def venues_may_bok(venue): ...\n",
        depends_on={"venues": ""},
    )
    assert refusals(venues, care) == [
        f"{where(care, '@hookimpl')}: plugin 'elderly-care': found @hookimpl(of='venues') for 'venues_may_bok', which"
        " no installed plugin declares; expected a hook of 'venues'; did you mean 'venues_may_book'?"
    ]


def test_the_nearest_name_is_sought_first_among_the_partners_own(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", hookspecs="@hookspec\nasync def venues_price(): ...\n")
    rooms = maker("venues2", hookspecs="@hookspec\nasync def venues2_price(): ...\n")
    care = maker("care", "@hookimpl(of='venues')\ndef venues2_pric(): ...\n", depends_on={"venues": ""})
    (problem,) = refusals(venues, rooms, care)
    assert problem.endswith("expected a hook of 'venues'; did you mean 'venues_price'?")


def test_a_misspelling_is_found_even_where_its_partner_would_be_off(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", hookspecs=VENUE_HOOKS)
    care = maker("elderly-care", "@hookimpl(of='venues')\ndef venues_may_boook(): ...\n", works_with={"venues": ""})
    (problem,) = refusals(venues, care)
    assert "did you mean 'venues_may_book'?" in problem


def test_a_partners_hook_without_of_is_refused_with_the_mark_to_write(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", hookspecs=VENUE_HOOKS)
    care = maker("elderly-care", "@hookimpl\ndef venues_may_book(): ...\n", depends_on={"venues": ""})
    (problem,) = refusals(venues, care)
    assert "found @hookimpl for 'venues_may_book', a hook of 'venues'; expected @hookimpl(of='venues')" in problem


@pytest.mark.parametrize("of", ["core", "elderly-care", "schema", "venues"])
def test_hooks_of_the_platform_are_implemented_without_of(maker: PluginMaker, refusals: Refusals, of: str) -> None:
    care = maker("elderly-care", f"@hookimpl(of={of!r})\ndef linli_settings(): ...\n", depends_on={"venues": ""})
    (problem,) = refusals(maker("venues"), maker("schema", platform=True), care)
    assert f"found @hookimpl(of={of!r}) for 'linli_settings', a hook of 'core'; expected @hookimpl" in problem


def test_of_names_a_declared_partner(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", hookspecs=VENUE_HOOKS)
    care = maker(
        "elderly-care",
        "@hookimpl(of='venue')\ndef venues_may_book(): ...\n",
        works_with={"venues": "", "red-property": ""},
    )
    problems = refusals(venues, care)
    assert (
        "found @hookimpl(of='venue') for 'venues_may_book'; expected one of depends_on and works_with, which name"
        " 'red-property', 'venues'; did you mean 'venues'?"
    ) in problems[0]


def test_an_undeclared_partner_is_refused_although_it_is_installed(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", hookspecs=VENUE_HOOKS)
    care = maker("elderly-care", "@hookimpl(of='venues')\ndef venues_may_book(): ...\n")
    (problem,) = refusals(venues, care)
    assert "expected one of depends_on and works_with, which name none" in problem


def test_hooks_of_a_partner_that_is_not_installed_wait(maker: PluginMaker, install: Install) -> None:
    body = "@hookimpl(of='venues')\nasync def venues_may_book(venue): ...\n@hookimpl\ndef linli_settings(): ...\n"
    found = install(maker("elderly-care", body, works_with={"venues": ">=0.1"}))
    (waiting,) = found.registry.dormant
    assert (waiting.plugin, waiting.hook, waiting.of) == ("elderly-care", "venues_may_book", "venues")
    assert [it.hook for it in found.registry.implementations_of("elderly-care")] == ["linli_settings"]


@pytest.mark.parametrize(
    ("parameters", "found", "expected"),
    [
        ("venu", "the parameter venu", "parameters of venues_may_book(venue: 'str', hours: 'int' = 1) -> 'None'"),
        ("venue, extra=1", "the parameter extra", "parameters of venues_may_book("),
        ("*, person", "the parameter person", "parameters of venues_may_book("),
        ("**arguments", "the parameter arguments without a name of its own", "parameters that are passed by name"),
        ("*arguments", "the parameter arguments without a name of its own", "parameters that are passed by name"),
        ("venue, /", "the parameter venue without a name of its own", "parameters that are passed by name"),
    ],
)
def test_an_implementation_takes_only_parameters_of_its_hook(
    maker: PluginMaker, refusals: Refusals, parameters: str, found: str, expected: str
) -> None:
    venues = maker("venues", f"@hookimpl\ndef venues_may_book({parameters}): ...\n", hookspecs=VENUE_HOOKS)
    (problem,) = refusals(venues)
    assert f"found for 'venues_may_book' {found}; expected {expected}" in problem


@pytest.mark.parametrize("parameters", ["", "venue", "hours", "*, hours, venue", "hours=5"])
def test_an_implementation_takes_any_of_the_hooks_parameters(
    maker: PluginMaker, install: Install, parameters: str
) -> None:
    venues = maker("venues", f"@hookimpl\ndef venues_may_book({parameters}): ...\n", hookspecs=VENUE_HOOKS)
    assert len(install(venues).registry.chain("venues_may_book")) == 1


def test_an_async_implementation_of_a_start_up_hook_is_refused(maker: PluginMaker, refusals: Refusals) -> None:
    (problem,) = refusals(maker("venues", "@hookimpl\nasync def linli_settings(): ...\n"))
    assert "found for 'linli_settings' an async def; expected a def, for this hook is called while" in problem


@pytest.mark.parametrize("body", ["def linli_shutdown():\n    yield\n", "async def linli_shutdown():\n    yield\n"])
def test_a_generator_is_no_implementation(maker: PluginMaker, refusals: Refusals, body: str) -> None:
    (problem,) = refusals(maker("venues", f"@hookimpl\n{body}"))
    assert "found for 'linli_shutdown' a generator; expected a function that returns" in problem


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper", "optionalhook", "tryfirst", "trylast"])
def test_pluggys_options_for_implementations_are_refused(maker: PluginMaker, refusals: Refusals, option: str) -> None:
    body = f"import pluggy\n@pluggy.HookimplMarker('linli')({option}=True)\ndef linli_shutdown(): ...\n"
    (problem,) = refusals(maker("venues", body))
    assert f"found for 'linli_shutdown' pluggy's {option}; expected `hookimpl` of linli.core" in problem


def test_another_name_by_pluggys_specname_is_refused(maker: PluginMaker, refusals: Refusals) -> None:
    body = "import pluggy\n@pluggy.HookimplMarker('linli')(specname='linli_shutdown')\ndef linli_check(): ...\n"
    (problem,) = refusals(maker("venues", body))
    assert "found for 'linli_check' pluggy's specname" in problem


@pytest.mark.parametrize("option", ["firstresult", "historic"])
def test_pluggys_options_for_hooks_are_refused(maker: PluginMaker, refusals: Refusals, option: str) -> None:
    hooks = f"import pluggy\n@pluggy.HookspecMarker('linli')({option}=True)\nasync def venues_price(): ...\n"
    (problem,) = refusals(maker("venues", hookspecs=hooks))
    assert f"found hook 'venues_price' with pluggy's {option}; expected `hookspec` of linli.core" in problem


@pytest.mark.parametrize(
    ("hook", "found", "expected"),
    [
        ("async def linli_price(): ...", "'linli_price' with a name of its own", "a name that starts with 'venues_'"),
        ("async def venues_price(*prices): ...", "'venues_price' with *args", "parameters that have names"),
        ("async def venues_price(a, /): ...", "'venues_price' with *args", "parameters that have names"),
    ],
)
def test_a_hook_that_cannot_be_called_by_name_is_refused(
    maker: PluginMaker, refusals: Refusals, hook: str, found: str, expected: str
) -> None:
    (problem,) = refusals(maker("venues", hookspecs=f"@hookspec\n{hook}\n"))
    assert f"found hook {found}" in problem
    assert f"expected {expected}" in problem


@pytest.mark.parametrize("mode", ["veto", "first"])
def test_a_start_up_hook_only_collects(maker: PluginMaker, refusals: Refusals, mode: str) -> None:
    (problem,) = refusals(maker("venues", hookspecs=f"@hookspec(mode={mode!r})\ndef venues_price(): ...\n"))
    assert f"found hook 'venues_price' as a plain def with mode {mode!r}; expected an async def" in problem


def test_parts_of_the_platform_declare_hooks_of_the_platform(maker: PluginMaker, install: Install) -> None:
    schema = maker("schema", platform=True, hookspecs="@hookspec\ndef linli_graphql(): ...\n")
    venues = maker("venues", "@hookimpl\ndef linli_graphql(): ...\n")
    found = install(venues, schema)
    assert found.owner_of("hook", "linli_graphql") == "schema"
    assert found.owner_of("hook", "linli_settings") == "core"
    assert [it.plugin for it in found.registry.chain("linli_graphql")] == ["venues"]


def test_two_plugins_that_declare_one_hook_are_refused_with_both_named(maker: PluginMaker, refusals: Refusals) -> None:
    hooks = "@hookspec\ndef linli_graphql(): ...\n"
    schema, face = maker("schema", platform=True, hookspecs=hooks), maker("face", platform=True, hookspecs=hooks)
    (problem,) = refusals(schema, face)
    assert "plugin 'face': found the hook 'linli_graphql', which plugin 'schema' (" in problem


def test_two_plugins_with_one_graphql_name_are_refused(maker: PluginMaker, refusals: Refusals) -> None:
    (problem,) = refusals(maker("care-2"), maker("care2"))
    assert "plugin 'care-2': found the GraphQL name 'Care2', which plugin 'care2' (" in problem


@pytest.mark.parametrize(
    ("body", "found", "expected"),
    [
        ("def linli_add_hookspecs():\n    return 'hookspecs'\n", "'hookspecs' from linli_add_hookspecs", "a module"),
        ("def linli_add_hookspecs():\n    return asyncio\n", "no @hookspec function", "at least one"),
        ("def linli_add_hookspecs():\n    1 / 0\n", "ZeroDivisionError in linli_add_hookspecs: division", "an answer"),
        ("def linli_add_hookspecs(x): ...\n", "for 'linli_add_hookspecs' the parameter x", "parameters of linli_add"),
    ],
)
def test_hooks_that_cannot_be_added_are_refused(
    maker: PluginMaker, refusals: Refusals, body: str, found: str, expected: str
) -> None:
    (problem,) = refusals(maker("venues", f"@hookimpl\n{body}"))
    assert f"found {found}" in problem
    assert f"expected {expected}" in problem


def test_a_function_named_like_a_hook_without_a_mark_is_refused(
    maker: PluginMaker, refusals: Refusals, where: Where
) -> None:
    venues = maker("venues", "def linli_settings(): ...\n")
    assert refusals(venues) == [
        f"{where(venues, 'def linli_settings')}: plugin 'venues': found 'linli_settings' without a mark;"
        " expected @hookimpl above it"
    ]


def test_a_mark_beneath_a_decorator_that_hides_the_function_is_refused(maker: PluginMaker, refusals: Refusals) -> None:
    (problem,) = refusals(maker("venues", "import functools\n@functools.cache\n@hookimpl\ndef linli_settings(): ...\n"))
    assert "found @hookimpl 'linli_settings' as <functools._lru_cache_wrapper" in problem
    assert "expected a plain function" in problem


def test_a_declared_hook_may_be_imported_into_the_package(maker: PluginMaker, install: Install) -> None:
    venues = maker("venues", "from .hookspecs import venues_may_book\n", hookspecs=VENUE_HOOKS)
    assert install(venues).registry.chain("venues_may_book") == []


def test_everything_wrong_with_all_hooks_is_told_at_once(maker: PluginMaker, refusals: Refusals) -> None:
    venues = maker("venues", "@hookimpl\ndef linli_a(): ...\n@hookimpl\ndef linli_settings(x): ...\n")
    assert len(refusals(venues, maker("meals", "@hookimpl\ndef linli_b(): ...\n"))) == 3
