"""What GraphQL itself finds wrong with a request, in the caller's language: graphql-core tells it in English alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from linli.core.errors import Text, text
from linli.core.languages import translate

_ENGLISH = "en"

_KNOWN = (
    (
        r"Variable '(?P<name>[^']+)' has invalid value(?: at \.?(?P<path>\S+))?: (?P<why>.+)",
        lambda groups: text("Variable {name}, {path}: {why}", **groups),
    ),
    (
        r"Expected a value of non-null type '(?P<type>[^']+)' to be provided\.",
        lambda groups: text("a value of type {type} is missing", **groups),
    ),
    (
        r"Value '(?P<value>.+?)' does not exist in '(?P<enum>\w+)' enum\..*",
        lambda groups: text("{enum} has no value {value}", **groups),
    ),
    (
        r"Expected value of type '(?P<type>[^']+)' to include required field '(?P<field>[^']+)'.*",
        lambda groups: text("{type} lacks {field}", **groups),
    ),
    (
        r"Expected value of type '(?P<type>[^']+)' not to include unknown field '(?P<field>[^']+)'.*",
        lambda groups: text("{type} has no field {field}", **groups),
    ),
    (
        r"Expected value of non-null type '(?P<type>[^']+)' not to be None\.",
        lambda groups: text("{type} takes no null", **groups),
    ),
    (
        r"Cannot query field '(?P<field>\w+)' on type '(?P<type>\w+)'\..*",
        lambda groups: text("{type} has no field {field}", **groups),
    ),
    (
        r"(?P<type>\w+) cannot represent (?P<value>.+): expected (?P<expected>.+)",
        lambda groups: text("{value} is no {type}; expected: {expected}", **groups),
    ),
    (r"Syntax Error: (?P<why>.+)", lambda groups: text("The operation is no GraphQL: {why}", **groups)),
)
_PATTERNS = [(re.compile(pattern, re.S), made) for pattern, made in _KNOWN]


_SUGGESTED = re.compile(r" Did you mean (?P<names>[^?]*)\?")
_SUGGESTION = text(" Did you mean {names}?")
_SUGGESTIONS = re.compile(r" Did you mean [^?]*\?|；是否指[^？]*？")


def in_words(message: str, language: str) -> str:
    """A message of graphql-core in a language; as it is in English, and where it is none of those known here."""
    if language == _ENGLISH:
        return message
    suggested = _SUGGESTED.search(message)
    if suggested is None:
        return _bare_in_words(message, language)
    suggestion = translate(replace(_SUGGESTION, params=suggested.groupdict()), language)
    return _bare_in_words(_SUGGESTED.sub("", message), language) + suggestion


def without_suggestions(message: str) -> str:
    """A message without the names of the schema that were nearly right."""
    return _SUGGESTIONS.sub("", message)


def _bare_in_words(message: str, language: str) -> str:
    for pattern, made in _PATTERNS:
        found = pattern.fullmatch(message)
        if found is not None:
            return translate(_filled(made, found.groupdict(default="-"), language), language)
    return message


def _filled(made: Callable[[dict[str, str]], Text], groups: Mapping[str, str], language: str) -> Text:
    told = {name: in_words(value, language) if name == "why" else value for name, value in groups.items()}
    return made(told)
