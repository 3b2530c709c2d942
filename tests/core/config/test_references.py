from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from linli.core.config import Finding, InstalledPlugin, check, load

Write = Callable[[str | bytes], Path]
Found = Callable[[str | bytes], list[Finding]]

SECRET = "hunter2hunter2"


def test_references_bring_what_they_name(
    write: Write, installed: list[InstalledPlugin], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(
        "[database]\nurl = '$file:secrets/url'\npool_size = '$env:POOL'\n"
        "[districts.yue]\nname = '$env:NAME'\nplugins = '$env:PLUGINS'\n"
        "settings.doors = {token = '$env:TOKEN', label = '$5 a day'}\n"
    )
    Path("secrets").mkdir()
    Path("secrets/url").write_text("postgres://linli:a%40b@db/linli\n", encoding="utf-8")
    for name, value in {"POOL": "3", "NAME": "12", "PLUGINS": '["doors"]', "TOKEN": SECRET}.items():
        monkeypatch.setenv(name, value)

    configuration = load(path, installed)

    assert configuration.database.url == "postgres://linli:a%40b@db/linli"
    assert configuration.database.pool_size == 3
    assert configuration.districts["yue"].name == "12"
    assert configuration.districts["yue"].plugins == ("doors",)
    doors = configuration.districts["yue"].settings.for_plugin("doors").at().model_dump()
    assert doors["token"].get_secret_value() == SECRET
    assert doors["label"] == "$5 a day"


def test_plugins_that_a_reference_names_are_checked_like_others(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUGINS", '["venue"]')

    assert [finding.code for finding in found("[districts.yue]\nname = 'x'\nplugins = '$env:PLUGINS'\n")] == [
        "UNKNOWN_PLUGIN"
    ]


def test_a_list_may_hold_references(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[districts.yue]\nname = 'x'\nplugins = [\n'venues',\n'$env:SECOND',\n]\n"

    assert [(finding.line, finding.where, finding.code) for finding in found(text)] == [
        (5, "districts.yue.plugins[1]", "MISSING_REFERENCE")
    ]
    monkeypatch.setenv("SECOND", "venues")
    assert [(finding.line, finding.code) for finding in found(text)] == [(5, "REPEATED_PLUGIN")]


def test_files_are_relative_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "linli.toml").write_text("[districts.yue]\nname = '$file:name'\n", encoding="utf-8")
    (tmp_path / "name").write_text("岳阳楼区\r\n", encoding="utf-8")

    assert load(tmp_path / "linli.toml", []).districts["yue"].name == "岳阳楼区"


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("$env:ABSENT", ("MISSING_REFERENCE", '"$env:ABSENT" names a variable that is not set')),
        ("$env:EMPTY", ("MISSING_REFERENCE", '"$env:EMPTY" is empty')),
        ("$file:absent", ("MISSING_REFERENCE", '"$file:absent" cannot be read: No such file or directory')),
        ("$file:.", ("MISSING_REFERENCE", '"$file:." cannot be read: Is a directory')),
        ("$file:latin", ("MISSING_REFERENCE", '"$file:latin" is not UTF-8')),
        ("$env", ("MALFORMED_REFERENCE", '"$env" is not a reference')),
        ("$env NAME", ("MALFORMED_REFERENCE", '"$env NAME" is not a reference')),
        ("$file:", ("MALFORMED_REFERENCE", '"$file:" is not a reference')),
    ],
)
def test_a_reference_that_leads_nowhere_is_the_only_finding(
    found: Found, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, problem: tuple[str, str]
) -> None:
    monkeypatch.setenv("EMPTY", "")
    (tmp_path / "latin").write_bytes(b"\xe9")

    [finding] = found(f"[database]\n\nurl = '{reference}'\n[districts.yue]\nname = 'x'\n")

    assert (finding.line, finding.where) == (3, "database.url")
    assert (finding.code, finding.found) == problem


@pytest.mark.parametrize(
    "text",
    [
        "[database]\nurl = '$env:SECRET'\n[districts.yue]\nname = 'x'\n",
        "[server]\nport = '$env:SECRET'\n[districts.yue]\nname = 'x'\n",
        "[server]\ndefault_district = '$env:SECRET'\n[districts.yue]\nname = 'x'\n",
        "[districts.yue]\nname = 'x'\ntimezone = '$env:SECRET'\n",
        "[districts.yue]\nname = 'x'\nplugins = ['doors']\nsettings.doors = {token='$env:PART', label='$env:SECRET'}\n",
        "[districts.yue]\nname = 'x'\nplugins = ['doors']\nsettings.doors = {token = 'hunter'}\n",
        "[districts.yue]\nname = 'x'\nplugins = ['doors']\nsettings.doors.token = 31415926\n",
        "[database]\nurl = 'postgres://linli:hunter2/x@h@db'\n[districts.yue]\nname = 'x'\n",
        "[database]\npool_size = 'postgres://linli:hunter2/x@h@db/y?password=hunter3'\n[districts.yue]\nname = 'x'\n",
    ],
)
def test_no_finding_shows_a_secret(
    write: Write, installed: list[InstalledPlugin], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("SECRET", "hunter-2")
    monkeypatch.setenv("PART", "hunter")

    findings = check(write(text), installed)

    assert findings
    assert not [line for finding in findings for line in [finding.render()] if "hunter" in line or "3141" in line]
