"""In which language the command line talks: Chinese or English, as the operator's locale says. 命令行语言。"""

from __future__ import annotations

import os
import re
from importlib.resources import files

from linli.core import errors
from linli.core.errors import Text
from linli.core.languages import add_catalogue, translate

ENGLISH, CHINESE = "en", "zh-CN"
DOMAIN = "cli"
VARIABLES = ("LINLI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")

_BOUNDARY = re.compile(r"(?<=\s)(?=[\u3000-\u9fff\uff00-\uffef])")

add_catalogue(DOMAIN, files("linli.core.cli").joinpath("locale"))


def language() -> str:
    """The operator's language: what LINLI_LANG says, else the locale for messages (POSIX.1-2024, 8.2)."""
    stated = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    return CHINESE if stated.lower().startswith("zh") else ENGLISH


def words(template: str, /, **params: object) -> Text:
    """A text of the command line's own, with its translation in this package's catalogue."""
    return errors.text(template, domain=DOMAIN, **params)


def in_words(message: Text | str) -> str:
    """A text in the operator's language; what is no Text has none and stays as it is."""
    if isinstance(message, str):
        return message
    chosen = language()
    shown = Text(message.template, {name: _shown(value) for name, value in message.params.items()}, message.domain)
    return str(shown) if chosen == ENGLISH else translate(shown, chosen)


def half(described: str) -> str:
    """Of a description "English. 中文。" the part in the operator's language; all of it where it has only one."""
    english, *chinese = _BOUNDARY.split(described, maxsplit=1)
    return english.strip() if language() == ENGLISH or not chinese else chinese[0].strip()


def _shown(value: object) -> object:
    return in_words(value) if isinstance(value, Text) else value
