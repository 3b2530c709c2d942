from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linli.core.config import ConfigurationError, Finding, InstalledPlugin, check, find_config, load

Write = Callable[[str | bytes], Path]
Found = Callable[[str | bytes], list[Finding]]

RIGHT = "# 邻里\n[districts.yue]\nname = '岳阳楼区'\nplugins = [\n  'venues',\n]\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[server]\nport = \n", 2),
        ("[server]\nport = 1\nport = 2\n", 3),
        ("[server]\n\n[server]\n", 3),
        ("[server\nport = 1\n", 1),
        ("[server]\nhost = 'x\nport = 1\n", 2),
        ('[server]\nhost = "x\nport = 1\n', 2),
        ("[server]\nhost = '''x\n\n", 3),
        ("x = [1,\n2\n", 2),
        ("[server]\r\nport = 1\r\nport = 2\r\n", 3),
        ("x = 1\n\x00", 2),
    ],
)
def test_what_is_no_toml_is_reported_with_its_line(found: Found, text: str, line: int) -> None:
    [finding] = found(text)

    assert (finding.code, finding.line) == ("TOML_SYNTAX", line)
    assert finding.found.startswith("not valid TOML: ")


def test_a_text_without_quotes_is_recognised(found: Found) -> None:
    [finding] = found("[districts.yue]\nname = 岳阳楼区\n")

    assert finding.render() == "linli.toml:2: not valid TOML: Invalid value, column 8 (texts stand in quotes)"


def test_a_file_that_is_not_utf8_is_reported_with_its_line(found: Found) -> None:
    [finding] = found("[districts.yue]\n\nname = '岳阳'\n".encode("gb18030"))

    assert finding.render() == "linli.toml:3: byte 0xd4 is not UTF-8 (save the file as UTF-8)"


def test_other_encodings_and_nothing_at_all_are_reported(found: Found) -> None:
    [utf16] = found("[districts.yue]\nname = 'x'\n".encode("utf-16"))
    assert utf16.render() == "linli.toml:1: byte 0xff is not UTF-8 (save the file as UTF-8)"
    [empty] = found("")
    assert empty.render() == "linli.toml:1: districts: there is no district (add [districts.KEY] with a name)"


def test_what_is_nested_without_end_is_no_configuration(found: Found) -> None:
    [finding] = found("x = " + "[" * 3000)
    assert (finding.code, finding.found) == ("TOML_SYNTAX", "nested too deeply")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "linli.toml"
    file.write_text(RIGHT, "utf-8")
    file.chmod(0)
    [finding] = check(file, [])
    assert (finding.code, "Permission denied" in finding.found) == ("UNREADABLE", True)


@pytest.mark.parametrize("content", [RIGHT.encode("utf-8-sig"), RIGHT.replace("\n", "\r\n").encode()])
def test_windows_files_are_read(found: Found, content: bytes) -> None:
    assert found(content) == []
    assert found(content.replace(b"venues", b"venue"))[0].line == 5


def test_a_missing_file_is_reported_with_the_ways_to_one(tmp_path: Path) -> None:
    [finding] = check(tmp_path / "linli.toml", [])

    assert finding.code == "UNREADABLE"
    assert finding.render() == (
        f"{tmp_path}/linli.toml: cannot be read: No such file or directory "
        "(`linli init DIR` writes one; --config PATH or LINLI_CONFIG names another)"
    )


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    assert check(tmp_path, [])[0].found == "cannot be read: Is a directory"


def test_loading_what_is_wrong_raises_everything_at_once(write: Write, installed: list[InstalledPlugin]) -> None:
    path = write("[server]\nport = 'x'\n[districts.yue]\nplugins = ['elderly-care', 'venue']\n")

    with pytest.raises(ConfigurationError) as caught:
        load(path, installed)

    assert list(caught.value.findings) == check(path, installed)
    assert [finding.code for finding in caught.value.findings] == [
        "WRONG_TYPE",
        "MISSING_KEY",
        "UNKNOWN_PLUGIN",
        "REGULATED_OFF",
    ]
    assert str(caught.value).count("\n") == 3


def test_warnings_and_notes_stop_nothing(write: Write, installed: list[InstalledPlugin]) -> None:
    path = write(RIGHT.replace("'venues'", "'elderly-care'") + "[districts.yue.settings.venues]\n")

    assert load(path, installed).districts["yue"].plugins == ("elderly-care",)
    assert len(check(path, installed)) == 2


def test_plugins_may_be_given_by_name(write: Write, installed: list[InstalledPlugin]) -> None:
    assert check(write(RIGHT), {plugin.name: plugin for plugin in installed}) == []


def test_the_file_is_the_one_named_else_the_variables_else_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_config() == Path("linli.toml")
    monkeypatch.setenv("LINLI_CONFIG", "etc/other.toml")
    assert find_config() == Path("etc/other.toml")
    assert find_config(Path("named.toml")) == Path("named.toml")
