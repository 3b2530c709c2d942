"""What a district's configuration makes of the retention rules, against the limits of each. 保存期限检查。"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .document import Document, at
from .findings import Finding, did_you_mean, listing
from .positions import KeyPath
from .spans import Span


@dataclass(frozen=True)
class Limits:
    """Between which spans an operator may choose."""

    at_least: Span
    at_most: Span

    def allow(self, span: Span) -> bool:
        """Whether the span lies between them, whatever months it falls into."""
        return not span.is_shorter(self.at_least) and not self.at_most.is_shorter(span)


RetentionLimits: TypeAlias = Mapping[str, Limits]
"""The limits of each rule that may be adjusted, by name."""


def check_retention(document: Document, district: str, limits: RetentionLimits | None) -> Iterator[Finding]:
    """Every rule that is adjusted exists, and is adjusted within what the law allows."""
    table: KeyPath = ("districts", district, "settings", "core", "retention")
    stated = at(document.data, table)
    if limits is None or not isinstance(stated, dict):
        return
    for owner, adjusted in stated.items():
        for rule, written in adjusted.items() if isinstance(adjusted, dict) else ():
            yield from _rule(document, (*table, owner, rule), f"{owner}.{rule}", written, limits)


def _rule(document: Document, path: KeyPath, name: str, written: object, limits: RetentionLimits) -> Iterator[Finding]:
    if name not in limits:
        found = f'unknown retention rule "{name}"'
        yield document.finding(
            path, "UNKNOWN_RETENTION_RULE", found, listing("rules", sorted(limits)), did_you_mean(name, limits)
        )
        return
    try:
        span = Span.read(str(written))
    except ValueError:
        return  # told by the settings' own check
    of_rule = limits[name]
    if not of_rule.allow(span):
        found = f'"{name}" is kept for {span}'
        allowed = f"allowed: {of_rule.at_least} to {of_rule.at_most}"
        yield document.finding(path, "RETENTION_OUT_OF_LIMITS", found, allowed)
