from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import linli.core.cli
import linli.schema.commands
from linli.core.cli.language import half, in_words, language, words
from linli.core.errors import text

PACKAGES = [Path(str(package.__file__)).parent for package in (linli.core.cli, linli.schema.commands)]


@pytest.mark.parametrize(
    ("variables", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_TW"}, "zh-CN"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh-CN"),
        ({"LINLI_LANG": "zh", "LC_ALL": "C"}, "zh-CN"),
        ({"LINLI_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
    ],
)
def test_the_language_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], chosen: str
) -> None:
    monkeypatch.delenv("LANG", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == chosen


@pytest.mark.parametrize(
    ("described", "english", "chinese"),
    [
        ("The port; 0 takes a free one. 端口。", "The port; 0 takes a free one.", "端口。"),
        ("Only English.", "Only English.", "Only English."),
        ("只有中文。", "只有中文。", "只有中文。"),
        ("Two\nlines. 第一行\n第二行", "Two\nlines.", "第一行\n第二行"),
    ],
)
def test_a_description_is_halved(monkeypatch: pytest.MonkeyPatch, described: str, english: str, chinese: str) -> None:
    assert half(described) == english
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert half(described) == chinese


def test_texts_in_texts_are_translated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    told = words("error: {message}", message=words("no command; expected one of: {listed}", listed="x"))
    assert in_words(told) == "error: no command; expected one of: x"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert in_words(told) == "错误：缺少命令；应为其中之一：x"


def test_what_no_catalogue_has_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert in_words(text("nobody translated {this}", domain="cli", this=1)) == "nobody translated 1"
    assert in_words("as it is {}") == "as it is {}"


def used(folder: Path) -> set[str]:
    """The templates of all texts under a folder; each stands where it is used."""
    found = set()
    for file in folder.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "words":
                assert isinstance(call.args[0], ast.Constant), f"{file}:{call.lineno}"
                found.add(str(call.args[0].value))
    return found


def translated(folder: Path) -> dict[str, str]:
    with (folder / "locale" / "zh_CN.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def places(template: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("folder", PACKAGES, ids=str)
def test_every_text_is_translated_and_no_other(folder: Path) -> None:
    assert used(folder) == translated(folder).keys()


@pytest.mark.parametrize("folder", PACKAGES, ids=str)
def test_translations_keep_the_places(folder: Path) -> None:
    assert [one for one, chinese in translated(folder).items() if places(one) != places(chinese)] == []
