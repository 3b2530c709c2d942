from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from linli.core.config import Finding, InstalledPlugin, check
from linli.core.config.plugin_checks import fits

Write = Callable[[str | bytes], Path]
MakePlugin = Callable[..., InstalledPlugin]


@pytest.fixture
def check_plugins(write: Write) -> Callable[..., list[Finding]]:
    def check_plugins(*plugins: InstalledPlugin, on: str) -> list[Finding]:
        return check(write(f"[districts.yue]\nname = 'x'\nplugins = {on}\n"), plugins)

    return check_plugins


@pytest.mark.parametrize(
    ("version", "versions", "expected"),
    [
        ("0.1.0", ">=0.1,<0.2", True),
        ("0.2.0", ">=0.1,<0.2", False),
        ("0.2.0.dev1", ">=0.1", True),
        ("1.0", "~=1.1", False),
        ("7", "", True),
    ],
)
def test_versions_fit_ranges(version: str, versions: str, expected: bool) -> None:
    assert fits(version, versions) is expected


def test_a_plugin_for_another_linli_is_refused(plugin: MakePlugin, check_plugins: Callable[..., list[Finding]]) -> None:
    [finding] = check_plugins(plugin("venues", requires=">=99"), on=["venues"])

    assert finding.render() == (
        f'linli.toml:3: districts.yue.plugins: plugin "venues" needs linli >=99, installed is {version("linli")} '
        "(install a version of venues that is made for this Linli)"
    )
    assert finding.code == "VERSION_MISMATCH"


@pytest.mark.parametrize("relation", ["depends_on", "works_with"])
def test_a_partner_of_another_version_is_refused(
    plugin: MakePlugin, check_plugins: Callable[..., list[Finding]], relation: str
) -> None:
    points = plugin("points", **{relation: {"venues": "<1"}})
    [finding] = check_plugins(points, plugin("venues", version="1.2.0"), on=["venues", "points"])

    assert finding.code == "VERSION_MISMATCH"
    assert finding.found == 'plugin "points" needs venues <1, installed is 1.2.0'


def test_a_partner_that_is_off_may_be_of_any_version(
    plugin: MakePlugin, check_plugins: Callable[..., list[Finding]]
) -> None:
    assert check_plugins(plugin("points", works_with={"venues": "<1"}), plugin("venues"), on=["points"]) == []


@pytest.mark.parametrize(("version", "versions"), [("new", ">=1"), ("1.0", "from 1 on")])
def test_what_is_no_version_is_the_authors_mistake(
    plugin: MakePlugin, check_plugins: Callable[..., list[Finding]], version: str, versions: str
) -> None:
    points = plugin("points", depends_on={"venues": versions})
    [finding] = check_plugins(points, plugin("venues", version=version), on=["venues", "points"])

    assert finding.code == "INVALID_VERSION"
    assert finding.suggestion == "tell the plugin's author: versions and ranges are those of PEP 440"


def test_a_part_of_the_platform_is_always_on_and_never_named(
    plugin: MakePlugin, check_plugins: Callable[..., list[Finding]]
) -> None:
    face = plugin("schema", regulated={"tracks": "Tracks."})
    object.__setattr__(face, "platform", True)
    points = plugin("points", depends_on={"schema": ""})

    assert [finding.code for finding in check_plugins(face, points, on=["points"])] == ["REGULATED_OFF"]
    assert [finding.code for finding in check_plugins(face, on=["schema"])] == ["PLATFORM_PLUGIN", "REGULATED_OFF"]
    assert check_plugins(face, on=["x"])[0].allowed == "installed: none"
