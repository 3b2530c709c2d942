"""References to values that do not belong in the file, secrets above all: `"$env:NAME"` and `"$file:PATH"`.

The whole text is the reference. A file is UTF-8, its path relative to linli.toml; one line break at its end does not
count. What a reference brings is read as a text, or as TOML where the key takes no text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .positions import KeyPath

_REFERENCE = re.compile(r"\$(env|file):(.+)", re.DOTALL)
_ATTEMPT = re.compile(r"\$(env|file)\b")
_SPELLINGS = '"$env:NAME" or "$file:PATH"'


@dataclass(frozen=True)
class Problem:
    """A reference that leads nowhere."""

    path: KeyPath
    code: str
    found: str
    suggestion: str


@dataclass
class References:
    """The references of a configuration: as written, by the place where they stand, and those that lead nowhere."""

    written: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def resolve(self, value: Any, folder: Path, path: KeyPath = ()) -> Any:
        """`value` with every reference in it replaced by what it refers to."""
        if isinstance(value, dict):
            return {key: self.resolve(item, folder, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item, folder, (*path, index)) for index, item in enumerate(value)]
        if isinstance(value, str) and _ATTEMPT.match(value):
            return self._follow(value, folder, path)
        return value

    def _follow(self, reference: str, folder: Path, path: KeyPath) -> str:
        self.written[path] = reference
        try:
            return _target(reference, folder)
        except _MissingError as error:
            self.problems.append(Problem(path, error.code, f'"{reference}" {error}', error.suggestion))
            return reference


class _MissingError(Exception):
    def __init__(self, found: str, suggestion: str, code: str = "MISSING_REFERENCE") -> None:
        self.suggestion = suggestion
        self.code = code
        super().__init__(found)


def _target(reference: str, folder: Path) -> str:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise _MissingError("is not a reference", f"write {_SPELLINGS}", "MALFORMED_REFERENCE")
    kind, name = match.groups()
    text = _variable(name) if kind == "env" else _content(folder / name)
    if not text:
        raise _MissingError("is empty", "give it a value")
    return text


def _variable(name: str) -> str:
    if name not in os.environ:
        raise _MissingError("names a variable that is not set", f"set {name} in the server's environment")
    return os.environ[name]


def _content(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise _MissingError(f"cannot be read: {error.strerror}", f"looked for {file}") from error
    except UnicodeDecodeError as error:
        raise _MissingError("is not UTF-8", f"save {file} as UTF-8") from error
    return re.sub(r"\r?\n\Z", "", text)


def paths_of_texts(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The ways to all texts within a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_of_texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths_of_texts(item, (*path, index))
    elif isinstance(value, str):
        yield path
