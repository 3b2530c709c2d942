from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from linli.core.config import Configuration, Finding, InstalledPlugin, load

Write = Callable[[str | bytes], Path]
Found = Callable[[str | bytes], list[Finding]]
Read = Callable[..., Configuration]

TEXT = """\
[server]
port = 8000
[districts.yue]
name = "岳阳楼区"
plugins = ["venues"]
"""


@pytest.fixture
def read(write: Write, installed: list[InstalledPlugin], monkeypatch: pytest.MonkeyPatch) -> Read:
    """Loads TEXT with environment variables."""

    def read(**variables: str) -> Configuration:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load(write(TEXT), installed)

    return read


def test_variables_override_the_file(read: Read) -> None:
    configuration = read(
        LINLI_SERVER__PORT="9000",
        LINLI_SERVER__GRAPHIQL="false",
        LINLI_DISTRICTS__YUE__NAME="8000",
        LINLI_DISTRICTS__YUE__SETTINGS__CORE__LATE_UPLOAD_HOURS="48",
    )

    assert configuration.server.port == 9000
    assert configuration.server.graphiql is False
    assert configuration.districts["yue"].name == "8000"
    assert configuration.districts["yue"].plugins == ("venues",)
    assert configuration.districts["yue"].settings.core.at().late_upload_hours == 48


def test_lists_and_tables_may_be_given(read: Read) -> None:
    configuration = read(
        LINLI_DISTRICTS__YUE__PLUGINS='["venues", "elderly-care"]',
        LINLI_DISTRICTS__YUE__REGULATED__SIGN_IN_PHOTOS="Resolution 7",
        LINLI_SERVER='{"host": "::1", "port": 1}',
        LINLI_DISTRICTS__YUE__SETTINGS__VENUES__TAGS='["a"]',
    )

    assert configuration.districts["yue"].plugins == ("venues", "elderly-care")
    assert configuration.districts["yue"].basis("sign-in-photos") == "Resolution 7"
    assert (configuration.server.host, configuration.server.port) == ("::1", 1)
    assert configuration.districts["yue"].settings.for_plugin("venues").at().model_dump()["tags"] == {"a"}


def test_a_district_may_be_added(read: Read) -> None:
    assert read(LINLI_DISTRICTS__WU__NAME="武陵区").districts["wu"].timezone == "Asia/Shanghai"


def test_plugins_names_are_written_with_underscores(read: Read, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_DISTRICTS__YUE__SETTINGS__VOLUNTEER_POINTS__CAP", "1")

    assert [(finding.file, finding.where, finding.code) for finding in found(TEXT)] == [
        (
            "environment variable LINLI_DISTRICTS__YUE__SETTINGS__VOLUNTEER_POINTS__CAP",
            "districts.yue.settings.volunteer-points",
            "SETTINGS_OF_DISABLED_PLUGIN",
        )
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "LINLI_SERVER__PORT",
            "many",
            'environment variable LINLI_SERVER__PORT: server.port: found "many"; expected an integer',
        ),
        (
            "LINLI_SERVER__PROT",
            "1",
            'environment variable LINLI_SERVER__PROT: server.prot: unknown key "prot" (did you mean "port"?); '
            "allowed: cors_origins, default_district, graphiql, host, https, introspection, max_body_bytes, "
            "max_seconds, max_streams_per_account, max_streams_per_address, max_subscriptions, metrics_from, "
            "platform_token, port, slow_client_seconds, slow_ms, traces_to, trusted_proxies",
        ),
        (
            "LINLI_DATABSE__URL",
            "x",
            'environment variable LINLI_DATABSE__URL: databse.url: means no key of the configuration: "databse.url" '
            '(did you mean "database"?); sections: database, districts, keys, server',
        ),
        (
            "LINLI_SERVER__PORT",
            "1\nhost = 'x'",
            "environment variable LINLI_SERVER__PORT: server.port: found \"1\\nhost = 'x'\"; expected an integer",
        ),
        (
            "LINLI_DISTRICTS__YUE__PLUGINS",
            "venues",
            'environment variable LINLI_DISTRICTS__YUE__PLUGINS: districts.yue.plugins: found "venues"; '
            "expected a list",
        ),
        (
            "LINLI_DISTRICTS__YUE__PLUGINS",
            '["venue"]',
            "environment variable LINLI_DISTRICTS__YUE__PLUGINS: districts.yue.plugins: "
            'unknown plugin "venue" (did you mean "venues"?); '
            "installed: doors, elderly-care, venues, volunteer-points",
        ),
        (
            "LINLI_DISTRICTS__WU__CODE",
            "1",
            'environment variable LINLI_DISTRICTS__WU__CODE: districts.wu.name: missing key "name" '
            "(write it below [districts.wu])",
        ),
    ],
)
def test_a_wrong_variable_is_named(
    found: Found, monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)

    assert [finding.render() for finding in found(TEXT)] == [expected]


def test_a_variable_below_a_value_is_not_lost_silently(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_SERVER__PORT", "1")
    monkeypatch.setenv("LINLI_SERVER__PORT__X", "1")

    assert "LINLI_SERVER__PORT__X" in [finding.file.split()[-1] for finding in found(TEXT)]


def test_other_variables_of_linli_are_left_alone(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_CONFIG", "x")
    monkeypatch.setenv("LINLI_TEST_POSTGRES", "x")

    assert found(TEXT) == []
