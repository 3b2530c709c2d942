from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from linli.core.config import Finding, InstalledPlugin, Severity, check

Found = Callable[[str | bytes], list[Finding]]

DISTRICT = '[districts.yue]\nname = "岳阳楼区"\n'


def rendered(findings: list[Finding]) -> list[str]:
    return [finding.render() for finding in findings]


def test_a_right_configuration_has_no_findings(found: Found) -> None:
    assert found(DISTRICT + 'plugins = ["venues"]\n[districts.yue.settings.venues]\nopens = "08:00"\n') == []


BROKEN = [
    (
        "[databse]\n" + DISTRICT,
        "UNKNOWN_KEY",
        'linli.toml:1: databse: unknown key "databse" (did you mean "database"?); '
        "allowed: database, districts, keys, server",
    ),
    (
        "[server]\nprot = 1\n" + DISTRICT,
        "UNKNOWN_KEY",
        'linli.toml:2: server.prot: unknown key "prot" (did you mean "port"?); '
        "allowed: cors_origins, default_district, graphiql, host, https, introspection, max_body_bytes, "
        "max_seconds, max_streams_per_account, max_streams_per_address, max_subscriptions, metrics_from, "
        "platform_token, port, slow_client_seconds, slow_ms, traces_to, trusted_proxies",
    ),
    (
        DISTRICT + "[districts.yue.settings.core]\npublic-directory = true\n",
        "UNKNOWN_KEY",
        'linli.toml:4: districts.yue.settings.core.public-directory: unknown key "public-directory" (did you mean '
        '"public_directory"?); allowed: access_token_minutes, channel_file, channel_http, '
        "clamd, close_of_business, crypto_suite, file_bytes, "
        "file_pending_hours, file_storage, files_pending, late_upload_hours, "
        "leap_birthday, ledger_templates, limits, login_tries, login_tries_per_network, login_window_minutes, oauth2, "
        "oidc, outgoing_networks, public_directory, retention, roles, root_kind, s3, second_factor_roles, "
        "session_hours, session_idle_hours, sheet_undo_hours, three_admins",
    ),
    (
        DISTRICT + 'plugins = ["venues"]\nsettings.venues.limits = {per_weak = 1}\n',
        "UNKNOWN_KEY",
        'linli.toml:4: districts.yue.settings.venues.limits.per_weak: unknown key "per_weak" (did you mean "per_week"?)'
        "; allowed: per_week",
    ),
    (
        DISTRICT + 'plugins = ["venues", "volunteer-points"]\nsettings.volunteer-points.cap = 1\n'
        "regulated = {rankings = 'Resolution 7'}\n",
        "UNKNOWN_KEY",
        'linli.toml:4: districts.yue.settings.volunteer-points.cap: unknown key "cap"; allowed: none',
    ),
    (
        '[server]\nport = "8000"\n' + DISTRICT,
        "WRONG_TYPE",
        'linli.toml:2: server.port: found "8000" (write 8000, without quotes); expected an integer',
    ),
    (
        "[server]\nintrospection = 'false'\n" + DISTRICT,
        "WRONG_TYPE",
        'linli.toml:2: server.introspection: found "false" (write false, without quotes); expected true or false',
    ),
    (
        "[server]\ngraphiql = 'no'\n" + DISTRICT,
        "WRONG_TYPE",
        'linli.toml:2: server.graphiql: found "no"; expected true or false',
    ),
    (
        DISTRICT + "\n\ncode = 430602000000\n",
        "WRONG_TYPE",
        'linli.toml:5: districts.yue.code: found 430602000000 (write "430602000000"); expected a text in quotes',
    ),
    (
        DISTRICT + 'code = "43 06"\n',
        "INVALID_VALUE",
        'linli.toml:3: districts.yue.code: found "43 06"; it should match pattern "^[A-Za-z0-9._-]{1,64}$"',
    ),
    (
        "[districts.yue]\nname = '  '\n",
        "INVALID_NAME",
        'linli.toml:2: districts.yue.name: found "  "; expected a name in printable characters, on one line',
    ),
    (
        '[districts.yue]\nname = """\n岳阳楼区\n区"""\n',
        "INVALID_NAME",
        'linli.toml:2: districts.yue.name: found "岳阳楼区\\n区"; expected a name in printable characters, on one line',
    ),
    (
        "[[districts]]\nname = 'x'\n",
        "WRONG_TYPE",
        "linli.toml:1: districts: found a list; expected a table",
    ),
    (
        DISTRICT + "\tcod\t=\t'1'\n",
        "UNKNOWN_KEY",
        'linli.toml:3: districts.yue.cod: unknown key "cod" (did you mean "code"?); allowed: code, database, language, '
        "listed, name, plugins, regulated, settings, timezone",
    ),
    (
        DISTRICT + "code = true\n",
        "WRONG_TYPE",
        'linli.toml:3: districts.yue.code: found true (write "true"); expected a text in quotes',
    ),
    (
        DISTRICT + 'plugins = "venues"\n',
        "WRONG_TYPE",
        'linli.toml:3: districts.yue.plugins: found "venues" (write ["venues"]); expected a list',
    ),
    (
        DISTRICT + 'plugins = [\n  "venues",\n  7,\n]\n',
        "WRONG_TYPE",
        'linli.toml:5: districts.yue.plugins[1]: found 7 (write "7"); expected a text in quotes',
    ),
    (
        "server = 5\n" + DISTRICT,
        "WRONG_TYPE",
        "linli.toml:1: server: found 5; expected a table",
    ),
    (
        DISTRICT + 'plugins = ["venues"]\nsettings.venues = 5\n',
        "WRONG_TYPE",
        "linli.toml:4: districts.yue.settings.venues: found 5; expected a table",
    ),
    (
        DISTRICT + 'plugins = ["venues"]\nsettings.venues.ahead = {days = 3}\n',
        "WRONG_TYPE",
        "linli.toml:4: districts.yue.settings.venues.ahead: found a table; expected an integer",
    ),
    (
        "[districts.yue]\ncode = '1'\n",
        "MISSING_KEY",
        'linli.toml:1: districts.yue.name: missing key "name" (write it below [districts.yue])',
    ),
    (
        DISTRICT + '\nplugins = ["doors"]\n',
        "MISSING_KEY",
        'linli.toml:1: districts.yue.settings.doors.token: missing key "token" '
        "(write it below [districts.yue.settings.doors])",
    ),
    (
        "[server]\n",
        "NO_DISTRICT",
        "linli.toml:1: districts: there is no district (add [districts.KEY] with a name)",
    ),
    (
        "[districts.Yue-Yang]\nname = 'x'\n",
        "BAD_DISTRICT_KEY",
        'linli.toml:1: districts.Yue-Yang: "Yue-Yang" is no key of a district (did you mean "yue_yang"?); '
        "allowed: a small letter, then at most 30 small letters, digits and _",
    ),
    (
        '[districts."岳阳"]\nname = "x"\n',
        "BAD_DISTRICT_KEY",
        'linli.toml:1: districts."岳阳": "岳阳" is no key of a district; '
        "allowed: a small letter, then at most 30 small letters, digits and _",
    ),
    (
        "[server]\ndefault_district = 'yeu'\n" + DISTRICT,
        "UNKNOWN_DISTRICT",
        'linli.toml:2: server.default_district: unknown district "yeu" (did you mean "yue"?); districts: yue',
    ),
    (
        DISTRICT + 'timezone = "Asia/Shangai"\n',
        "INVALID_TIMEZONE",
        'linli.toml:3: districts.yue.timezone: found "Asia/Shangai" (did you mean "Asia/Shanghai"?); '
        "expected a name of the IANA time zone database",
    ),
    (
        DISTRICT + 'timezone = "+08:00"\n',
        "INVALID_TIMEZONE",
        'linli.toml:3: districts.yue.timezone: found "+08:00" (for China write "Asia/Shanghai"); '
        "expected a name of the IANA time zone database",
    ),
    (
        DISTRICT + 'language = "zh"\n',
        "INVALID_VALUE",
        'linli.toml:3: districts.yue.language: found "zh" (did you mean "zh-CN"?); it should be "zh-CN" or "en"',
    ),
    (
        "[server]\nport = 70000\n" + DISTRICT,
        "INVALID_VALUE",
        "linli.toml:2: server.port: found 70000; it should be less than or equal to 65535",
    ),
    (
        DISTRICT + "settings.core.close_of_business = 17:30:15\n",
        "INVALID_TIME",
        'linli.toml:3: districts.yue.settings.core.close_of_business: found "17:30:15"; '
        'expected a time of day in the district\'s zone, "HH:MM"',
    ),
    (
        DISTRICT + "settings.core.close_of_business = 1730\n",
        "WRONG_TYPE",
        'linli.toml:3: districts.yue.settings.core.close_of_business: found 1730; expected a time in quotes, "HH:MM"',
    ),
    (
        DISTRICT + 'plugins = ["doors"]\nsettings.doors = {token = "12345678", label = "a-b"}\n',
        "INVALID_VALUE",
        'linli.toml:4: districts.yue.settings.doors.label: found "a-b"; a-b holds a hyphen',
    ),
    (
        DISTRICT + 'plugins = [\n  # both\n  "venue",\n]\n',
        "UNKNOWN_PLUGIN",
        'linli.toml:5: districts.yue.plugins: unknown plugin "venue" (did you mean "venues"?); '
        "installed: doors, elderly-care, venues, volunteer-points",
    ),
    (
        DISTRICT + 'plugins = ["core"]\n',
        "PLATFORM_PLUGIN",
        'linli.toml:3: districts.yue.plugins: "core" is a part of the platform and always on (take it out)',
    ),
    (
        DISTRICT + 'plugins = ["venues",\n"venues"]\n',
        "REPEATED_PLUGIN",
        'linli.toml:4: districts.yue.plugins: plugin "venues" is named twice (name it once)',
    ),
    (
        DISTRICT + 'plugins = ["volunteer-points"]\nregulated.rankings = "Resolution 7"\n',
        "MISSING_DEPENDENCY",
        'linli.toml:3: districts.yue.plugins: plugin "volunteer-points" needs "venues", which is not on here '
        '(add "venues" to plugins)',
    ),
    (
        DISTRICT + "[districts.yue.settings.venue]\n",
        "UNKNOWN_PLUGIN",
        'linli.toml:3: districts.yue.settings.venue: settings for unknown plugin "venue" (did you mean "venues"?); '
        "sections: core, doors, elderly-care, venues, volunteer-points",
    ),
    (
        DISTRICT + "[districts.yue.regulated]\ntracks = 'x'\n",
        "UNKNOWN_FEATURE",
        'linli.toml:4: districts.yue.regulated.tracks: unknown regulated feature "tracks"; '
        "regulated features of the plugins that are on: none",
    ),
    (
        DISTRICT + "plugins = ['elderly-care']\nregulated.sign-in-photos = '  '\n",
        "MISSING_BASIS",
        'linli.toml:4: districts.yue.regulated.sign-in-photos: regulated feature "sign-in-photos" is switched on '
        "without a basis (name the document or resolution it rests on, or take the line out)",
    ),
    (
        "database.url = 'sqlite://data/all.db'\n" + DISTRICT + "[districts.wu]\nname = 'x'\n",
        "SHARED_DATABASE",
        'linli.toml:1: database.url: districts "yue" and "wu" would share one file, "sqlite://data/all.db" '
        "(write {district} where the district's key belongs)",
    ),
    (
        DISTRICT + "database = 'sqlite://x.db'\n[districts.wu]\nname = 'x'\ndatabase = 'sqlite://data/../x.db'\n",
        "SHARED_DATABASE",
        'linli.toml:6: districts.wu.database: districts "yue" and "wu" would share one file, "sqlite://data/../x.db" '
        "(write {district} where the district's key belongs)",
    ),
    (
        "database.url = 'postgresql://linli:secret@db/linli'\n" + DISTRICT,
        "INVALID_DATABASE_URL",
        "linli.toml:1: database.url: a database URL with neither sqlite:// nor postgres:// "
        '(did you mean "postgres://"?); '
        'expected "sqlite://data/{district}.sqlite3" or "postgres://user@host/database"',
    ),
]


@pytest.mark.parametrize(("text", "code", "line"), BROKEN)
def test_each_mistake_is_found_once_with_its_fix(found: Found, text: str, code: str, line: str) -> None:
    findings = [finding for finding in found(text) if finding.severity is not Severity.NOTE]

    assert rendered(findings) == [line]
    assert findings[0].code == code
    assert findings[0].severity is Severity.ERROR


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(found: Found) -> None:
    findings = found(
        "[server]\nport = '1'\n[databas]\n[districts.yue]\nplugins = ['venue', 'venues']\n"
        "timezone = 'Mars'\n[districts.yue.settings.venues]\nopens = 25\nahead = '3'\n"
        "[districts.Wu]\nname = '$env:LINLI_TEST_ABSENT'\n"
    )

    assert [(finding.line, finding.code) for finding in findings] == [
        (2, "WRONG_TYPE"),
        (3, "UNKNOWN_KEY"),
        (4, "MISSING_KEY"),
        (5, "UNKNOWN_PLUGIN"),
        (6, "INVALID_TIMEZONE"),
        (8, "WRONG_TYPE"),
        (9, "WRONG_TYPE"),
        (10, "BAD_DISTRICT_KEY"),
        (11, "MISSING_REFERENCE"),
    ]


def test_settings_of_a_plugin_that_is_off_are_a_warning(found: Found) -> None:
    assert rendered(found(DISTRICT + "[districts.yue.settings.venues]\nopens = 25\n")) == [
        'linli.toml:3: warning: districts.yue.settings.venues: settings for "venues", which is off here, '
        'have no effect (add "venues" to plugins)'
    ]


def test_a_regulated_feature_without_a_basis_is_off_and_noted(found: Found) -> None:
    assert rendered(found(DISTRICT + "plugins = ['elderly-care']\n")) == [
        'linli.toml:3: note: districts.yue.regulated: regulated feature "sign-in-photos" of elderly-care is off: '
        'Photos prove visits. (to switch it on, state sign-in-photos = "its basis")'
    ]


def test_a_regulated_feature_with_a_basis_is_on_and_noted(found: Found) -> None:
    assert rendered(found(DISTRICT + "plugins = ['elderly-care']\nregulated.sign-in-photos = 'Resolution 7'\n")) == [
        'linli.toml:4: note: districts.yue.regulated.sign-in-photos: regulated feature "sign-in-photos" of '
        'elderly-care is on, on the basis of "Resolution 7"'
    ]


def test_a_basis_for_a_plugin_that_is_off_is_a_warning(found: Found) -> None:
    findings = found(DISTRICT + "regulated.rankings = 'Resolution 7'\n")

    assert [(finding.severity, finding.code) for finding in findings] == [
        (Severity.WARNING, "FEATURE_OF_DISABLED_PLUGIN")
    ]


def test_a_choice_of_types_is_one_finding(
    plugin: Callable[..., InstalledPlugin], write: Callable[[str | bytes], Path]
) -> None:
    class Fee(BaseModel):
        fen: int

    class Fees(BaseModel):
        fee: int | bool | Fee = 0

    fees = plugin("fees", settings_model=Fees)
    text = DISTRICT + "plugins = ['fees']\nsettings.fees.fee = "

    assert rendered(check(write(text + "'5'"), [fees])) == [
        'linli.toml:4: districts.yue.settings.fees.fee: found "5" (write 5, without quotes); '
        "expected an integer or true or false or a table"
    ]
    assert check(write(text + "{fen = 5}"), [fees]) == []


def test_a_dependency_that_is_not_installed_is_named(
    write: Callable[[str | bytes], Path], installed: list[InstalledPlugin]
) -> None:
    path = write(DISTRICT + "plugins = ['volunteer-points']\n")
    only = [plugin for plugin in installed if plugin.name == "volunteer-points"]

    assert rendered(check(path, only))[:1] == [
        'linli.toml:3: districts.yue.plugins: plugin "volunteer-points" needs "venues", which is not installed '
        "(install venues or take volunteer-points out)"
    ]
