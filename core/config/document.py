"""A configuration before it is checked: file and environment in one, every value with the place it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .environment import read_environment, variable_of, variables
from .findings import Finding, Severity, did_you_mean, listing
from .installed import Installed
from .models import Configuration
from .positions import KeyPath, positions
from .reading import parse, read_text
from .references import Problem, References, paths_of_texts

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PASSWORD = re.compile(r"(?<=://).*(?=@)|(?<=password=)[^&]*", re.DOTALL)
_SHOWN = 60  # characters of a value that a finding repeats


@dataclass(frozen=True)
class Document:
    """What is configured, unchecked.

    `data` has references resolved and the environment laid over the file, both as texts until validation reads them
    as what their keys take; `lines` are those of the file; `written` holds the references as they are written,
    `problems` those that lead nowhere.
    """

    file: Path
    data: dict[str, Any]
    overlay: Mapping[str, Any]
    lines: Mapping[KeyPath, int]
    written: Mapping[KeyPath, str]
    problems: tuple[Problem, ...]

    @property
    def districts(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables under `districts`; what is no table there is refused elsewhere."""
        stated = self.table("districts")
        return {key: district for key, district in stated.items() if isinstance(district, dict)}

    def table(self, *path: str | int) -> Mapping[str, Any]:
        """The table at a path; empty where there is none."""
        value = at(self.data, path)
        return value if isinstance(value, dict) else {}

    def is_text(self, path: KeyPath) -> bool:
        """Whether the value was brought by the environment or a reference, which know nothing but texts."""
        return path in self.written or path in set(paths_of_texts(self.overlay))

    def is_unresolved(self, path: KeyPath) -> bool:
        """Whether a reference stands there that leads nowhere."""
        return any(problem.path == path for problem in self.problems)

    def reference(self, path: KeyPath) -> str | None:
        """The reference, as written, that brought the value at `path` or what it stands in."""
        lengths = range(len(path), 0, -1)
        return next((self.written[path[:length]] for length in lengths if path[:length] in self.written), None)

    def finding(
        self,
        path: KeyPath,
        code: str,
        found: str,
        allowed: str | None = None,
        suggestion: str | None = None,
        *,
        where: KeyPath | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding about the value at `path`; `where` when it is said of something around that value."""
        file, line = self._place(path)
        return Finding(severity, file, line, dotted(path if where is None else where), code, found, allowed, suggestion)

    def shown(self, path: KeyPath) -> str:
        """The value at `path` as a finding may show it: references as written, passwords hidden, never long."""
        value = self.reference(path) or at(self.data, path)
        if isinstance(value, (dict, list)):
            return "a table" if isinstance(value, dict) else "a list"
        text = _PASSWORD.sub("***", value) if isinstance(value, str) else value
        shown = json.dumps(text, ensure_ascii=False, default=str)
        return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."

    def _place(self, path: KeyPath) -> tuple[str, int | None]:
        """The file and the line, or the variable; a value that is missing belongs to the table around it."""
        while path and not (has(self.overlay, path) or path in self.lines):
            path = path[:-1]
        variable = variable_of(path) if has(self.overlay, path) else None
        if variable is not None:
            return f"environment variable {variable}", None
        return str(self.file), self.lines.get(path, 1)


def read_document(file: Path, installed: Installed) -> Document:
    """Read a file and the environment; raises UnreadableError when the file holds no TOML."""
    text = read_text(file)
    stated = parse(file, text)
    overlay = read_environment(installed)
    references = References()
    data = references.resolve(_merged(stated, overlay), file.absolute().parent)
    return Document(file, data, overlay, positions(text), references.written, tuple(references.problems))


def findings_of_reading(document: Document) -> Iterator[Finding]:
    """References that lead nowhere, and variables that mean no key."""
    for problem in document.problems:
        yield document.finding(problem.path, problem.code, problem.found, None, problem.suggestion)
    for name, path in variables():
        if variable_of(path) != name or not _reaches(document.overlay, path):
            yield _unknown_variable(name, path)


def at(value: Any, path: KeyPath) -> Any:
    """The value at a path, or None."""
    for part in path:
        if not _holds(value, part):
            return None
        value = value[part]
    return value


def has(value: Any, path: KeyPath) -> bool:
    """Whether there is a value at a path; there is none at the empty one."""
    return bool(path) and _holds(at(value, path[:-1]), path[-1])


def dotted(path: KeyPath) -> str:
    """A path as TOML writes it: `districts.yueyanglou.plugins[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += "." * bool(text) + (part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False))
    return text


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)


def _reaches(overlay: Mapping[str, Any], path: KeyPath) -> bool:
    """Whether a variable's value arrived; keys count as equal whether written with `-` or `_`."""
    value: Any = overlay
    for part in path:
        folded = {str(key).replace("-", "_"): key for key in value} if isinstance(value, dict) else {}
        if part not in folded:
            return False
        value = value[folded[str(part)]]
    return True


def _unknown_variable(name: str, path: KeyPath) -> Finding:
    sections = sorted(Configuration.model_fields)
    section = str(path[0])
    suggestion = did_you_mean(section, sections) if section not in sections else "another variable states its table"
    place = f"environment variable {name}"
    found = f'means no key of the configuration: "{dotted(path)}"'
    return Finding(
        Severity.ERROR, place, None, dotted(path), "UNKNOWN_KEY", found, listing("sections", sections), suggestion
    )


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged
