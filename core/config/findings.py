"""What a reader of configuration found: where, what stands there, what is allowed, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: with an ERROR nothing starts, a WARNING has no effect, a NOTE is for information."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


@dataclass(frozen=True)
class Finding:
    """One remark on a configuration. 配置检查结果。

    `file` is the file as it was named, or the environment variable that is meant; `line` counts from 1 and is None
    where there is no line; `where` is the dotted key; `code` is stable; `found`, `allowed` and `suggestion` are
    phrases in English and show no value that a reference brought in or that is declared secret.
    """

    severity: Severity
    file: str
    line: int | None
    where: str
    code: str
    found: str
    allowed: str | None = None
    suggestion: str | None = None

    def render(self) -> str:
        """One line as compilers write them: `linli.toml:14: where: found (suggestion); allowed`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        severity = "" if self.severity is Severity.ERROR else self.severity.lower()
        text = ": ".join(part for part in (place, severity, self.where, self.found) if part)
        suggestion = f" ({self.suggestion})" if self.suggestion else ""
        allowed = f"; {self.allowed}" if self.allowed else ""
        return f"{text}{suggestion}{allowed}"


class ConfigurationError(Exception):
    """A configuration that nothing may start with; carries every finding, the harmless ones too."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.render() for finding in self.findings))


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `word` most probably misspells, or None; case, `-` and `_` count for nothing."""
    by_fold = {_fold(candidate): candidate for candidate in candidates}
    begun = [candidate for candidate in by_fold if word and candidate.startswith(_fold(word))]
    matches = difflib.get_close_matches(_fold(word), by_fold, n=1) or begun
    return by_fold[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The nearest candidate as a question, or None."""
    match = nearest(word, candidates)
    return None if match is None else f'did you mean "{match}"?'


def listing(label: str, names: Iterable[str]) -> str:
    """`label: a, b`, or `label: none`."""
    return f"{label}: {', '.join(names) or 'none'}"


def _fold(word: str) -> str:
    return word.lower().replace("-", "_")
